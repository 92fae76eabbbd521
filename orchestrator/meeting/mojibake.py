"""UTF-8 that a program once took for windows-1252 and saved again: "SeÃ±or" for "Señor". Pure; mending is safe.

Nothing is guessed: text that is right has accented letters before plain ones, which are no UTF-8 in windows-1252. So
a whole text either is such a mistake in all its letters beyond ASCII, or it is left as it is.
"""

import re
from typing import Final

_BYTES: Final = range(0x80, 0x100)


def _char(byte: int) -> str:
    """What windows-1252 shows for a byte; for the five that it leaves open, what browsers and ISO 8859-1 do."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


# Both readings of each byte: some programs took the text for ISO 8859-1.
_BYTE_OF: Final = {_char(byte): byte for byte in _BYTES} | {chr(byte): byte for byte in _BYTES}


_RUN: Final = re.compile(r"[^\x00-\x7f]+")


def mend(text: str) -> str:
    """The text as it was before the mistake; the same text where there was none."""
    try:
        return _RUN.sub(lambda run: bytes(_BYTE_OF[char] for char in run[0]).decode("utf-8"), text)
    except (KeyError, UnicodeDecodeError):
        return text
