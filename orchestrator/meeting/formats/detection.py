"""Which format a text is in, by its content and never by its name. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import captions, cutting

_JSON: Final = re.compile(r'\{\s*["}]|\[\s*[\[{"\]]')  # "[00:01] Ann: hello" and "[Ann] hello" are text
_OPENING_LINES: Final = 40  # captions have their first time line near the top; far below, a speaker quotes one
_OPENING_CHARACTERS: Final = 20_000  # and lines can be long
# What is laid out for machines and has no reader: as plain text its fields would be taken for speech.
_HEADERS: Final[Mapping[str, re.Pattern[str]]] = {
    "an (Advanced) SubStation Alpha file": re.compile(r"\s*\[Script Info\]\s*", re.IGNORECASE),
    "an XML or HTML document": re.compile(r"\s*<(?:\?xml|!doctype|html|tt)\b.*", re.IGNORECASE),
    "a table with a header row": re.compile(
        r"""(?=(?:.*[,;\t])?"?(?:text|transcript|content|sentence|words?)"?(?:[,;\t]|$))"""
        r"""(?=(?:.*[,;\t])?"?(?:speaker|name|start|end|time|timestamp|id)"?(?:[,;\t]|$)).*""",
        re.IGNORECASE,
    ),
}
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?"
_RECORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "an RTTM file": re.compile(r"(?:SPEAKER|SPKR-INFO|LEXEME)\s+\S+\s+[0-9]+\s+\S+\s+\S+\s.*"),
    "a CTM file": re.compile(rf"\S+\s+[0-9A-Z]\s+{_NUMBER}\s+{_NUMBER}\s+\S+(?:\s+{_NUMBER})?\s*"),
    "an STM file": re.compile(rf"\S+\s+[0-9A-Z]\s+\S+\s+{_NUMBER}\s+{_NUMBER}\s.*"),
}


def detect(content: str) -> str:
    """The name of the reader for a text.

    Raises:
        UnparseableTranscript: it is in a known format that has no reader.
    """
    opening = [line for line in cutting.lines(content.lstrip()[:_OPENING_CHARACTERS]) if line.strip()][:_OPENING_LINES]
    if not opening:
        return "text"
    if opening[0].startswith("WEBVTT"):
        return "vtt"
    if _JSON.match(content.lstrip()):
        return "json"
    if any(map(captions.is_time_line, opening)):
        return "srt"
    if unread := _without_reader(opening):
        raise UnparseableTranscript(f"this is {unread}, which is not read; send WebVTT, SubRip, text or JSON", line=1)
    return "text"


def _without_reader(opening: Sequence[str]) -> str | None:
    for what, header in _HEADERS.items():
        if header.fullmatch(opening[0]):
            return what
    for what, record in _RECORDS.items():
        if all(map(record.fullmatch, opening)):
            return what
    return None
