"""Prints what is found out of real meetings against what people called them: a report, not a test.

    python -m ops.bench.context [FOLDER]

FOLDER holds meetings as `NAME.json` files; by default the shared data beside the checkout, its folder `sharealike` too.
Nothing is told but, in the columns "titled", the title. A kind of meeting that the list of types has no word for counts
as right where it is found to be "general"; the table `EXPECTED` says which type each kind is taken for. "ms" is the
processor time of all that is found out, the least of five runs.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final

from pydantic import BaseModel

from orchestrator.meeting.context import Context, MeetingType, Told
from orchestrator.meeting.detection import detect
from orchestrator.meeting.reading import read
from orchestrator.meeting.transcript import Transcript

DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[2] / "../shared/data/transcripts"
RUNS: Final = 5

# By the corpora's own words for their meetings. Research groups' weekly meetings, panels, debates and community calls
# are none of the types: to call them something would be a guess.
EXPECTED: Final[Mapping[str, MeetingType]] = {
    "product-design": "design",
    "parliament-committee": "committee",
    "parliament-plenary": "committee",
    "open-source-triage": "support",
    "academic-research": "general",
    "panel-discussion": "general",
    "community-call": "general",
    "debate": "general",
}


class Source(BaseModel):
    """What this report reads of a transcript file beside the words."""

    title: str
    meeting_type: str
    language: str


@dataclass(frozen=True)
class Meeting:
    name: str
    source: Source
    transcript: Transcript


@dataclass(frozen=True)
class Outcome:
    """What was found without and with the title, and in which time."""

    meeting: Meeting
    found: Context
    titled: Context
    spent_ms: float

    @property
    def expected(self) -> str:
        return EXPECTED[self.meeting.source.meeting_type]


def main(folder: Path) -> None:
    """Print a line for each meeting, and how many of them are right."""
    outcomes = [_outcome(meeting) for meeting in _meetings(folder)]
    _print(
        "meeting", "called", "expected", "found", "sure", "titled", "sure", "lang", "sure", "industry", "heads", "ms"
    )
    for one in outcomes:
        _print(one.meeting.name, one.meeting.source.meeting_type, one.expected, *_figures(one))
    print()
    for name, right in _tallies(outcomes):
        print(f"{name:40}{right} of {len(outcomes)}")
    print(f"{'slowest, in ms':40}{max(one.spent_ms for one in outcomes):.1f}")
    _print_bands(outcomes)


def _meetings(folder: Path) -> Iterable[Meeting]:
    for path in (*sorted(folder.glob("*.json")), *sorted((folder / "sharealike").glob("*.json"))):
        if path.name != "index.json" and not path.name.endswith(".gold.json"):
            content = path.read_text("utf-8")
            yield Meeting(path.stem, Source.model_validate_json(content), read(content, "auto"))


def _outcome(meeting: Meeting) -> Outcome:
    spent = []
    for _ in range(RUNS):
        began = process_time()
        found = detect(meeting.transcript, Told())
        spent.append(1000 * (process_time() - began))
    return Outcome(meeting, found, detect(meeting.transcript, Told(title=meeting.source.title)), min(spent))


def _figures(one: Outcome) -> tuple[str, ...]:
    found, titled = one.found, one.titled
    return (
        found.type.value,
        f"{found.type.confidence:.2f}",
        titled.type.value,
        f"{titled.type.confidence:.2f}",
        found.language.value,
        f"{found.language.confidence:.2f}",
        found.industry.value if found.industry else "-",
        str(found.heads),
        f"{one.spent_ms:.1f}",
    )


def _tallies(outcomes: list[Outcome]) -> Iterable[tuple[str, int]]:
    yield "types right, no title told", sum(one.found.type.value == one.expected for one in outcomes)
    yield "types right, title told", sum(one.titled.type.value == one.expected for one in outcomes)
    yield "languages right", sum(one.found.language.value == one.meeting.source.language for one in outcomes)


def _print_bands(outcomes: list[Outcome]) -> None:
    """Whether a confidence keeps its word: of the meetings that a type was found for, by tenths of confidence."""
    right, found = Counter[int](), Counter[int]()
    for one in outcomes:
        if one.found.type.value != "general":
            band = int(10 * one.found.type.confidence)
            found[band] += 1
            right[band] += one.found.type.value == one.expected
    for band in sorted(found):
        print(f"{f'right of those found with {band / 10:.1f} and more':40}{right[band]} of {found[band]}")


def _print(name: str, called: str, *rest: str) -> None:
    print(f"{name[:32]:34}{called:22}" + "".join(f"{each:>14}" for each in rest))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
