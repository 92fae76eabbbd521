"""Whether a command line that a document shows would be taken: subcommands, options and their values. It is not run."""

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.documents import product, programs
from tests.documents.pages import Inline, inlines, of
from tests.documents.shell import filled, sets_variables, spelled_out, statements
from tests.documents.stand_ins import STAND_INS
from tests.house import compose
from tests.house.checkout import ROOT

# What stands for something else, by what the parsers take.
VALUES: Final = {
    "https://hooks.example.com/meetingmind": "https://hooks.example.com/meetingmind",
    "JOB...": "job_1",
    "FILE...": "standup.vtt",
    "FILE": "standup.vtt",
    "DIR": "meetings",
    "FOLDER": "meetings",
    "SCENARIO": "first-three-down",
    "PROVIDER": "openai",
    "TOOL": "ruff",
    "PATH": "report.html",
    "NAME": "name",
    "SEED": "1",
    "JOB": "job_1",
    "PROFILE": "ask",
    "N": "1",
}
UNKNOWN: Final = "unknown here: write it as ./meetingmind ..., or give it an entry in tests/documents/stand_ins.py"
_PROGRAMS: Final = re.compile(
    r"(\./|\.venv/)?(meetingmind|bin/\w+|python3?|docker|curl|psql|pg_dump|redis-cli|apt|apt-get|cp|pip|node|npm|git)$"
)
_SCRIPTS: Final = re.compile(r"ops/\w+$")
_SETTINGS: Final = re.compile(r"^(?:[A-Z][A-Z0-9_]*=\S*\s+)+")
_COMPOSE: Final = {"up": False, "stop": False, "exec": True, "run": True}  # whether a service and a command follow


def is_command(text: str) -> bool:
    """Whether it would be typed: a program of ours or of the system's, or a subcommand of ours with words behind it."""
    found = _SETTINGS.sub("", text).split()
    if not found:
        return False
    ours = product.is_subcommand(found[0])
    return bool((len(found) > 1 and (ours or _PROGRAMS.match(found[0]))) or _SCRIPTS.match(found[0]))


def shown() -> Iterator[Inline]:
    """Every command that a document shows, in a block or in its prose, by where it stands."""
    for block in of("sh"):
        yield from (Inline(block.page, block.line, text) for text in statements(block.text) if not sets_variables(text))
    yield from (inline for inline in inlines() if is_command(inline.text))


def complaint(text: str) -> str | None:
    """What is wrong with a command, in words; None if it would be taken."""
    if text in STAND_INS and not text.startswith(("./meetingmind", "python ", "docker ")):
        return None
    line = filled(_SETTINGS.sub("", text), VALUES)
    return next(filter(None, map(_judged, spelled_out(line))), None)


def options_on(page: str) -> set[str]:
    """The options of all commands that a page shows."""
    found = {"--help"}  # every command has it
    for shown_here in (one for one in shown() if one.page == page):
        for line in spelled_out(filled(shown_here.text, VALUES)):
            match _without_flags(line):
                case ["python", "-m", module, *arguments] if module != "api.cli":
                    programs.learn(_program_lines())
                    found |= programs.options(module, tuple(arguments))
                case [_, *arguments]:
                    found |= product.options(line if product.is_subcommand(line[0]) else arguments)
    return found


def _judged(line: list[str]) -> str | None:
    line = line[: next((place for place, word in enumerate(line) if word in {">", ">>", "<"}), len(line))]
    found: str | None = UNKNOWN
    match _without_flags(line):
        case ["./meetingmind", "dev", "python", *arguments]:
            found = _judged(["python", *arguments])
        case ["./meetingmind", *arguments]:
            found = product.complaint(arguments)
        case [program, *_] if product.is_subcommand(program):
            found = product.complaint(line)
        case ["python", "-m", module, *arguments]:
            found = _module(module, tuple(arguments))
        case ["docker", "compose", wish, *arguments]:
            found = _container(wish, arguments)
        case [script] if _SCRIPTS.match(script):
            found = None if os.access(ROOT / script, os.X_OK) else f"no such script: {script}"
        case ["curl" | "redis-cli", *_]:
            found = None  # in a block it is run, by tests/acceptance/test_examples.py
    return found


def _without_flags(line: list[str]) -> list[str]:
    """`python -P` is Python, without the folder that it is started in."""
    return [line[0], *line[2:]] if line[:2] == ["python", "-P"] else line


def _module(module: str, arguments: tuple[str, ...]) -> str | None:
    if module == "api.cli":
        return product.complaint(list(arguments))
    programs.learn(_program_lines())
    return programs.complaint(module, arguments)


@cache
def _program_lines() -> tuple[programs.Line, ...]:
    """All that the documents show: asked together, since most of the time goes into imports."""
    found: set[programs.Line] = set()
    for one in shown():
        for line in spelled_out(filled(_SETTINGS.sub("", one.text), VALUES)):
            match _without_flags(inside(line) if line[:2] == ["docker", "compose"] else line):
                case ["python", "-m", module, *arguments] if module != "api.cli":
                    found.add((module, *arguments))
    return tuple(sorted(found))


def _container(wish: str, arguments: list[str]) -> str | None:
    if wish not in _COMPOSE:
        return f"docker compose {wish} is not known here: see _COMPOSE in tests/documents/commands.py"
    line = [one for one in arguments if not one.startswith("-")]
    if not _COMPOSE[wish] or not line:
        return None
    if line[0] not in compose.read((ROOT / "docker-compose.yml").read_text()).services:
        return f"no such service: {line[0]}"
    inner = inside(["docker", "compose", wish, *arguments])
    return _judged(inner) if inner[:1] == ["python"] else None


def inside(line: list[str]) -> list[str]:
    """What `docker compose exec SERVICE ...` runs in the container."""
    place = next((place for place, word in enumerate(line[3:], 3) if not word.startswith("-")), len(line))
    return line[place + 1 :]
