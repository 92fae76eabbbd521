"""The checkout as the laws see it: its files, its rooms, its history."""

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("api", "orchestrator", "providers", "tasks", "workers")
HISTORY_DEADLINE_S: Final = 60.0


@cache
def files() -> tuple[str, ...]:
    """What is in git or about to be: tracked files, and new ones that no rule ignores. Relative paths."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """Path and content of every file that is text; pictures and the like are passed over."""
    for path in files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def rooms() -> tuple[str, ...]:
    """The modules of the five packages."""
    return tuple(path for path in files() if path.endswith(".py") and path.split("/")[0] in PACKAGES)


def modules(package: str) -> tuple[str, ...]:
    """Dotted names of a package's rooms, but for programs that run when imported: entry points and migrations."""
    return tuple(
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in rooms()
        if path.startswith(f"{package}/") and not path.endswith("__main__.py") and "/migrations/" not in path
    )


def history() -> str:
    """Every line that any commit added or took away, with all commit messages."""
    return git("log", "--all", "--patch", "--no-color", "--no-ext-diff", "--unified=0", "--format=%B%n%N")


def git(*arguments: str) -> str:
    """What git says; a failure is a failure."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments],
        capture_output=True,
        check=True,
        timeout=HISTORY_DEADLINE_S,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},  # noqa: TID251 - handed on to git
    )
    return done.stdout.decode("utf-8", errors="replace")
