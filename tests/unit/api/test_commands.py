"""Every command keeps the promises of all: it explains itself and each of its options, and prints JSON on demand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from api.cli.commands import EXIT_CODES, app

HANDBOOK = Path(__file__).resolve().parents[3] / "ops" / "handbook" / "command-line.md"

# What they print is for programs as it stands, or nothing.
WITHOUT_JSON = {
    "test": "says where the tests are run",
    "export": "prints the export in the format that was asked for, JSON among them",
    "batches results": "prints NDJSON",
    "emulator": "prints JSON",
    "completion": "prints a script",
}
WANTED = (
    "up demo submit analyze jobs show cancel retry replay compare batch batches plan costs budgets providers webhooks"
    " keys events audit dead-letters doctor drill emulator export erase feedback templates completion test"
)


def commands(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each command with its whole name, groups that print something themselves included."""
    for word, command in group.commands.items():
        whole = f"{name} {word}".strip()
        if hasattr(command, "commands"):
            yield from commands(command, whole)
            if not command.invoke_without_command:
                continue
        yield whole, command


ALL = dict(commands(typer.main.get_command(app)))


def test_there_is_a_command_for_everything() -> None:
    assert {name.split()[0] for name in ALL} == set(WANTED.split())


@pytest.mark.parametrize("name", ALL)
def test_a_command_explains_itself_and_each_of_its_options(name: str) -> None:
    assert re.match(r"[A-Z].+\.$", (ALL[name].help or "").split("\n\n")[0].replace("\n", " "))
    for parameter in ALL[name].params:
        assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", ALL)
def test_what_a_command_prints_it_prints_as_json_too(name: str) -> None:
    options = {option for parameter in ALL[name].params for option in parameter.opts}

    assert ("--json" in options) is (name not in WITHOUT_JSON)


def test_what_is_said_of_commands_without_json_is_said_of_commands() -> None:
    assert set(WITHOUT_JSON) < set(ALL)


def test_the_exit_codes_of_the_help_are_those_of_the_handbook() -> None:
    table = set(re.findall(r"^\| (\d+) \|", HANDBOOK.read_text("utf-8"), re.MULTILINE))

    assert set(re.findall(r"\b\d+\b", EXIT_CODES)) == table - {"78"}  # which is a process of the service, not a command


def test_the_handbook_names_each_command() -> None:
    text = HANDBOOK.read_text("utf-8")

    assert [name for name in ALL if f"`{name}" not in text and f"`{name.split()[0]}" not in text] == []
