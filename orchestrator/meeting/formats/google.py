"""Google Cloud Speech-to-Text, v1 and v2: results with alternatives. Pure.

With diarisation, v1 says who spoke only in its last result, which repeats the words of all before it. Field names come
in both spellings, and times as "1.2s" or as seconds and nanos.

Source: Google Cloud, "Speech-to-Text", "RPC reference", `SpeechRecognitionResult`, `WordInfo`; "Separate speakers".
"""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'Google Speech-to-Text JSON: an object with "results", each with "alternatives"'


def fits(document: JsonValue) -> bool:
    """Whether a document can only be Google's."""
    return any(lookup(document, *path, "results", 0, "alternatives") is not None for path in ((), ("response",)))


def read(document: JsonValue) -> list[Spoken]:
    """Join the words of each voice; without voices, take each result as an utterance."""
    root = Node(document)
    results = (root.at("response") if root.at("response").value is not None else root).at("results").rows()
    found = [(result, _words(result)) for result in results]
    if found and _repeats_all(said := [words_ for _result, words_ in found]):
        return words.utterances(said[-1])
    sides = {_side(result) for result in results}
    return words.timed([turn for result, said in found for turn in _turns(result, said, several=len(sides) > 1)])


def _repeats_all(said: Sequence[Sequence[Word]]) -> bool:
    *before, last = said
    return any(word.speaker for word in last) and not any(word.speaker for result in before for word in result)


def _turns(result: Node, said: Sequence[Word], *, several: bool) -> list[Spoken]:
    if any(word.speaker for word in said):
        return words.utterances(said)
    start_s = said[0].start_s if said else None
    end_s = said[-1].end_s if said else result.at("resultEndTime", "result_end_time", "resultEndOffset").duration()
    side = _side(result)
    return [
        Spoken(_best(result).at("transcript").text(), f"Channel {side}" if several and side else None, start_s, end_s)
    ]


def _words(result: Node) -> list[Word]:
    best = _best(result)
    return [_word(row) for row in best.at("words").rows()] if best.at("words").value is not None else []


def _word(row: Node) -> Word:
    label = row.at("speakerLabel", "speaker_label").name() or row.at("speakerTag", "speaker_tag").name()
    start_s = row.at("startTime", "start_time", "startOffset", "start_offset").duration()
    end_s = row.at("endTime", "end_time", "endOffset", "end_offset").duration()
    return Word(row.said("word"), None if label in (None, "", "0") else voice(label), start_s, end_s)


def _best(result: Node) -> Node:
    """The first alternative is the likeliest; silence has none."""
    alternatives = result.at("alternatives")
    rows = alternatives.rows() if alternatives.value is not None else []
    return rows[0] if rows else Node({}, f"{alternatives.pointer}/0")


def _side(result: Node) -> str | None:
    return result.at("channelTag", "channel_tag").name()
