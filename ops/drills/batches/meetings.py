"""What the drills of batches hand in: pieces of annotated meetings in four languages, each another one."""

import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Final

from ops.bench.slice_rig import CHECKOUT

CORPUS: Final = CHECKOUT.parent / "shared" / "data" / "transcripts"
SHORTEST, LONGEST = 30, 150  # utterances of a piece
STEP: Final = 13  # utterances between the beginnings of two pieces of one meeting


def pieces(corpus: Path) -> Iterator[tuple[str, str]]:
    """Name and text of pieces of meetings, each another one, the same in every run, without end."""
    meetings = [_spoken(path) for path in sorted(corpus.glob("*.json")) if _is_meeting(path)]
    for number in count():
        name, lines = meetings[number % len(meetings)]
        turn = number // len(meetings)
        length = SHORTEST + number * 7 % (LONGEST - SHORTEST)
        first = turn * STEP % max(1, len(lines) - SHORTEST)
        yield f"{number:05}-{name}", "\n".join(lines[first : first + length])


def write_folder(folder: Path, corpus: Path, jobs: int) -> int:
    """One file for each piece, in the order of names; how many bytes they have together."""
    folder.mkdir()
    return sum((folder / f"{name}.txt").write_bytes(text.encode()) for name, text in islice(pieces(corpus), jobs))


def sized(corpus: Path, most_bytes: int) -> Iterator[str]:
    """Texts of meetings, each of as many whole utterances as fit into so many bytes of JSON, the same in every run,
    without end. An utterance that fits into none is left out.
    """
    kept: list[str] = []
    left = most_bytes
    for line in (line for _, text in pieces(corpus) for line in text.split("\n")):
        size = len(json.dumps(line + "\n", ensure_ascii=False).encode()) - 2  # without its quotes
        if size > left and kept:
            yield "\n".join(kept)
            kept, left = [], most_bytes
        if size <= left:
            kept.append(line)
            left -= size


def _is_meeting(path: Path) -> bool:
    return path.name != "index.json" and not path.name.endswith(".gold.json")


def _spoken(path: Path) -> tuple[str, list[str]]:
    document = json.loads(path.read_text("utf-8"))
    names = {speaker["id"]: speaker.get("name") or speaker["id"] for speaker in document["speakers"]}
    lines = [f"{names.get(one['speaker'], 'Somebody')}: {one['text']}" for one in document["segments"]]
    return path.stem, [line.replace("\n", " ") for line in lines]
