"""The examples of README and handbook, run one by one against a running service. See tests/documents/pages.py.

One town for all: with the handbook's own provider beside the emulated ones, and with a receiver of webhooks. To extend
it: a kind of block is a row of KINDS there; a placeholder has a row in tests/documents/shell.py, its value in
tests/acceptance/examples_town.py, and one for parsers in tests/documents/commands.py; a file is a line in
tests/documents/scenes.py; what cannot run has an entry in tests/documents/stand_ins.py.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from orchestrator.storage.engine import driver_url
from tests.acceptance.conftest import Build
from tests.acceptance.examples import Reader, assert_went_well
from tests.acceptance.examples_town import reading
from tests.documents import contract
from tests.documents.pages import Block, Inline, inlines, of
from tests.documents.scenes import furnish
from tests.documents.shell import filled, pattern, sets_variables, statements
from tests.documents.stand_ins import STAND_INS
from tests.house.checkout import ROOT

SQL = re.compile(r"(SELECT|UPDATE|INSERT|DELETE FROM|SET ROLE|WITH)\s")
REDIS = re.compile(r"(?:redis-cli )?(HGETALL|LLEN) (\S+)$")
OF = {"HGETALL": b"hash", "LLEN": b"list"}


@pytest.fixture(scope="module")
def reader(build_town: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(build_town, tmp_path_factory.mktemp("reader")) as found:
        yield found


@pytest.mark.parametrize("block", of("sh"), ids=str)
def test_a_shell_example_runs(block: Block, reader: Reader, tmp_path: Path) -> None:
    """Each statement in turn, in one folder; what tests/documents/stand_ins.py names is tested elsewhere."""
    before = ""
    folder = furnish(tmp_path)

    for statement in statements(block.text):
        if sets_variables(statement):
            before += statement + "\n"
        elif statement not in STAND_INS:
            assert_went_well(reader.run(statement, folder, before), folder)

    assert before == "" or reader.run("true", folder, before).status == 0


@pytest.mark.parametrize("block", of("console"), ids=str)
def test_a_console_example_prints_what_it_shows(block: Block, reader: Reader, tmp_path: Path) -> None:
    """The output begins with what is shown; ids and numbers may differ."""
    command, _, shown = block.text.removeprefix("$ ").partition("\n")
    assert block.text.startswith("$ ")
    assert "\n$ " not in shown, "one command in each block"

    ran = reader.run(command, furnish(tmp_path))

    assert_went_well(ran, tmp_path)
    assert pattern(shown).match(ran.out.lstrip()), ran.out[:3000]


@pytest.mark.parametrize("block", of("text output"), ids=str)
def test_a_command_prints_what_is_shown(block: Block, reader: Reader, tmp_path: Path) -> None:
    command = block.wish.partition(" ")[2]

    ran = reader.run(command, furnish(tmp_path))

    assert_went_well(ran, tmp_path)
    assert pattern(block.text).fullmatch(ran.out.strip()), ran.out


@pytest.mark.parametrize("shown", [one for one in inlines() if one.text.endswith(" --help")], ids=str)
def test_help_that_the_prose_names_is_given(shown: Inline, reader: Reader, tmp_path: Path) -> None:
    ran = reader.run(shown.text, furnish(tmp_path))

    assert_went_well(ran, tmp_path)
    assert "usage" in ran.out.lower()


@pytest.mark.parametrize("block", of("json POST"), ids=str)
def test_a_body_is_accepted(block: Block, reader: Reader) -> None:
    """And a job that is made of it succeeds."""
    path = block.wish.split()[1]

    answer = reader.town.product.http.post(path, json=json.loads(filled(block.text, reader.values)))

    assert answer.status_code < 300, answer.text
    if path == "/v1/jobs":
        assert reader.town.product.end_of(answer.json()["id"])["status"] == "succeeded"


@pytest.mark.parametrize("block", of("http webhook"), ids=str)
def test_a_delivery_has_the_headers_and_the_body_that_are_shown(block: Block, reader: Reader) -> None:
    head, _, body = block.text.partition("\n\n")
    shown = dict(re.findall(r"^([\w-]+): (\S+)", head, re.MULTILINE))
    came = reader.receiver.seen[0]

    assert shown.keys() == {name for name in came.headers if name.startswith("webhook-")}
    for name, value in shown.items():
        assert pattern(value).fullmatch(came.headers[name]), name
    assert shape(contract.members(body)) == shape(json.loads(came.body))


def shape(value: object) -> object:
    """Which members there are, and of which type; what is elided in the document says nothing of its inside."""
    if isinstance(value, dict):
        return {name: "an object" if name == "links" else shape(inner) for name, inner in value.items()}
    return type(value).__name__


def in_sql(block: Block | Inline) -> list[str]:
    without_comments = re.sub(r"^--.*$", "", block.text, flags=re.MULTILINE)
    return [statement for part in without_comments.split(";") if (statement := part.strip())]


@pytest.mark.parametrize("shown", [*of("sql"), *(one for one in inlines() if SQL.match(one.text))], ids=str)
def test_sql_runs_on_a_database_in_use(shown: Block | Inline, reader: Reader) -> None:
    """As the all-seeing role, as the pages say. An UPDATE finds its row. All is undone."""
    url = driver_url(reader.town.product.processes.environment["DATABASE_URL"]).replace("+psycopg", "")
    values = {**reader.values, "job_id = ...": f"job_id = '{reader.values['JOB']}'"}

    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE meetingmind_system")
        for statement in in_sql(shown):
            found = connection.execute(filled(statement, values).encode())
            assert found.rowcount > 0 or not statement.startswith("UPDATE"), statement
        connection.rollback()


@pytest.mark.parametrize("shown", [one for one in inlines() if REDIS.match(one.text)], ids=str)
def test_a_key_of_redis_is_of_the_kind_that_is_shown(shown: Inline, reader: Reader) -> None:
    """One that is not there now, as nothing is held and nothing lost, is at least named in the code."""
    command, key = REDIS.findall(shown.text)[0]
    name = re.sub(r"\d{4}-\d{2}", _month(), filled(key, reader.values).removeprefix("mm:"))

    kind = reader.town.redis.type(f"{reader.town.redis_prefix}{name}")

    assert kind == OF[command] or (kind == b"none" and any(f'{name}"' in text for text in _code()))


def _code() -> list[str]:
    return [path.read_text("utf-8") for path in (ROOT / "orchestrator").rglob("*") if path.suffix in {".py", ".lua"}]


def _month() -> str:
    return f"{datetime.now(UTC):%Y-%m}"
