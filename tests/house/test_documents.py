"""The written parts say what is so: decisions name files that exist, tables are complete."""

import ast
import re

import pytest

from tests.house.checkout import PACKAGES, ROOT, files, rooms

DECISIONS = [path for path in files() if path.startswith("ops/adr/")]
HANDBOOK = [path for path in files() if path.startswith("ops/handbook/") and path.endswith(".md")]
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "Files"]
MOST_LINES = 60


def read(path: str) -> str:
    return (ROOT / path).read_text()


def paths_in(text: str) -> set[str]:
    """What a text names in backquotes that can only be a path of this checkout."""
    return set(re.findall(rf"`((?:{'|'.join((*PACKAGES, 'ops', 'tests'))})/[\w./-]+\w)`", text))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.split("/")[-1][:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS)
def test_a_decision_is_short_whole_and_says_where_it_stands(path: str) -> None:
    text = read(path)

    assert len(text.splitlines()) < MOST_LINES
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.match(rf"# {path.rsplit('/', maxsplit=1)[-1][:4]} \S.+\n\nStatus: (accepted|superseded by \d{{4}})", text)


@pytest.mark.parametrize("path", DECISIONS)
def test_a_decision_names_where_it_is_carried_out(path: str) -> None:
    named = set(re.findall(r"`([^`]+)`", read(path).split("## Files")[1]))

    assert named
    assert named <= set(files())


@pytest.mark.parametrize("path", [*DECISIONS, *HANDBOOK, "CHANGELOG.md"])
def test_a_document_names_no_file_that_is_not_there(path: str) -> None:
    placeholders = {name for name in paths_in(read(path)) if name.endswith(("/x.py", "/loudest.py"))}
    known = {
        *files(),
        *(folder.rsplit("/", depth)[0] for folder in files() for depth in range(1, folder.count("/") + 1)),
    }

    assert paths_in(read(path)) - placeholders <= known


def test_operations_explain_every_event_that_is_logged_and_no_other() -> None:
    lines = {f"log.{level}" for level in ("debug", "info", "warning", "error", "exception")}
    logged = {
        word.value
        for path in rooms()
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in lines
        for word in ast.walk(node.args[0])  # the event, or one of two
        if isinstance(word, ast.Constant)
    }
    table = read("ops/handbook/operations.md").split("## What the logs say")[1].split("## ")[0]
    explained = set(re.findall(r"`([a-z_*]+\.[a-z_]+)`", table))

    assert logged == explained


def test_the_variables_that_operations_speak_of_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", read("ops/handbook/operations.md")))

    assert named
    assert all(f"{name}=" in read("ops/env.example") for name in named)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_glossary_has_no_empty_meaning_and_the_rooms_table_every_package(package: str) -> None:
    text = read("ops/handbook/architecture.md")
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text.split("## Words")[1].split("## Rooms")[0], re.MULTILINE)

    assert len(rows) > 20
    assert all(meaning.strip() for _, meaning in rows)
    assert f"| `{package}` |" in text
