"""Prints how the built-in models fare against people's annotations of real meetings: a report, not a test.

    python -m ops.bench.extractive_quality [FOLDER]

FOLDER holds NAME.json and NAME.gold.json files; by default the shared data beside the checkout.

An action item or decision is a hit when one of its utterances lies within two segments of the evidence of an annotated
action or decision; recall counts the annotated ones that were hit. "near" is the chance of that for an utterance
picked at random: precision means little where it is high. Gold without evidence is matched by words instead: "words" is
the share of gold items half of whose content words stand in one item. "summ" is the share of the utterances in the
bullets that people put into their extractive summary. The gold has one annotator a meeting, so that a right item can
count as wrong.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import BaseModel

from orchestrator.analysis import prompts
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import Call
from providers.extractive import words
from providers.extractive.answering import MODELS, answer

TUNED_ON: Final = frozenset(
    ("ami-es2005a", "ami-es2008a", "ami-es2016b", "icsi-bmr020", "akash-sig-support-002-2023-02-15")
)
# Read by people while rules were written, and a few rules came of it: neither tuned on nor fair to call unseen.
SEEN: Final = frozenset(("ami-ts3005d", "ami-ts3011b", "qmsum-covid-1", "vcsum-125"))
KINDS: Final = ("topics", "decisions", "action_items", "risks", "questions")
NEAR_SEGMENTS: Final = 2  # the gold's own links are now and then off by one
ALIKE: Final = 0.5  # of a gold item's content words, where only words can be compared
COPIED: Final = 0.8  # of an utterance's words in one bullet: tidying drops a few
MIN_WORDS: Final = 4  # a shorter utterance stands in a bullet by chance
DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[2] / "../shared/data/transcripts"

Places: TypeAlias = frozenset[int]


class Quote(BaseModel):
    utterance: str


class AnsweredItem(BaseModel):
    text: str
    evidence: tuple[Quote, ...]


class AnsweredSummary(BaseModel):
    bullets: tuple[str, ...]


class Answered(BaseModel):
    """What this report reads of a model's answer."""

    summary: AnsweredSummary
    topics: tuple[AnsweredItem, ...]
    decisions: tuple[AnsweredItem, ...]
    action_items: tuple[AnsweredItem, ...]
    risks: tuple[AnsweredItem, ...]
    questions: tuple[AnsweredItem, ...]


class Speaker(BaseModel):
    id: str
    name: str


class Segment(BaseModel):
    id: str
    speaker: str
    start: float | None
    text: str


class Source(BaseModel):
    """What this report reads of a transcript file."""

    speakers: tuple[Speaker, ...]
    segments: tuple[Segment, ...]


class GoldItem(BaseModel):
    type: str
    text: str
    evidence: tuple[str, ...]


class GoldFile(BaseModel):
    """What this report reads of an annotation file."""

    items: tuple[GoldItem, ...] = ()
    extractive: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Meeting:
    """`evidence`: places of each annotated action and decision; `texts`: content words of those without evidence."""

    name: str
    transcript: Transcript
    evidence: tuple[Places, ...]
    texts: tuple[frozenset[str], ...]
    summary: Places


@dataclass(frozen=True)
class Item:
    kind: str
    text: str
    places: Places


@dataclass
class Tally:
    """Hits of items, items, gold items recalled, gold items: summed over meetings."""

    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, *counts: int) -> None:
        self.counts = [old + new for old, new in zip(self.counts, counts, strict=True)]


def main(folder: Path) -> None:
    """Print the tables of all annotated meetings in `folder`: tuned on, seen, and held out."""
    meetings = [_read(path) for path in sorted(folder.glob("*.gold.json"))]
    for group in ("tuned on", "seen", "held out"):
        print(f"\n== {group}\n")
        _print("meeting", "model", "top dec act rsk qst", "prec", "recall", "near", "words", "summ", "s")
        tallies: dict[str, Tally] = {}
        for meeting in meetings:
            if _group(meeting.name) == group:
                _report(meeting, tallies)
        for model, tally in tallies.items():
            hits, found, recalled, gold = tally.counts
            _print("all with evidence", model, "", _share(hits, found), _share(recalled, gold))


def _group(name: str) -> str:
    return "tuned on" if name in TUNED_ON else "seen" if name in SEEN else "held out"


def _report(meeting: Meeting, tallies: dict[str, Tally]) -> None:
    union: list[Item] = []
    for model in MODELS:
        call = _call(meeting)
        began = time.perf_counter()
        text = answer(call, model).text
        seconds = time.perf_counter() - began
        answered = Answered.model_validate_json(text)
        items = _items(answered)
        union += items
        told = _copied(answered.summary.bullets, meeting.transcript)
        summary = _share(len(told & meeting.summary), len(told)) if meeting.summary else ""
        _row(meeting, model, items, tallies, summary, f"{seconds:.2f}")
    _row(meeting, "union", union, tallies, "", "")


def _row(
    meeting: Meeting, model: str, items: Sequence[Item], tallies: dict[str, Tally], summary: str, seconds: str
) -> None:
    counts = " ".join(f"{sum(item.kind == kind for item in items):3}" for kind in KINDS)
    tasks = [item for item in items if item.kind in ("decisions", "action_items")]
    evidence = _against_evidence(meeting, model, tasks, tallies) if meeting.evidence else ("", "", "")
    said = _against_words(meeting, tasks) if meeting.texts else ""
    _print(meeting.name, model, counts, *evidence, said, summary, seconds)


def _against_evidence(
    meeting: Meeting, model: str, tasks: Sequence[Item], tallies: dict[str, Tally]
) -> tuple[str, str, str]:
    gold = meeting.evidence
    hits = sum(any(_near(item.places, each) for each in gold) for item in tasks)
    recalled = sum(any(_near(item.places, each) for item in tasks) for each in gold)
    size = len(meeting.transcript.utterances)
    near = sum(any(_near(frozenset((place,)), each) for each in gold) for place in range(size))
    tallies.setdefault(model, Tally()).add(hits, len(tasks), recalled, len(gold))
    return _share(hits, len(tasks)), _share(recalled, len(gold)), _share(near, size)


def _against_words(meeting: Meeting, tasks: Sequence[Item]) -> str:
    said = [_content(item.text) for item in tasks]
    found = sum(any(len(gold & each) >= ALIKE * len(gold) for each in said) for gold in meeting.texts)
    return _share(found, len(meeting.texts))


def _read(path: Path) -> Meeting:
    name = path.name.removesuffix(".gold.json")
    gold = GoldFile.model_validate_json(path.read_text("utf-8"))
    source = Source.model_validate_json(path.with_name(f"{name}.json").read_text("utf-8"))
    said = [segment for segment in source.segments if clean(segment.text)]
    place = {segment.id: number for number, segment in enumerate(said)}
    wanted = [item for item in gold.items if item.type in ("action", "decision")]
    return Meeting(
        name=name,
        transcript=_transcript(source.speakers, said),
        evidence=tuple(_places(item.evidence, place) for item in wanted if item.evidence),
        texts=tuple(_content(item.text) for item in wanted if not item.evidence),
        summary=_places(gold.extractive or (), place),
    )


def _transcript(speakers: Sequence[Speaker], said: Sequence[Segment]) -> Transcript:
    names = {speaker.id: clean(speaker.name) for speaker in speakers}
    return Transcript(
        utterances=tuple(
            Utterance(id=each.id, speaker=names[each.speaker], start_s=each.start, text=clean(each.text))
            for each in said
        )
    )


def _call(meeting: Meeting) -> Call:
    asked = prompts.messages(meeting.transcript, "bench")
    return Call(call_id=meeting.name, messages=asked, max_output_tokens=8_000, timeout_s=60.0)


def _items(answered: Answered) -> list[Item]:
    by_kind: dict[str, tuple[AnsweredItem, ...]] = {
        "topics": answered.topics,
        "decisions": answered.decisions,
        "action_items": answered.action_items,
        "risks": answered.risks,
        "questions": answered.questions,
    }
    return [
        Item(kind, item.text, frozenset(int(quote.utterance[1:]) - 1 for quote in item.evidence))
        for kind, items in by_kind.items()
        for item in items
    ]


def _copied(bullets: Sequence[str], transcript: Transcript) -> Places:
    """The utterances whose words make up a bullet: bullets carry no evidence, yet are copied."""
    written = [set(words.tokens(bullet)) for bullet in bullets]
    found = set[int]()
    for place, utterance in enumerate(transcript.utterances):
        said = set(words.tokens(utterance.text)) - words.FILLERS
        if len(said) >= MIN_WORDS and any(len(said & bullet) >= COPIED * len(said) for bullet in written):
            found.add(place)
    return frozenset(found)


def _places(ids: Sequence[str], place: Mapping[str, int]) -> Places:
    return frozenset(place[each] for each in ids if each in place)


def _content(text: str) -> frozenset[str]:
    return frozenset(words.terms(words.tokens(text)))


def _near(places: Places, evidence: Places) -> bool:
    return any(abs(place - other) <= NEAR_SEGMENTS for place in places for other in evidence)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _print(meeting: str, model: str, counts: str, *figures: str) -> None:
    print(f"{meeting:35}{model:18}{counts:>20}" + "".join(f"{figure:>7}" for figure in figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
