"""Whether drills, benches and the house's own programs take the arguments that a document shows."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias

from orchestrator.settings import inherited_environment
from tests.house.checkout import ROOT
from workers import __main__ as workers
from workers import key_errand

Line: TypeAlias = tuple[str, ...]  # a module and its arguments

_PATIENCE_S: Final = 100.0
_TOLD: Final[dict[Line, tuple[str | None, list[str]]]] = {}


def complaint(module: str, arguments: Line) -> str | None:
    """What is wrong with a command line; None if it would be taken."""
    if find_spec(module) is None:
        return f"no such module: {module}"
    if module == "workers":
        return None if _is_workers(arguments) else workers.USAGE
    if not _parses(module):
        takes = len(arguments) <= 1 and not "".join(arguments).startswith("-")
        return None if takes else "takes one folder at most"
    return _told((module, *arguments))[0]


def options(module: str, arguments: Line) -> set[str]:
    """Those of a program that is told so, with those of its subcommands."""
    if module == "workers":
        return {word for word in key_errand.SYNOPSIS.split() if word.startswith("--")}
    return set(_told((module, *arguments))[1]) if _asks_argparse(module) else set()


def learn(lines: tuple[Line, ...]) -> None:
    """Ask for all of these at once, those that `complaint` and `options` would ask for one by one."""
    new = [line for line in map(_without_help, lines) if line not in _TOLD and _asks_argparse(line[0])]
    if new:
        _TOLD.update(zip(new, _asked(new), strict=True))


def _told(line: Line) -> tuple[str | None, list[str]]:
    """A complaint or None, and the options."""
    learn((line,))
    return _TOLD[_without_help(line)]


def _asked(lines: list[Line]) -> list[tuple[str | None, list[str]]]:
    """From the programs themselves, which are stopped once they have parsed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.documents.arguments"],
        env={**inherited_environment(), "PYTHONPATH": str(ROOT)},
        input=json.dumps(lines),
        capture_output=True,
        check=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=_PATIENCE_S,
    )
    return [(told, options) for told, options in json.loads(done.stdout.splitlines()[-1])]


def _without_help(line: Line) -> Line:
    return tuple(word for word in line if word not in {"-h", "--help"})


def _asks_argparse(module: str) -> bool:
    return module != "workers" and find_spec(module) is not None and _parses(module)


def _is_workers(arguments: Line) -> bool:
    """Its words are few, and it reads them itself."""
    match arguments:
        case ("key", *words):
            return key_errand.wish(words) is not None
        case (command,):
            return command != "key" and command in workers.COMMANDS
    return False


def _parses(module: str) -> bool:
    """Whether the program has a parser; a few take a folder and nothing else."""
    spec = find_spec(module)
    assert spec is not None
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    rooms = [room for place in places for room in place.glob("*.py")] or [Path(spec.origin or "")]
    return any("argparse" in room.read_text("utf-8") for room in rooms)
