"""Turns spoken words into a readable sentence by leaving words out; it never adds one. Pure."""

import re
from typing import Final

from providers.extractive import words

MAX_FALSE_START: Final = 3  # letters; a longer piece of the next word is often a word of its own
MAX_CHARACTERS: Final = 240  # an item is one plain sentence; a longer one is cut at a word

_FILLER: Final = re.compile(
    r"\b(?:uh|um|uhm|er|erm|ah|eh|hm+|mm+|mhm|hhh|ehm|euh|äh|ähm)\b(?!-)[,.…]*\s*|,?\s*\b(?:you know|I mean),\s*"
    r"|(?<=\w )you know (?=\w)|[呃嗯]+[，、]?",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(r"\s*(?:--+|…|\.\.\.+)\s*,?\s*")
_SPACE: Final = re.compile(r"\s+")
_SPACE_BEFORE_MARK: Final = re.compile(r"\s+([,.;:!?])")
_MARK_RUN: Final = re.compile(r"([,;:])(?:\s*[,;:])+|,\s*(?=[.!?])")
# A run of one to four words said twice or more. Bounded on purpose: an open-ended run would be quadratic.
_REPEATED: Final = re.compile(r"\b((?:[\w'’-]{1,30} ){0,3}[\w'’-]{1,30})(?:,? \1\b)+", re.IGNORECASE)
_LEADING: Final = re.compile(
    r"(?:(?:and|but|so|or|okay|ok|'?kay|yeah|yes|yep|well|right|alright|all right|then|because|'cause|like|now|anyway|"
    r"also|oh|i mean|you know|i think|i guess|basically|obviously|actually|sure|cool|great|perfect|"
    r"y|pero|entonces|bueno|pues|et|mais|donc|alors|bon|und|aber|also|dann|ja)\b,?\s+|那么?(?=\w)|然后，?|但是，?|所以，?|[,;:.\s-]+)",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(
    r"(?:[\s,;:，、-]+|(?<=\s)(?:and|but|so|or|um|uh|yeah|you know|then|because|like|okay|right|no\?|y|et|und))$",
    re.IGNORECASE,
)
_END_MARKS: Final = ".!?。！？"


def sentence(text: str) -> str:
    """One clean sentence of the words of `text`, with a capital and a full stop; "" when only noise was said."""
    bare = strip(text)
    if not any(letter.isalnum() for letter in bare):
        return ""
    bare = _shorten(bare)
    return capital(bare) + _full_stop(bare)


def unfill(text: str) -> str:
    """Leave out noise, fillers, repetitions and broken-off starts; the sentence keeps its beginning and end."""
    bare = _FILLER.sub(" ", words.NOISE.sub(" ", text))
    bare = _SPACE.sub(" ", _BREAK.sub(", ", bare)).strip()
    bare = _REPEATED.sub(r"\1", _drop_false_starts(bare))
    return _MARK_RUN.sub(r"\1", _SPACE_BEFORE_MARK.sub(r"\1", bare))


def capital(text: str) -> str:
    """Begin with a capital, unless the letter has none of its own ("ß" would become "SS", another word)."""
    first = text[:1].upper()
    return first + text[1:] if first.lower() == text[:1] else text


def strip(text: str) -> str:
    """Leave out, besides, what merely leads in or trails off."""
    return _trim_end(_trim_start(unfill(text)))


def _trim_start(text: str) -> str:
    while match := _LEADING.match(text):
        text = text[match.end() :]
    return text


def _trim_end(text: str) -> str:
    while match := _TRAILING.search(text[-12:]):
        text = text[: len(text) - len(text[-12:]) + match.start()]
    return text


def _drop_false_starts(text: str) -> str:
    """Leave out "mi" in "mi minutes": a short piece of the next word that is no word itself."""
    said = text.split(" ")
    kept = [
        word
        for word, following in zip(said, [*said[1:], ""], strict=True)
        if len(word) > MAX_FALSE_START or not _is_false_start(word.lower(), following.lower())
    ]
    return " ".join(kept)


def _is_false_start(word: str, following: str) -> bool:
    return (
        word.isalpha()
        and word.isascii()
        and len(following) > len(word)
        and following.startswith(word)
        and word not in words.STOP
    )


def _shorten(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    window = text[: MAX_CHARACTERS - 1]
    space = max(window.rfind(mark) for mark in " ，、")
    return window[: space if space > MAX_CHARACTERS // 2 else None].rstrip(" ,;:，、") + "…"


def _full_stop(text: str) -> str:
    if text.endswith((*_END_MARKS, "…")):
        return ""
    return "。" if "\u4e00" <= text[-1] <= "\u9fff" else "."
