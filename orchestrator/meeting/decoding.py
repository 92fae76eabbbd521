"""From the bytes of an uploaded file to its text. Pure.

Nothing is asked of the caller: exports name no encoding, and a file name or header would often name the wrong one. In
this order: byte order mark, UTF-16 by its zero bytes, UTF-8, and windows-1252 for what is not valid UTF-8.
"""

import codecs
import re
from typing import Final

from orchestrator.errors import UnparseableTranscript

# The longer mark first: that of UTF-32 LE begins with that of UTF-16 LE.
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# What people send by mistake, told by the first bytes so that the refusal can name it.
_MAGIC: Final = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"%PDF-": "a PDF document",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"ID3": "an MP3 recording",
    b"RIFF": "a WAV or AVI recording",
    b"OggS": "an Ogg recording",
    b"\x1a\x45\xdf\xa3": "a Matroska or WebM recording",
    b"\x1f\x8b": "a gzip archive",
}
_DOCX: Final = b"word/document.xml"  # names of the files in a ZIP archive stand in it as they are
_SAMPLE_BYTES: Final = 65_536  # enough to see whether every other byte is zero
_MIN_ZERO_SHARE: Final = 0.1  # Latin text in UTF-16 has nearly 1.0, Chinese captions about 0.4 (their time lines)
_MAX_SUSPECT_SHARE: Final = 0.02  # random bytes have 0.1 control characters; text has none, or a stray few
_MAX_STRAY: Final = 2  # in a short note the share alone would refuse a single stray character
_MAX_NUL_SHARE: Final = 0.1  # a text file whose disk block went missing still has its words

_SUSPECT: Final = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_NEVER: Final = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")  # noncharacters: in a guess they say that it was wrong
# A byte that is not part of valid UTF-8, as `surrogateescape` shows it, read as windows-1252.
_STRAY_BYTES: Final = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def decode(data: bytes) -> str:
    """Read a file's bytes as text, without byte order mark and NULs; line ends stay as they are.

    A file that was cut inside its last character loses that character and nothing else. Bytes that are not UTF-8 are
    read as windows-1252 one by one, which serves old files and those that two programs wrote into.

    Raises:
        UnparseableTranscript: this is no text. `offset` is the first character that text does not have.
    """
    _refuse_known_binary(data)
    text = _text(data)
    _refuse_binary(text)
    return text.replace("\0", "")


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _whole_characters(data[len(mark) :], encoding, "replace")
    if (wide := _utf16_without_mark(data)) and not _NEVER.search(guess := _whole_characters(data, wide, "replace")):
        return guess
    try:
        return _whole_characters(data, "utf-8", "strict")
    except UnicodeDecodeError:
        return _whole_characters(data, "utf-8", "surrogateescape").translate(_STRAY_BYTES)


def _whole_characters(data: bytes, encoding: str, errors: str) -> str:
    # final=False makes the decoder wait for the rest of a cut character, and so leave it out.
    return codecs.getincrementaldecoder(encoding)(errors).decode(data, final=False)


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[:_SAMPLE_BYTES]
    pairs = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) <= pairs * _MIN_ZERO_SHARE or max(even, odd) <= 10 * min(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _refuse_known_binary(data: bytes) -> None:
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            what = "a Word document (.docx)" if _DOCX in data else kind
            raise UnparseableTranscript(
                f"the file is {what}; expected text, such as WebVTT, SubRip, plain text or JSON", offset=0
            )


def _refuse_binary(text: str) -> None:
    first = _SUSPECT.search(text)
    suspects = len(text) - len(_SUSPECT.sub("", text)) if first else 0
    if first and suspects > max(_MAX_STRAY, len(text) * _MAX_SUSPECT_SHARE):
        _refuse(text, first.start())
    if text.count("\0") > max(_MAX_STRAY, len(text) * _MAX_NUL_SHARE):
        _refuse(text, text.index("\0"))


def _refuse(text: str, offset: int) -> None:
    raise UnparseableTranscript(
        f"the file is binary, not text: character {offset} is U+{ord(text[offset]):04X}", offset=offset
    )
