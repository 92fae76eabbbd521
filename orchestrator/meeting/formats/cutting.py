"""Where text may be cut: at line ends, after sentences, at worst at a space. Pure; only white space is ever lost."""

import re
from typing import Final

# A full stop and its closing quote, then white space; Chinese and Japanese write no space after theirs.
_SENTENCE_END: Final = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’')\]]))\s+|(?<=[。！？])")
_BORDERS: Final = (". ", "? ", "! ", "… ", "。", "！", "？")


def lines(content: str) -> list[str]:
    """Lines as editors count them: CRLF, LF or CR ends one; the rarer Unicode separators do not."""
    return content.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def passages(text: str, aim_characters: int) -> list[str]:
    """Whole sentences, gathered while they fit into `aim_characters`; a longer sentence stays whole."""
    gathered: list[str] = []
    parts: list[str] = []
    room = 0
    for sentence in filter(None, _SENTENCE_END.split(text)):
        if parts and len(sentence) > room:
            gathered.append(" ".join(parts))
            parts, room = [], 0
        room = (room if parts else aim_characters) - len(sentence)
        parts.append(sentence)
    return [*gathered, " ".join(parts)]


def pieces(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters, cut after a sentence, else at a space, else where the limit falls."""
    parts: list[str] = []
    at = 0
    while len(text) - at > limit:
        end = at + _last_border(text[at : at + limit])
        parts.append(text[at:end].strip())
        at = end
    return [*parts, text[at:].strip()]


def _last_border(window: str) -> int:
    after = max(place + len(border) if (place := window.rfind(border)) >= 0 else 0 for border in _BORDERS)
    return after or window.rfind(" ") + 1 or len(window)
