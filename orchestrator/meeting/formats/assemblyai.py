"""AssemblyAI: a transcript object, or its sentences or paragraphs. Times are milliseconds. Pure.

Source: AssemblyAI, "API Reference", "Get transcript" and "Get sentences in transcript".
"""

from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'AssemblyAI JSON: an object with "utterances", "sentences" or "words", times in milliseconds'

_ROWS: Final = ("utterances", "sentences", "paragraphs")  # the finest that says who spoke comes first
_PARTS: Final = frozenset((*_ROWS, "words"))
_OWN: Final = frozenset(("audio_url", "audio_duration", "acoustic_model", "language_model", "speech_model"))


def fits(document: JsonValue) -> bool:
    """Whether a document can only be AssemblyAI's."""
    return isinstance(document, dict) and not _OWN.isdisjoint(document) and not _PARTS.isdisjoint(document)


def read(document: JsonValue) -> list[Spoken]:
    """Read utterances as they are; without any, join the words."""
    root = Node(document)
    if root.at("status").name() in ("error", "queued", "processing"):
        raise root.at("status").refusal('"completed": before that there is no transcript in it')
    for key in _ROWS:
        if root.at(key).value:
            return [_spoken(row) for row in root.at(key).rows()]
    if root.at("words").value is None:
        raise root.refusal(WHAT)
    return words.utterances(_word(row) for row in root.at("words").rows())


def _spoken(row: Node) -> Spoken:
    speaker = voice(row.at("speaker").name())
    return Spoken(row.said("text"), speaker, _time(row, "start"), _time(row, "end")).in_order()


def _word(row: Node) -> Word:
    return Word(row.said("text"), voice(row.at("speaker").name()), _time(row, "start"), _time(row, "end"))


def _time(row: Node, key: str) -> float:
    """Always there; so a row of somebody else's, in seconds under another name, is not taken for one."""
    if (time_s := row.at(key).milliseconds()) is None:
        raise row.at(key).refusal("milliseconds from 0")
    return time_s
