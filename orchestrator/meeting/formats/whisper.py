"""Whisper and its kin: segments with times in seconds, with or without speakers and words. Pure.

| who | shape |
|---|---|
| openai-whisper, faster-whisper, OpenAI's `verbose_json` and `diarized_json` | segments: start, end, text, speaker? |
| WhisperX | the same; a segment without a speaker may have words with one, words may lack times |
| whisper.cpp | transcription: offsets (from, to in milliseconds), text |
| Transformers' pipeline | chunks: timestamp (start, end or null), text |
| OpenAI's `json` | text alone, without times |

Sources: the writers of openai/whisper, m-bain/whisperX, ggml-org/whisper.cpp and huggingface/transformers.
"""

from collections import Counter
from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import cutting
from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken, voice

WHAT: Final = 'Whisper JSON: an object with "segments", "transcription" or "chunks", each row with "text"'

_BARE: Final = frozenset(("text", "task", "language", "languages", "duration", "logprobs", "usage"))
_PASSAGE_CHARACTERS: Final = 400  # about half a minute of speech
_OWN: Final = frozenset(("avg_logprob", "no_speech_prob", "words"))


def fits(document: JsonValue) -> bool:
    """Whether a document can only be one of Whisper's kin."""
    first = lookup(document, "segments", 0)
    return (
        (isinstance(first, dict) and "text" in first and not _OWN.isdisjoint(first))
        or lookup(document, "transcription", 0, "offsets") is not None
        or lookup(document, "chunks", 0, "timestamp") is not None
        or _is_bare(document)
    )


def read(document: JsonValue) -> list[Spoken]:
    """Read the rows as they are, in the order of the file."""
    root = Node(document)
    if root.at("transcription").value is not None:
        return [_offsets(row) for row in root.at("transcription").rows()]
    if root.at("segments").value is not None:
        return [_segment(row) for row in root.at("segments").rows()]
    if root.at("chunks").value is not None:
        return [_chunk(row) for row in root.at("chunks").rows()]
    if _is_bare(document):
        return [Spoken(passage) for passage in cutting.passages(root.at("text").text(), _PASSAGE_CHARACTERS)]
    raise root.refusal(WHAT)


def _is_bare(document: JsonValue) -> bool:
    return isinstance(document, dict) and isinstance(document.get("text"), str) and _BARE.issuperset(document)


def _segment(row: Node) -> Spoken:
    speaker = voice(row.at("speaker").name() or _of_most_words(row))
    start_s, end_s = row.at("start").seconds(), row.at("end").seconds()
    return Spoken(row.said("text"), speaker, start_s, end_s, row.at("id").name()).in_order()


def _of_most_words(row: Node) -> str | None:
    """WhisperX gives a segment no speaker where it fits none well enough, though its words have theirs."""
    if row.at("words").value is None:
        return None
    voices = Counter(name for word in row.at("words").rows() if (name := word.at("speaker").name()))
    return max(voices, key=voices.__getitem__, default=None)


def _offsets(row: Node) -> Spoken:
    offsets = row.at("offsets")
    start_s, end_s = offsets.at("from").milliseconds(), offsets.at("to").milliseconds()
    return Spoken(row.said("text"), voice(row.at("speaker").name()), start_s, end_s).in_order()


def _chunk(row: Node) -> Spoken:
    times = [time.seconds() for time in row.at("timestamp").rows()]
    start_s, end_s = times if len(times) == 2 else (None, None)
    return Spoken(row.said("text"), voice(row.at("speaker").name()), start_s, end_s).in_order()
