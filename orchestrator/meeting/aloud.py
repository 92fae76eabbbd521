"""Finds the same as it is dictated and written down by a speech recogniser, in English. Pure.

| said | is |
|---|---|
| john dot smith at example dot com | an e-mail address |
| example dot com slash prices | a web address |
| five five five, oh one double two | a phone number: seven digits or more, in words or in figures |

Of an address only what is joined by "dot", "underscore", "dash" or "plus" is known to belong to it, with one word
before: the "john" in "john smith at example dot com" may be anybody's.
"""

import re
from collections.abc import Iterator
from typing import Final

from orchestrator.meeting.sensitive import Span, has_check_digit

_WORD: Final = r"[\w'-]{1,40}"
_HOST: Final = rf"{_WORD}(?:\s+dot\s+{_WORD}|\.{_WORD}){{1,6}}"
_JOINT: Final = r"(?:\s+(?:dot|underscore|dash|hyphen|minus|plus)\s+|\.)"
# In the end there is an address only where at least one "dot" or "at" was said as a word.
_EMAIL: Final = re.compile(rf"(?<!\w){_WORD}(?:{_JOINT}{_WORD}){{0,6}}\s+at\s+{_HOST}", re.IGNORECASE)
_URL: Final = re.compile(
    rf"(?<!\w)(?:(?:w\s*w\s*w|www|triple w)\s+dot\s+)?{_WORD}(?:\s+dot\s+{_WORD}){{0,5}}\s+dot\s+"
    rf"(?:com|org|net|edu|gov|info|io|ai|app|dev|co|uk|de|fr|eu|us|ca)\b(?:\s+dot\s+(?:uk|au|nz|jp|in)\b)?"
    rf"(?:\s+slash\s+{_WORD}){{0,6}}",
    re.IGNORECASE,
)
_FIGURES: Final = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_TIMES: Final = {"double": 2, "triple": 3}
_ONE: Final = rf"(?:(?:double|triple)\s+)?(?:{'|'.join(_FIGURES)}|[0-9])"
_RUN: Final = re.compile(
    rf"(?<!\w)(?:plus\s+)?{_ONE}(?:(?:[\s,.-]{{1,3}}|\s+dash\s+){_ONE}(?!\w)){{5,24}}(?!\w)", re.IGNORECASE
)
_PIECE: Final = re.compile(r"[a-z]+|[0-9]", re.IGNORECASE)
_LEAST_DIGITS: Final = 7
_CARD_DIGITS: Final = range(13, 20)


def emails(text: str) -> Iterator[Span]:
    yield from (match.span() for match in _EMAIL.finditer(text) if _has_ending(match[0]))


def urls(text: str) -> Iterator[Span]:
    yield from (match.span() for match in _URL.finditer(text))


def phones(text: str) -> Iterator[Span]:
    yield from (span for span, digits in _runs(text) if not _is_card(digits))


def payment_cards(text: str) -> Iterator[Span]:
    yield from (span for span, digits in _runs(text) if _is_card(digits))


def digits_of(text: str) -> str:
    """The figures in a text, those that are words among them."""
    found, times = "", 1
    for piece in _PIECE.findall(text.lower()):
        if piece in _TIMES:
            times = _TIMES[piece]
        elif piece.isdigit() or piece in _FIGURES:
            found += str(_FIGURES.get(piece, piece)) * times
            times = 1
    return found


def _runs(text: str) -> Iterator[tuple[Span, str]]:
    for match in _RUN.finditer(text):
        if len(digits := digits_of(match[0])) >= _LEAST_DIGITS:
            yield match.span(), digits


def _is_card(digits: str) -> bool:
    return len(digits) in _CARD_DIGITS and has_check_digit(digits)


def _has_ending(address: str) -> bool:
    """A host ends in letters; "at 5.30" and "at version 2.0" are none."""
    last = re.split(r"\s+dot\s+|\.", address, flags=re.IGNORECASE)[-1]
    return last.isalpha() and len(last) > 1
