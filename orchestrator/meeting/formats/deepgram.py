"""Deepgram: a prerecorded response, with its utterances or only words per channel. Times are seconds. Pure.

Source: Deepgram, "API Reference", "Transcribe and analyze pre-recorded audio"; "Diarization"; "Multichannel".
"""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'Deepgram JSON: an object with "results", in it "channels", in each "alternatives"'


def fits(document: JsonValue) -> bool:
    """Whether a document can only be Deepgram's."""
    return isinstance(lookup(document, "results", "channels"), list)


def read(document: JsonValue) -> list[Spoken]:
    """Read utterances as they are; without any, join the words of all channels."""
    results = Node(document).at("results")
    channels = results.at("channels").rows()
    several = len(channels) > 1
    if results.at("utterances").value:
        return [_utterance(row, several=several) for row in results.at("utterances").rows()]
    found = [
        utterance for place, channel in enumerate(channels) for utterance in _channel(channel, place, several=several)
    ]
    return words.timed(found)


def _utterance(row: Node, *, several: bool) -> Spoken:
    speaker = _speaker(row, row.at("channel").name() if several else None)
    text, name = row.said("transcript"), row.at("id").name()
    return Spoken(text, speaker, row.at("start").seconds(), row.at("end").seconds(), name).in_order()


def _channel(channel: Node, place: int, *, several: bool) -> list[Spoken]:
    """The first alternative is the likeliest; without words it still has its text."""
    alternatives = channel.at("alternatives").rows()
    if not alternatives:
        return []
    best, side = alternatives[0], str(place) if several else None
    if not best.at("words").value:
        return [Spoken(best.said("transcript"), _speaker(best, side))]
    return words.utterances(_words(best, side))


def _words(best: Node, side: str | None) -> Iterator[Word]:
    for row in best.at("words").rows():
        text = row.said("punctuated_word", "word")
        yield Word(text, _speaker(row, side), row.at("start").seconds(), row.at("end").seconds())


def _speaker(row: Node, side: str | None) -> str | None:
    """Who spoke; where each channel has voices of its own, both."""
    speaker = voice(row.at("speaker").name())
    return " ".join(part for part in (f"Channel {side}" if side else None, speaker) if part) or None
