"""Server-sent events, taken from bytes as they come. Pure.

Lines end with LF, CRLF or CR and with nothing else: a line splitter that knows Unicode tears an event apart at a
U+2028 inside its data. Bytes may be cut anywhere, inside a character or between CR and LF.
Source: shared design page providers.md, section 7.2; the format itself is WHATWG's.
"""

import re
from typing import Final, NamedTuple

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"
_FIELDS: Final = frozenset((b"data", b"event", b"id", b"retry"))


class Event(NamedTuple):
    """An event: `name` is "" where the stream gives none; `data` are its lines joined with LF."""

    name: str
    data: str


class Parser:
    """Feed it bytes in pieces of any size; it gives back the events that are complete.

    The time is linear in the bytes, however small the pieces and however long a line.
    """

    def __init__(self) -> None:
        self._stray: list[bytes] = []
        self._rest: list[bytes] = []  # of a line whose end has not come
        self._began = False
        self._name = b""
        self._data: list[bytes] = []

    @property
    def stray(self) -> bytes:
        """The lines that are no field of any event: some vendors break a stream off with bare JSON."""
        return b"".join(self._stray)

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this piece completes."""
        half_an_end = bool(self._rest) and self._rest[-1].endswith(b"\r")
        self._rest.append(chunk)
        if self._began and not half_an_end and not _LINE_END.search(chunk):
            return []
        return self._take(b"".join(self._rest), ended=False)

    def close(self) -> list[Event]:
        """The event that the end of the stream completes, if one had begun."""
        return [*self._take(b"".join(self._rest), ended=True), *self._dispatch()]

    def _take(self, text: bytes, *, ended: bool) -> list[Event]:
        if not self._began:
            if not ended and len(text) < len(_BOM) and _BOM.startswith(text):
                return []
            self._began, text = True, text.removeprefix(_BOM)
        events: list[Event] = []
        at = 0
        for found in _LINE_END.finditer(text):
            # A CR at the very end may be the first half of CRLF: it waits for the next piece.
            if not ended and found.group() == b"\r" and found.end() == len(text):
                break
            events += self._line(text[at : found.start()])
            at = found.end()
        self._rest = [] if ended or at == len(text) else [text[at:]]
        if ended and at < len(text):
            events += self._line(text[at:])
        return events

    def _line(self, line: bytes) -> list[Event]:
        if not line:
            return self._dispatch()
        if line.startswith(b":"):
            return []  # a comment: some providers keep a connection alive with them
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field not in _FIELDS:
            self._stray.append(line + b"\n")
        elif field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value
        return []

    def _dispatch(self) -> list[Event]:
        name, data = self._name, self._data
        self._name, self._data = b"", []
        return [Event(_text(name), _text(b"\n".join(data)))] if data else []


def events(body: bytes) -> tuple[tuple[Event, ...], bytes]:
    """All events of a whole stream, and its stray lines."""
    parser = Parser()
    found = (*parser.feed(body), *parser.close())
    return found, parser.stray


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
