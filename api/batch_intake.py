"""Takes in an uploaded batch: cut into lines, which go to the desk a few at a time.

NDJSON goes in while it arrives. What must be known whole first, an atomic batch or one JSON document, is written to a
file that has no name and is gone with the request; so memory stays flat in each case.
"""

import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, MADV_DONTNEED, mmap
from typing import IO, Final, TypeAlias

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.arriving import alive
from api.batch_bodies import defaults_of
from api.batch_desk import MOST_TOLD, Desk, Taken, too_many
from api.batch_lines import MAX_BATCH_BYTES, LineCutter, RawLine, cut
from api.batch_schemas import BatchBody, Reprocess
from api.bodies import MAX_BODY_BYTES, parse
from api.problems import BodyTooSlow, TooLarge, UnsupportedMediaType
from api.uploads import Uploads
from orchestrator.batches.reprocessing import Reprocessing
from orchestrator.errors import BatchRefused, InvalidRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage.batch_sources import Which
from orchestrator.work.batches import MOST_LINES
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject

# A turn's worth of lines: some tenths of a second, in which the batch is held and a connection is in use.
MOST_OF_TURN: Final = 16
MOST_BYTES_OF_TURN: Final = 1024 * 1024
READ_BYTES: Final = 256 * 1024

# Of a document, how much is looked at before its pages are given back: they lie in the file.
MAPPED_BYTES: Final = 8 * 1024 * 1024

NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"
Spans: TypeAlias = Sequence[tuple[int, int]]


def media_type(request: Request) -> str:
    """Raises UnsupportedMediaType: it is none that a batch may have, or is compressed."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in {NDJSON, JSON} or request.headers.get("content-encoding"):
        raise UnsupportedMediaType(f"Send {NDJSON} or {JSON} in UTF-8 without a content encoding.")
    return declared


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives.

    Raises:
        TooLarge: it passes the cap, by its own word or as it arrives.
        BodyTooSlow: nothing comes any more, or too little.
    """
    length = request.headers.get("content-length", "")
    left = MAX_BATCH_BYTES
    if length.isdecimal() and int(length[:18]) > left:
        raise _too_large()
    async for piece in alive(request.stream()):
        left -= len(piece)
        if left < 0:
            raise _too_large()
        yield piece


@dataclass
class Pages:
    """A document in a file, of which no more stays in memory than was looked at last."""

    document: mmap
    _given_back_at: int = 0

    def passed(self, at: int) -> None:
        """Whoever looks at it has come so far, or begins anew. Looking back is allowed: it is read again."""
        if abs(at - self._given_back_at) >= MAPPED_BYTES:
            self.document.madvise(MADV_DONTNEED)
            self._given_back_at = at


@dataclass(frozen=True)
class Intake:
    """The way of one upload. The thread of `uploads` does the work, in turns."""

    desk: Desk
    uploads: Uploads

    async def stream(self, body: AsyncIterator[bytes]) -> Taken:
        """Lines of NDJSON, taken in as they arrive.

        Raises:
            TooLarge: there are too many; what was taken in is canceled.
            BodyTooSlow: they stopped coming; what was taken in stays, as if the caller had gone.
        """
        turn: list[RawLine] = []
        try:
            async for line in _lines(body):
                turn.append(line)
                if _is_full(turn):
                    await self.uploads.work(self.desk.take, turn)
                    turn = []
            await self.uploads.work(self.desk.take, turn)
        except (ClientDisconnect, BodyTooSlow):
            await self.uploads.work(self.desk.leave)
            raise
        except TooLarge:
            await self.uploads.work(self.desk.cancel)
            raise
        return await self.uploads.work(self.desk.finish)

    async def whole(self, body: AsyncIterator[bytes]) -> Taken:
        """A body that is looked at once all of it has come."""
        with tempfile.TemporaryFile() as file:
            async for piece in body:
                file.write(piece)  # into the page cache: no disk is waited for
            file.flush()
            if not file.tell():
                raise InvalidRequest("A batch has at least one job.")
            if self.desk.as_lines:
                return await self._from_lines(file)
            with mmap(file.fileno(), 0, access=ACCESS_READ) as document:
                return await self._from_document(document)

    async def _from_lines(self, file: IO[bytes]) -> Taken:
        await self._check(_read(file))
        return await self._take(_read(file))

    async def _from_document(self, document: mmap) -> Taken:
        pages = Pages(document)
        found = await self.uploads.work(self._parts, pages)
        if isinstance(found, Reprocess):
            return await self._reprocess(found)
        if self.desk.atomic:
            await self._check(_elements(pages, found))
        return await self._take(_elements(pages, found))

    async def _check(self, lines: Iterable[RawLine]) -> None:
        """Raises BatchRefused: some lines are not good."""
        told: list[JsonObject] = []  # the others are counted: ten thousand problems are more than the batch
        bad = 0
        seen: set[str] = set()
        for turn in _turns(lines):
            found = await self.uploads.work(self.desk.problems, turn, seen)
            bad += len(found)
            told += found[: MOST_TOLD - len(told)]
        self.desk.count_again()
        if bad:
            raise BatchRefused(f"{bad} lines are not good; none was taken in.", lines=told)

    async def _take(self, lines: Iterable[RawLine]) -> Taken:
        for turn in _turns(lines):
            await self.uploads.work(self.desk.take, turn)
        return await self.uploads.work(self.desk.finish)

    def _parts(self, pages: Pages) -> Spans | Reprocess:
        """Where the jobs of a document lie, or of which jobs it means the meetings."""
        document = pages.document
        parts = cut(document, MOST_LINES, pages.passed)
        if parts.jobs is not None and len(parts.jobs) > MOST_LINES:
            raise too_many()
        beside = {name: span for name, span in parts.fields.items() if name != "jobs" or parts.jobs is None}
        if sum(end - begin for begin, end in beside.values()) > MAX_BODY_BYTES:
            raise _too_large()
        named = (json.dumps(name).encode() + b":" + document[begin:end] for name, (begin, end) in beside.items())
        body = parse(b"{" + b",".join(named) + b"}", BatchBody)
        self.desk.defaults = defaults_of(body.defaults)
        if (parts.jobs is None) == (body.reprocess is None):
            raise InvalidRequest("Give either jobs or reprocess.")
        return body.reprocess or parts.jobs or ()

    async def _reprocess(self, asked: Reprocess) -> Taken:
        """Find the meetings as the batch grows; a repeated call goes on after the last one."""
        if self.desk.atomic:
            raise InvalidRequest("Stored meetings are taken in one by one; atomic is for jobs.", pointer="/reprocess")
        work, tenant, desk = self.uploads.work, self.desk.tenant, self.desk
        which = Which(**{**asked.model_dump(), "status": asked.status and JobStatus(asked.status)})
        source = Reprocessing(desk.dispatch.database, which, desk.defaults, desk.words.of)
        await work(source.require_some, tenant)
        # The door is asked by some job of its kind, before the first meeting is looked for.
        probe = AnalysisRequest.model_validate_json(json.dumps({**desk.defaults, "transcript": {"content": "-"}}))
        begun = await work(desk.begin, probe, asked.model_dump(mode="json"))
        while lines := await work(source.next_lines, tenant, begun.batch_id, MOST_OF_TURN):
            await work(desk.taking.take, tenant, begun.batch_id, lines)
        return await work(desk.finish, MOST_LINES)


async def _lines(body: AsyncIterator[bytes]) -> AsyncIterator[RawLine]:
    cutter = LineCutter()
    async for piece in body:
        for line in cutter.feed(piece):
            yield line
    for line in cutter.end():
        yield line


def _read(file: IO[bytes]) -> Iterator[RawLine]:
    cutter = LineCutter()
    file.seek(0)
    while piece := file.read(READ_BYTES):
        yield from cutter.feed(piece)
    yield from cutter.end()


def _elements(pages: Pages, spans: Spans) -> Iterator[RawLine]:
    """Jobs of a document, numbered as lines are."""
    for number, (begin, end) in enumerate(spans, 1):
        yield RawLine(number, pages.document[begin:end] if end - begin <= MAX_BODY_BYTES else None)
        pages.passed(end)


def _turns(lines: Iterable[RawLine]) -> Iterator[list[RawLine]]:
    turn: list[RawLine] = []
    for line in lines:
        turn.append(line)
        if _is_full(turn):
            yield turn
            turn = []
    if turn:
        yield turn


def _is_full(turn: Sequence[RawLine]) -> bool:
    return len(turn) >= MOST_OF_TURN or sum(len(line.body or b"") for line in turn) >= MOST_BYTES_OF_TURN


def _too_large() -> TooLarge:
    return TooLarge(f"A batch may have at most {MAX_BATCH_BYTES} bytes.")
