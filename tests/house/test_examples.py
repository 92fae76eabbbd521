"""No example of README and handbook escapes: each is of a known kind, and what is not run is at least judged."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from providers import catalog
from tests.acceptance.browsers import NAMES
from tests.documents import commands, contract, programs
from tests.documents.pages import KINDS, Block, Inline, blocks, inlines, of, pages, unreadable
from tests.documents.scenes import furnish
from tests.documents.shell import sets_variables, statements
from tests.documents.stand_ins import STAND_INS
from tests.house.checkout import ROOT, files
from workers import folders, servers

SHOWN: Final = tuple(commands.shown())
JSON: Final = re.compile(r'(\{?"\w+": |\{"\w)')
TOML: Final = re.compile(r'[a-z_]+ = "')
OPTION: Final = re.compile(r"(?<!\S)(--[a-z][\w-]*)")


def names(node: str) -> bool:
    """Whether a node of pytest, as `path::function`, is a test."""
    path, _, function = node.partition("::")
    return (ROOT / path).is_file() and f"\ndef {function}(" in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_every_block_is_of_a_kind_that_is_tested(block: Block) -> None:
    known = "\n".join(f"  ```{kind}   {told}" for kind, (_, told) in KINDS.items())

    assert block.kind in KINDS, f"{block} begins with ```{block.language} {block.wish}; what there is:\n{known}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_test_that_asks_for_its_blocks(kind: str) -> None:
    test, _ = KINDS[kind]

    assert names(test)
    assert f'"{kind}"' in (ROOT / test.partition("::")[0]).read_text("utf-8")


def test_no_code_hides_in_what_has_no_language() -> None:
    assert list(unreadable()) == [], "write it between ``` and ```, with a language"


@pytest.mark.parametrize("shown", SHOWN, ids=str)
def test_a_command_is_taken(shown: Inline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(furnish(tmp_path))

    assert commands.complaint(shown.text) is None, f"{shown.page}:{shown.line}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./meetingmind analyse standup.vtt", "No such command"),
        ("./meetingmind budgets put tenant", "No such command"),
        ("./meetingmind budgets set tenant --perod month", "No such option"),
        ("./meetingmind replay job_1", "Missing option '--strategy'"),
        ("./meetingmind test tests/gone", "no such tests"),
        ("./meetingmind dev gone", "no such tool"),
        ("docker compose exec gone python -P -m api", "no such service"),
        ("docker compose exec worker-ask python -P -m api.cli docter", "No such command"),
        ("python -P -m ops.gone", "no such module"),
        ("ops/gone", "no such script"),
        ("meetingmind doctor", "unknown here"),
    ],
)
def test_a_wrong_command_is_complained_of(text: str, said: str) -> None:
    assert said in (commands.complaint(text) or "taken")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--faultss=3"], "unrecognized"), (["--jobs", "many"], "a number from 1"), (["--jobs", "3"], None)],
)
def test_a_drill_is_held_to_its_own_parser(arguments: list[str], said: str | None) -> None:
    found = programs.complaint("ops.drills.storm", tuple(arguments))

    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize("command", STAND_INS)
def test_what_is_not_run_is_still_shown_and_tested_in_another_way(command: str) -> None:
    assert command in {inline.text for inline in SHOWN}, "no document shows it any more: take the entry out"
    assert STAND_INS[command].reason
    assert names(STAND_INS[command].test)


@pytest.mark.parametrize(
    "page", [page for page in pages() if any(OPTION.match(one.text) for one in inlines() if one.page == page)]
)
def test_an_option_in_the_prose_is_one_of_a_command_of_the_page(page: str) -> None:
    shown = {
        one
        for inline in inlines()
        if inline.page == page
        for one in OPTION.findall(inline.text)
        if OPTION.match(inline.text)
    }

    assert shown <= commands.options_on(page)


@pytest.mark.parametrize("shown", [one for one in inlines() if contract.REQUEST.match(one.text)], ids=str)
def test_a_request_in_the_prose_is_in_the_contract(shown: Inline) -> None:
    assert contract.unknown_in(shown.text) is None


@pytest.mark.parametrize("shown", [one for one in inlines() if JSON.match(one.text) and one.text[-1] != "|"], ids=str)
def test_json_in_the_prose_is_known_to_the_contract(shown: Inline) -> None:
    found = contract.members(shown.text)

    judged = [contract.violations_of_part(found, name) for name in contract.components_with(found)]
    assert [] in judged, judged or f"nothing in the contract has {sorted(found)}"


@pytest.mark.parametrize("block", of("json part"), ids=str)
def test_a_part_of_an_answer_is_as_the_contract_has_it(block: Block) -> None:
    component = block.wish.partition(" ")[2]

    assert contract.violations_of_part(contract.members(block.text), component) == []


@pytest.mark.parametrize("page", sorted({block.page for block in of("toml catalog")}))
def test_what_a_page_adds_to_the_catalog_loads(page: str) -> None:
    text = "\n".join(block.text for block in of("toml catalog") if block.page == page)

    assert catalog.load(text) != catalog.load()


@pytest.mark.parametrize("shown", [one for one in inlines() if TOML.match(one.text)], ids=str)
def test_a_field_in_the_prose_is_one_of_the_catalog(shown: Inline) -> None:
    fields = catalog.ProviderCard.model_fields | catalog.ModelCard.model_fields

    assert tomllib.loads(shown.text).keys() <= fields.keys()


@pytest.mark.parametrize("block", [*of("env"), *of("sh")], ids=str)
def test_a_variable_that_is_set_exists(block: Block) -> None:
    """In `ops/env.example`, or in what the page adds to the catalog. URL and KEY are the reader's own."""
    lines = block.text.splitlines() if block.kind == "env" else filter(sets_variables, statements(block.text))
    set_here = {name for line in lines for name in re.findall(r"\b([A-Z][A-Z0-9_]*)=", line)}
    added = "".join(one.text for one in of("toml catalog") if one.page == block.page)
    known = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (ROOT / "ops/env.example").read_text("utf-8"), re.MULTILINE))

    assert set_here <= known | set(re.findall(r'_variable = "(\w+)"', added)) | {"URL", "KEY"}


def test_by_hand() -> None:
    """What README has those do who do without the script is what the script does: a venv, the lock with its hashes."""
    script = (ROOT / "meetingmind").read_text("utf-8")

    assert "requirements.lock" in files()
    assert "--hash=sha256:" in (ROOT / "requirements.lock").read_text("utf-8")
    assert '-P -m api.cli "$@"' in script
    assert "--require-hashes" in script


def test_the_browser_that_is_installed_is_looked_for() -> None:
    assert "chromium" in NAMES


def test_the_embedded_database_is_reached_as_the_handbook_says(tmp_path: Path) -> None:
    with folders.held(tmp_path) as place:
        server = servers.postgres(place)

    assert any("unix_socket_directories" in word for word in server.program.argv)
    assert re.match(r"postgresql.*://meetingmind@.*/meetingmind\b", server.url)
