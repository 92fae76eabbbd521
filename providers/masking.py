"""Keeps keys out of what operators read. Pure."""

import re
from collections.abc import Iterable
from typing import Final

MAX_MESSAGE_CHARACTERS: Final = 300  # enough to see what a provider means; the rest is in its own log

_MASK: Final = "***"
# Keys that are not ours to know, but look like one: another tenant's, or an old one that a provider quotes.
_LIKE_A_KEY: Final = re.compile(
    r"(?P<scheme>\b(?:Bearer|Basic)\s+)[^\s\"',;<>]+"
    r"|\b(?:sk|pk|rk|key|gsk|xai)[-_][A-Za-z0-9_\-]{8,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}",
    re.IGNORECASE,
)


def mask(text: str, keys: Iterable[str]) -> str:
    """Replace each of the keys, and whatever looks like one, by three stars."""
    # The longest first: a key may hold another one.
    for key in sorted((key for key in keys if key), key=len, reverse=True):
        text = text.replace(key, _MASK)
    return _LIKE_A_KEY.sub(lambda found: f"{found['scheme'] or ''}{_MASK}", text)


def trimmed(text: str, keys: Iterable[str]) -> str:
    """Masked, on one line, and cut to a readable length: in this order, so that no half of a key is left standing."""
    line = " ".join(mask(text, keys).split())
    return line if len(line) <= MAX_MESSAGE_CHARACTERS else f"{line[: MAX_MESSAGE_CHARACTERS - 1]}…"
