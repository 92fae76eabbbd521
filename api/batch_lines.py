"""Cuts what is uploaded into lines, at flat memory. Pure.

As NDJSON it is cut while it arrives: no more of it is kept than the line that is not yet whole. As one JSON document
it is cut where it lies, in a file, by looking for brackets and the ends of strings; what stands in a job is read
later, by itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final, TypeAlias

from api.bodies import MAX_BODY_BYTES
from api.problems import MalformedJson

Buffer: TypeAlias = bytes | mmap

MAX_BATCH_BYTES: Final = 200 * 1024 * 1024
_BLANK: Final = re.compile(rb"[ \t\n\r]*")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR: Final = re.compile(rb"[^ \t\n\r,\]}{\[\":]+")
_STRUCTURE: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True)
class RawLine:
    """A line with its number, from 1. `body` None: it is longer than a job may be, and was not kept."""

    number: int
    body: bytes | None


@dataclass
class LineCutter:
    """Is fed with pieces of NDJSON and gives its lines. Blank ones count, and are passed over."""

    _kept: bytearray = field(default_factory=bytearray)
    _too_long: bool = False
    _number: int = 0

    def feed(self, piece: bytes) -> Iterator[RawLine]:
        """The lines that end in this piece."""
        *whole, rest = piece.split(b"\n")
        for part in whole:
            self._keep(part)
            yield from self._end()
        self._keep(rest)

    def end(self) -> Iterator[RawLine]:
        """The last line, if it does not end with a line's end."""
        yield from self._end()

    def _keep(self, part: bytes) -> None:
        if self._too_long or len(self._kept) + len(part) > MAX_BODY_BYTES + 1:
            self._too_long = True
            self._kept.clear()
        else:
            self._kept += part

    def _end(self) -> Iterator[RawLine]:
        self._number += 1
        body = bytes(self._kept).strip(b" \t\r")
        if self._too_long or len(body) > MAX_BODY_BYTES:
            yield RawLine(self._number, None)
        elif body:
            yield RawLine(self._number, body)
        self._kept.clear()
        self._too_long = False


@dataclass(frozen=True)
class Cut:
    """Where the parts of a document lie, as begin and end: its fields, the elements of `jobs`. None: it has none."""

    fields: dict[str, tuple[int, int]]
    jobs: tuple[tuple[int, int], ...] | None


def cut(document: Buffer, most_jobs: int, on_way: Callable[[int], None] = lambda _: None) -> Cut:
    """Find the parts of a batch in one JSON document, without reading any.

    Of an array `jobs` no more than `most_jobs` and one more are looked for. Brackets are paired without regard to their
    kind, and the parts may be no JSON: whoever reads them finds that out. `on_way` is told the end of each job as it is
    found: what lies before is not looked at again.

    Raises:
        MalformedJson: it is no JSON object, or a field stands twice in it.
    """
    at = _expect(document, 0, b"{")
    fields: dict[str, tuple[int, int]] = {}
    jobs: tuple[tuple[int, int], ...] | None = None
    at = _blank(document, at)
    while document[at : at + 1] != b"}":
        name, at = _name(document, at)
        if name in fields:
            raise MalformedJson("The body is not valid JSON: a key stands twice in one object.")
        begin = at = _blank(document, _expect(document, at, b":"))
        if name == "jobs" and document[at : at + 1] == b"[":
            jobs, at = _elements(document, at, most_jobs, on_way)
            if len(jobs) > most_jobs:
                return Cut(fields, jobs)
        else:
            at = _value(document, at)
        fields[name] = begin, at
        at = _next(document, at, b"}")
    if _blank(document, at + 1) != len(document):
        raise _malformed(at + 1)
    return Cut(fields, jobs)


def _elements(
    document: Buffer, at: int, most: int, on_way: Callable[[int], None]
) -> tuple[tuple[tuple[int, int], ...], int]:
    found: list[tuple[int, int]] = []
    at = _blank(document, at + 1)
    while document[at : at + 1] != b"]":
        begin, at = at, _value(document, at)
        found.append((begin, at))
        on_way(at)
        if len(found) > most:
            break
        at = _next(document, at, b"]")
    return tuple(found), at + 1


def _next(document: Buffer, at: int, end: bytes) -> int:
    """Past a comma and to the next part, or to the end of the whole."""
    at = _blank(document, at)
    if document[at : at + 1] == end:
        return at
    at = _blank(document, _expect(document, at, b","))
    if document[at : at + 1] == end:
        raise _malformed(at)
    return at


def _value(document: Buffer, at: int) -> int:
    """Where the value ends that begins here."""
    if document[at : at + 1] in {b"{", b"["}:
        return _closed(document, at)
    found = _STRING.match(document, at) or _SCALAR.match(document, at)
    if found is None:
        raise _malformed(at)
    return found.end()


def _closed(document: Buffer, at: int) -> int:
    depth = 0
    for found in _STRUCTURE.finditer(document, at):
        mark = document[found.start() : found.start() + 1]
        depth += (mark in {b"{", b"["}) - (mark in {b"}", b"]"})
        if depth == 0:
            return found.end()
    raise _malformed(len(document))


def _name(document: Buffer, at: int) -> tuple[str, int]:
    found = _STRING.match(document, at)
    if found is None:
        raise _malformed(at)
    return found.group()[1:-1].decode("utf-8", "replace"), found.end()


def _expect(document: Buffer, at: int, mark: bytes) -> int:
    at = _blank(document, at)
    if document[at : at + 1] != mark:
        raise _malformed(at)
    return at + 1


def _blank(document: Buffer, at: int) -> int:
    found = _BLANK.match(document, at)
    return at if found is None else found.end()


def _malformed(at: int) -> MalformedJson:
    return MalformedJson(f"The body is not valid JSON: something else was expected at byte {at}.")
