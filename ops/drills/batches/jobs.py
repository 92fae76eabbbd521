"""Large batches made of real meetings: a file of good lines, and bad ones that take the places of some."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from ops.drills.batches import meetings
from providers.calls import JsonObject

MODEL: Final = "openai/gpt-6-luna"
EVERY: Final = 100  # one line of so many is bad

# What makes a line bad, and what it is then told.
_BAD: Final[tuple[tuple[bytes, str], ...]] = (
    (b'{"transcript": {"content": "Ann: We stop here', "malformed-json"),
    (b'{"transcript": {"content": "Ann: hello"}, "priority": "sometime"}', "invalid-request"),
    (b'{"transcript": {"content": "Ann: hello"}, "panel": {"models": ["nobody/nothing"]}}', "unknown-model"),
    (b'{"transcript": {"content": "  "}}', "empty-transcript"),
    (b'{"custom_id": "m00001", "transcript": {"content": "Ann: hello"}}', "invalid-request"),
)


def write(path: Path, corpus: Path, jobs: int, size_bytes: int) -> None:
    """A file of so many jobs, each another meeting, of just about so many bytes together and never more."""
    each = size_bytes // jobs
    texts = meetings.sized(corpus, each - len(_line(0, "")) - 1)
    with path.open("wb") as file:
        for number, text in enumerate(islice(texts, jobs), 1):
            body = _line(number, text)
            file.write(body[:-1] + b" " * (each - len(body) - 1) + b"}\n")


def read(path: Path, jobs: int) -> Iterator[bytes]:
    """The first so many lines."""
    with path.open("rb") as file:
        yield from islice(file, jobs)


def spoiled(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same with one bad line of each hundred, in the places that `bad` names."""
    for number, line in enumerate(lines, 1):
        yield line if number % EVERY else _BAD[number // EVERY % len(_BAD)][0] + b"\n"


def bad(jobs: int) -> dict[int, str]:
    """The places of bad lines among so many, and the code that each is told."""
    return {number: _BAD[number // EVERY % len(_BAD)][1] for number in range(EVERY, jobs + 1, EVERY)}


def hopeless(jobs: int, faults: int) -> Iterator[bytes]:
    """Lines that are bad in many places each, so that telling it all would be a hundred times what was sent."""
    utterances: list[JsonValue] = [{"speaker": 1} for _ in range(faults)]
    body: JsonObject = {"transcript": {"utterances": utterances}}
    line = json.dumps(body).encode() + b"\n"
    return (line for _ in range(jobs))


def _line(number: int, text: str) -> bytes:
    body: JsonObject = {
        "custom_id": f"m{number:05}",
        "transcript": {"format": "text", "content": text},
        "panel": {"models": [MODEL]},
        "strategy": "single",
        "allow_extractive": False,
        "allow_substitution": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()
