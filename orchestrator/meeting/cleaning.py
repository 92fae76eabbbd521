"""Text that is safe to store and to show. Pure; cleaning twice changes nothing."""

import re
import unicodedata
from itertools import groupby
from typing import Final

# Controls, bidirectional overrides, zero-width and tag characters: they hide text from readers or forge what they see.
# The zero-width joiner and non-joiner stay: Indic and Persian words and many emoji need them.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
_MAX_MARKS: Final = 30  # in a row: Unicode Standard Annex 15, "Stream-Safe Text Format"; no language needs ten


def clean(text: str) -> str:
    """NFC, single spaces, no hidden characters, no lone surrogates, no crowds of combining marks."""
    if text.isascii():  # most lines of most meetings: nothing to compose, nothing that could be ill-formed
        return " ".join(_HIDDEN.sub("", text).split())
    whole = text.encode("utf-8", "replace").decode("utf-8")
    # NFC comes last but for the spaces: what it joins must not be torn apart by a removal after it.
    return " ".join(unicodedata.normalize("NFC", _thinned(_HIDDEN.sub("", whole))).split())


def _thinned(text: str) -> str:
    """Drop what stands on a letter above thirty marks: to sort them, NFC takes the square of their number."""
    return _CROWD.sub(r"\1", text)


def _marks() -> str:
    """The combining marks of all planes, as the inside of a character class."""
    marks = [code for code in range(0x300, 0x20000) if unicodedata.combining(chr(code))]
    runs = [[code for _, code in run] for _, run in groupby(enumerate(marks), key=lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


_CROWD: Final = re.compile(f"([{_marks()}]{{{_MAX_MARKS}}})[{_marks()}]+")
