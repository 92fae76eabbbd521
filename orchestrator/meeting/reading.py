"""From a file's text to a transcript: choose the reader, clean what it found, name the utterances. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from orchestrator.errors import EmptyTranscript, UnparseableTranscript
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.formats import READERS, cutting
from orchestrator.meeting.formats.detection import detect, is_json
from orchestrator.meeting.formats.spoken import Spoken
from orchestrator.meeting.mojibake import mend
from orchestrator.meeting.transcript import (
    MAX_SPEAKER_CHARACTERS,
    MAX_UTTERANCE_CHARACTERS,
    MAX_UTTERANCES,
    Transcript,
    Utterance,
)

TranscriptFormat: TypeAlias = Literal[
    "auto",
    "vtt",
    "srt",
    "sbv",
    "text",
    "json",
    "assemblyai",
    "deepgram",
    "whisper",
    "aws",
    "google",
    "zoom",
    "teams",
    "meet",
    "otter",
    "fireflies",
    "rev",
    "csv",
    "ass",
    "stm",
    "ctm",
]

_MAX_LINES: Final = 10 * MAX_UTTERANCES  # a caption takes four; a file of more is not worth the seconds it would cost
_LONGEST_WORD: Final = 200  # characters; the filling of a disk block has thousands
_MAX_ID_CHARACTERS: Final = 64  # as `Utterance.id`


def read(content: str, format: TranscriptFormat) -> Transcript:  # noqa: A002 - the word of the HTTP contract
    """Read a transcript; `auto` goes by the content.

    Ids are the file's own if every utterance has one of its own, else `u1`, `u2`, ... by place. An utterance longer
    than `MAX_UTTERANCE_CHARACTERS` becomes several with the same speaker and times.

    Raises:
        UnparseableTranscript: the content is not in the format, or has more than `MAX_UTTERANCES` utterances.
        EmptyTranscript: there is no word in it, in any script.
    """
    text = mend(content.replace("\0", "").lstrip("\ufeff"))
    name = detect(text) if format == "auto" else format
    if not is_json(text):  # whose lines say nothing: a pretty-printed word takes five
        _check_size(text.count("\n") + text.count("\r") - text.count("\r\n"), _MAX_LINES, "line ends")
    found = READERS[name](text)
    _check_size(len(found), MAX_UTTERANCES, "utterances")
    return Transcript(utterances=tuple(_utterances(_worded(found))))


def _check_size(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise UnparseableTranscript(f"the transcript has {size} {what}; at most {limit} are read")


def _worded(found: Sequence[Spoken]) -> list[Spoken]:
    spoken = [short for one in found for short in _short(_cleaned(one))]
    if not any(char.isalnum() for one in spoken for char in one.text):
        raise EmptyTranscript("the transcript has no words")
    if len(spoken) == 1 and len(spoken[0].text) > _LONGEST_WORD and len(set(spoken[0].text)) == 1:
        raise EmptyTranscript("the transcript has no words: it is one character over and over")
    _check_size(len(spoken), MAX_UTTERANCES, "utterances")
    return spoken


def _cleaned(one: Spoken) -> Spoken:
    speaker = clean(one.speaker or "")[:MAX_SPEAKER_CHARACTERS].rstrip()
    return one._replace(text=clean(one.text), speaker=speaker or None)


def _short(one: Spoken) -> Iterator[Spoken]:
    """Cut an over-long utterance; leave out one without text."""
    return (one._replace(text=text) for text in cutting.pieces(one.text, MAX_UTTERANCE_CHARACTERS) if text)


def _utterances(spoken: Sequence[Spoken]) -> Iterator[Utterance]:
    own = [one.id for one in spoken if one.id and len(one.id) <= _MAX_ID_CHARACTERS and clean(one.id) == one.id]
    ids = own if len(set(own)) == len(spoken) else [f"u{place}" for place in range(1, len(spoken) + 1)]
    for utterance_id, one in zip(ids, spoken, strict=True):
        yield Utterance(id=utterance_id, speaker=one.speaker, start_s=one.start_s, end_s=one.end_s, text=one.text)
