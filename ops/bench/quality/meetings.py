"""Reads annotated meetings and the seeds for simulated panels: NAME.json, NAME.gold.json, panel/NAME.panel.json."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from orchestrator.analysis.items import Kind
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance

DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[3] / "../shared/data/transcripts"

# "problem" is an open question in most of AMI's gold; "progress" is what was reported, a topic rather than a decision.
KIND_OF: Final[dict[str, Kind]] = {
    "action": "action_items",
    "decision": "decisions",
    "problem": "questions",
    "progress": "topics",
}


class NoMeetings(Exception):
    """The folder holds nothing that can be measured; the message says what was looked for."""


@dataclass(frozen=True)
class GoldItem:
    """An annotated item. `places` of its evidence in the transcript, in order; `corrupted`: wrong in one detail."""

    id: str
    kind: Kind
    text: str
    places: tuple[int, ...]
    paraphrases: tuple[str, ...] = ()
    corrupted: str | None = None


@dataclass(frozen=True)
class Distractor:
    """An item of another meeting, which does not hold in this one."""

    id: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Meeting:
    """A meeting with what people found in it. `extractive`: the places of the utterances that sum it up."""

    name: str
    transcript: Transcript
    gold: tuple[GoldItem, ...]
    distractors: tuple[Distractor, ...] = ()
    summaries: tuple[str, ...] = ()
    extractive: frozenset[int] = frozenset()

    @property
    def places(self) -> dict[str, int]:
        return {utterance.id: place for place, utterance in enumerate(self.transcript.utterances)}

    @property
    def is_complete(self) -> bool:
        """Whether somebody wrote a paraphrase and a corrupted form of each item."""
        return all(item.paraphrases and item.corrupted for item in self.gold)


class _Speaker(BaseModel):
    id: str
    name: str


class _Segment(BaseModel):
    id: str
    speaker: str
    start: float | None = None
    text: str


class _Source(BaseModel):
    speakers: tuple[_Speaker, ...]
    segments: tuple[_Segment, ...]


class _Item(BaseModel):
    id: str
    type: str
    text: str
    evidence: tuple[str, ...] = ()
    paraphrases: tuple[str, ...] = ()
    corrupted: str | None = None


class _Summary(BaseModel):
    kind: str
    text: str


class _Gold(BaseModel):
    items: tuple[_Item, ...] = ()
    summaries: tuple[_Summary, ...] = ()
    extractive: tuple[str, ...] | None = None


class _Distractor(BaseModel):
    id: str
    type: str
    text: str


class _Panel(BaseModel):
    items: tuple[_Item, ...]
    distractors: tuple[_Distractor, ...] = ()


def annotated(folder: Path) -> tuple[Meeting, ...]:
    """All meetings with a gold file.

    Raises:
        NoMeetings: there is none.
    """
    found = tuple(_annotated(path) for path in sorted(folder.glob("*.gold.json")))
    if not found:
        raise NoMeetings(f"no NAME.gold.json in {folder}")
    return found


def seeded(folder: Path) -> tuple[Meeting, ...]:
    """All meetings with a panel file; items of kinds that no analysis has are left out.

    Raises:
        NoMeetings: there is none.
    """
    found = tuple(_seeded(path, folder) for path in sorted((folder / "panel").glob("*.panel.json")))
    if not found:
        raise NoMeetings(f"no panel/NAME.panel.json in {folder}")
    return found


def _annotated(path: Path) -> Meeting:
    name = path.name.removesuffix(".gold.json")
    transcript = _transcript(path.with_name(f"{name}.json"))
    gold = _Gold.model_validate_json(path.read_text("utf-8"))
    place = _places(transcript)
    return Meeting(
        name=name,
        transcript=transcript,
        gold=tuple(_gold_items(gold.items, place)),
        summaries=tuple(clean(one.text) for one in gold.summaries if one.text.strip()),
        extractive=frozenset(place[each] for each in gold.extractive or () if each in place),
    )


def _seeded(path: Path, folder: Path) -> Meeting:
    name = path.name.removesuffix(".panel.json")
    transcript = _transcript(folder / f"{name}.json")
    panel = _Panel.model_validate_json(path.read_text("utf-8"))
    return Meeting(
        name=name,
        transcript=transcript,
        gold=tuple(_gold_items(panel.items, _places(transcript))),
        distractors=tuple(
            Distractor(one.id, KIND_OF[one.type], clean(one.text)) for one in panel.distractors if one.type in KIND_OF
        ),
    )


def _gold_items(items: Sequence[_Item], place: Mapping[str, int]) -> Iterator[GoldItem]:
    for item in items:
        if item.type in KIND_OF:
            yield GoldItem(
                id=item.id,
                kind=KIND_OF[item.type],
                text=clean(item.text),
                places=tuple(sorted(place[each] for each in item.evidence if each in place)),
                paraphrases=tuple(map(clean, item.paraphrases)),
                corrupted=clean(item.corrupted) if item.corrupted else None,
            )


def _places(transcript: Transcript) -> dict[str, int]:
    return {utterance.id: place for place, utterance in enumerate(transcript.utterances)}


def _transcript(path: Path) -> Transcript:
    source = _Source.model_validate_json(path.read_text("utf-8"))
    names = {speaker.id: clean(speaker.name) for speaker in source.speakers}
    said = ((segment, clean(segment.text)) for segment in source.segments)
    return Transcript(
        utterances=tuple(
            Utterance(id=segment.id, speaker=names[segment.speaker] or None, start_s=segment.start, text=text)
            for segment, text in said
            if text
        )
    )
