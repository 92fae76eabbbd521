"""Which format a text is in, by its content and never by its name. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import captions, cutting, nist, substation, tables

# What `detect` may answer, in words that complete "this is ...".
KINDS: Final[Mapping[str, str]] = {
    "vtt": "WebVTT",
    "srt": "captions with time lines",
    "json": "JSON",
    "ass": "an (Advanced) SubStation Alpha file",
    "csv": "a table with a header row",
    "stm": "an STM file",
    "ctm": "a CTM file",
    "text": "plain text",
}

_JSON: Final = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')  # "[00:01] Ann: hello" and "[Ann] hello" are text
_OPENING_LINES: Final = 40  # captions have their first time line near the top; far below, a speaker quotes one
_OPENING_CHARACTERS: Final = 20_000  # and lines can be long
# What is told by its first line.
_HEADS: Final[Mapping[str, Callable[[str], bool]]] = {"ass": substation.is_heading, "csv": tables.is_header}
# What is told by each of its lines.
_RECORDS: Final[Mapping[str, Callable[[str], bool]]] = {"ctm": nist.is_ctm, "stm": nist.is_stm}
# What is laid out for machines and has no reader: as plain text its fields would be taken for speech.
_MARKUP: Final = re.compile(r"\s*<(?:\?xml|!doctype|html|tt)\b.*", re.IGNORECASE)
_TURNS: Final = re.compile(r"(?:SPEAKER|SPKR-INFO|LEXEME)\s+\S+\s+[0-9]+\s+\S+\s+\S+\s.*")


def detect(content: str) -> str:
    """The kind of a text, a key of `KINDS`.

    Raises:
        UnparseableTranscript: it is in a known format that has no reader.
    """
    opening = _opening(content)
    if not opening:
        return "text"
    if opening[0].startswith("WEBVTT"):
        return "vtt"
    if is_json(content):
        return "json"
    if any(map(captions.is_time_line, opening)):
        return "srt"
    _refuse_unread(opening)
    heads = (kind for kind, is_head in _HEADS.items() if is_head(opening[0]))
    records = (kind for kind, is_record in _RECORDS.items() if all(map(is_record, opening)))
    return next(heads, None) or next(records, "text")


def is_json(content: str) -> bool:
    """Whether a text begins as JSON documents do."""
    return _JSON.match(content.lstrip()) is not None


def is_surely_captions(content: str) -> bool:
    """Whether a text begins with a cue's time line, with or without a number above it."""
    opening = _opening(content)
    return any(map(captions.is_time_line, opening[: 2 if opening and opening[0].strip().isdigit() else 1]))


def _opening(content: str) -> list[str]:
    """The first lines that are not blank."""
    lines = cutting.lines(content.lstrip()[:_OPENING_CHARACTERS])
    return [line for line in lines if line.strip()][:_OPENING_LINES]


def _refuse_unread(opening: list[str]) -> None:
    if _MARKUP.fullmatch(opening[0]):
        raise _unread("an XML or HTML document")
    if all(map(_TURNS.fullmatch, opening)):
        raise _unread("an RTTM file: it says who spoke when, and no word of it")


def _unread(what: str) -> UnparseableTranscript:
    return UnparseableTranscript(f"this is {what}; expected WebVTT, SubRip, text, JSON or a table", line=1)
