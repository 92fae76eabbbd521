"""Trims what was said to what is worth quoting; a quote stays a verbatim piece. Pure."""

import re
from typing import Final

# Sounds and noises wherever they stand; listening words only where a comma sets them off, since "right" in "right
# buttons" and "like" in "like that" belong to the sentence.
_SOUND: Final = (
    r"(?:\[[^\[\]]{0,40}\]|\{[^{}]{0,40}\}|<[^<>]{0,40}>|"
    r"\b(?:uh[- ]?huh|mm+[- ]hmm+|uh|um|uhm|er|erm|ah|eh|hm+|mm+|mhm|ehm|euh|äh|ähm)\b(?!-))"
)
_LISTENING: Final = r"(?:yeah|yes|yep|okay|ok|'?kay|right|alright|all right|well|so|and|like|oh|you know|I mean)"
_LEADING: Final = re.compile(rf"(?:{_SOUND}[\s,.…-]*|{_LISTENING},\s+|[\s,.…-]+)", re.IGNORECASE)
_TRAILING: Final = re.compile(
    rf"(?:(?:^|(?<=[\s,])){_SOUND}[,.]?|(?<=,)\s{_LISTENING}[,.]?|\s+|--+|[,，、…])$", re.IGNORECASE
)
_TAIL: Final = 48  # characters that a noise may take at the end; a search of the whole would be slow in long turns


def trim(text: str) -> str:
    """Leave out fillers at both ends; the text itself when it holds nothing else."""
    start = 0
    while match := _LEADING.match(text, start):
        start = match.end()
    end = len(text)
    while match := _TRAILING.search(text, max(start, end - _TAIL), end):
        end = match.start()
    return text[start:end] if any(letter.isalnum() for letter in text[start:end]) else text
