"""Amazon Transcribe: the output of a batch job, and of Call Analytics. Pure.

A batch job writes words and punctuation in one list and who spoke in another, with times as texts; Call Analytics
writes turns, with times in milliseconds.

Source: AWS, "Amazon Transcribe Developer Guide", "Data input and output", "Partitioning speakers",
"Transcribing multi-channel audio", "Post-call analytics output".
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'Amazon Transcribe JSON: an object with "results", in it "items"; or "Transcript" with "Content" rows'

_Key: TypeAlias = tuple[float | None, float | None, str | None]


def fits(document: JsonValue) -> bool:
    """Whether a document can only be Amazon Transcribe's."""
    return (
        isinstance(lookup(document, "results", "items"), list)
        or lookup(document, "Transcript", 0, "Content") is not None
    )


def read(document: JsonValue) -> list[Spoken]:
    """Read the turns as they are told apart; words that nobody was given are joined among themselves."""
    root = Node(document)
    if root.at("Transcript").value is not None:
        return [_call(row) for row in root.at("Transcript").rows()]
    results = root.at("results")
    sides = results.at("channel_labels").at("channels") if results.at("channel_labels").value is not None else None
    if sides is not None and sides.value:
        return words.timed(
            [turn for side in sides.rows() for turn in words.utterances(_words(side.at("items").rows()))]
        )
    if results.at("speaker_labels").value is None:
        return words.utterances(_words(results.at("items").rows()))
    return _segments(results)


def _call(row: Node) -> Spoken:
    start_s, end_s = row.at("BeginOffsetMillis").milliseconds(), row.at("EndOffsetMillis").milliseconds()
    name = row.at("ParticipantRole").name()
    return Spoken(row.said("Content"), voice(name), start_s, end_s, row.at("Id").name()).in_order()


def _words(items: Iterable[Node]) -> list[Word]:
    """Words with their voices; punctuation has neither time nor voice, and belongs to the word before it."""
    found: list[Word] = []
    for item in items:
        text = _content(item)
        if item.at("type").name() == "punctuation":
            found.append(Word(text, found[-1].speaker if found else None, glued=True))
        else:
            start_s, end_s = item.at("start_time").duration(), item.at("end_time").duration()
            found.append(Word(text, item.at("speaker_label", "channel_label").name(), start_s, end_s))
    return found


def _content(item: Node) -> str:
    """The first alternative is the likeliest."""
    alternatives = item.at("alternatives").rows()
    return alternatives[0].said("content") if alternatives else ""


def _segments(results: Node) -> list[Spoken]:
    segments = results.at("speaker_labels").at("segments").rows()
    owners = _owners(segments)
    said: list[list[Word]] = [[] for _ in segments]
    nobodys: list[Word] = []
    place: int | None = None
    for word in _words(results.at("items").rows()):
        if not word.glued:
            place = owners.get((word.start_s, word.end_s, word.speaker))
        (nobodys if place is None else said[place]).append(word)
    turns = [_segment(segment, spoken) for segment, spoken in zip(segments, said, strict=True) if spoken]
    return words.timed([*turns, *words.utterances(nobodys)]) if nobodys else turns


def _owners(segments: Sequence[Node]) -> dict[_Key, int]:
    """The segment of each word, by its times; older outputs do not repeat the voice beside the word."""
    found: dict[_Key, int] = {}
    for place, segment in enumerate(segments):
        for item in segment.at("items").rows():
            times = item.at("start_time").duration(), item.at("end_time").duration()
            for label in (item.at("speaker_label").name(), None):
                found.setdefault((*times, label), place)
    return found


def _segment(segment: Node, said: Sequence[Word]) -> Spoken:
    start_s, end_s = segment.at("start_time").duration(), segment.at("end_time").duration()
    return Spoken(words.line(said), segment.at("speaker_label").name(), start_s, end_s).in_order()
