r"""What stands inside a caption: voices, tags, entities. Pure.

Source: W3C, "WebVTT: The Web Video Text Tracks Format", section "WebVTT cue text"; SubRip's HTML tags and the
`{\an8}` overrides are common practice. Broken markup stays as text: losing words is worse than showing a bracket.
"""

import html
import re
from typing import Final, NamedTuple

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import strict_json

# No class may run across a "<", so that a row of them costs linear time.
_VOICE: Final = re.compile(r"<(?P<end>/)?v(?:\.[^\s<>]*)?(?:\s+(?P<name>[^<>]*))?>", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<(?:/?[A-Za-z.][^<>]*|/\s*|[0-9]+:[0-9:.,]+)?>|\{\\[^{}]*\}")
# Only with its semicolon: "AT&T", "R&D" and "a&lt b" are text.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


class Voiced(NamedTuple):
    """A part of a cue under one voice. `voice` is None where the cue names none; lines are kept."""

    voice: str | None
    text: str


def parts(text: str) -> list[Voiced]:
    """The parts of a cue with words in them, in order, free of markup."""
    if described := _described(text):
        return [described]
    found: list[Voiced] = []
    voice, at = None, 0
    for tag in _VOICE.finditer(text):
        found.append(Voiced(voice, _plain(text[at : tag.start()])))
        voice, at = None if tag["end"] else _plain(tag["name"] or "").strip() or None, tag.end()
    found.append(Voiced(voice, _plain(text[at:])))
    return [part for part in found if part.text.strip()]


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), _MARKUP.sub("", text))


def _described(text: str) -> Voiced | None:
    """A cue of Microsoft Graph's `metadataContent`, whose text is a JSON object with the words inside."""
    if not text.lstrip().startswith("{") or '"spokenText"' not in text:
        return None
    try:
        described = strict_json.parse(text)
    except UnparseableTranscript:
        return None
    if not isinstance(described, dict) or not isinstance(words := described.get("spokenText"), str):
        return None
    name = described.get("speakerName")
    return Voiced(name if isinstance(name, str) and name else None, words)
