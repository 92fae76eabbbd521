"""Readers of event streams that are cut off at random, and what each of them was told.

Each is one connection at a time, cut by a reset (SO_LINGER of zero: the far end is told nothing in order), and goes on
where it was cut off by `Last-Event-ID`. It speaks just enough HTTP/1.1 for our own API: status, chunks.
"""

import asyncio
import json
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from orchestrator.work.events import is_end
from providers import sse

CONNECT_S: Final = 5.0
SILENT_S: Final = 40.0  # more than two heartbeats: whoever is silent for longer is gone
PAUSE_S: Final = 0.3  # before somebody comes back who got nothing
_ABORT: Final = struct.pack("ii", 1, 0)  # struct linger of socket(7): on, zero seconds


@dataclass
class Told:
    """What one reader was told of its job, in the order in which it came; and what it went through for it.

    `ended`: the service ended the stream after the job's end. `odd`: an answer that no reader should get.
    """

    job: str
    versions: list[int] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    connections: int = 0
    resets: int = 0
    refused: int = 0
    ended: bool = False
    odd: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """The version up to which it was told."""
        return self.versions[-1] if self.versions else 0

    @property
    def is_whole(self) -> bool:
        """Whether it saw the job's story, each event once and in order, and its end."""
        return self.ended and not self.odd and self.versions == list(range(1, len(self.versions) + 1))


class Readers:
    """A crowd of readers of one service, on one event loop.

    Args:
        cut_after_s: bounds within which a connection is reset, at random; longer streams are cut again and again.
    """

    def __init__(self, url: str, key: str, *, seed: int, cut_after_s: tuple[float, float]) -> None:
        parts = urlsplit(url)
        self.place = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.key = key
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {key}\r\nAccept: text/event-stream\r\n"
        self._chance = random.Random(seed)  # noqa: S311 - a drill's own dice, the same in each run
        self._cut_after_s = cut_after_s

    async def follow_all(self, jobs: Sequence[str], within_s: float) -> list[Told]:
        """One reader for each, until all have seen their job's end or the time is over."""
        told = [Told(job) for job in jobs]
        until = time.monotonic() + within_s
        await asyncio.gather(*(self._follow(one, until) for one in told))
        return told

    async def _follow(self, told: Told, until: float) -> None:
        while not told.ended and not told.odd and time.monotonic() < until:
            before = len(told.versions)
            try:
                async with asyncio.timeout(self._chance.uniform(*self._cut_after_s)):
                    await self._read(told)
            except TimeoutError:
                told.resets += 1
            except (OSError, EOFError):
                pass  # the service's own end of the link: it was killed, or it ends
            if len(told.versions) == before and not told.ended:
                await asyncio.sleep(PAUSE_S)

    async def _read(self, told: Told) -> None:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(*self.place)
        told.connections += 1
        try:
            request = f"GET /v1/jobs/{told.job}/events HTTP/1.1\r\n{self._head}Last-Event-ID: {told.seen}\r\n\r\n"
            writer.write(request.encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            await self._take(told, int(head.split(" ", 2)[1]), reader)
        finally:
            reset(writer.transport)

    async def _take(self, told: Told, status: int, reader: asyncio.StreamReader) -> None:
        if status == 204:
            told.ended = bool(told.types) and is_end(told.types[-1])
            return
        if status == 503:
            told.refused += 1
            return
        if status != 200:
            told.odd.append(f"status {status}")
            return
        parser = sse.Parser()
        async for chunk in _chunks(reader):
            for event in parser.feed(chunk):
                told.versions.append(json.loads(event.data)["version"])
                told.types.append(event.name)
        told.ended = bool(told.types) and is_end(told.types[-1])


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body's chunks until its proper end (RFC 9112, section 7.1). Raises EOFError: it broke off before that."""
    while True:
        async with asyncio.timeout(SILENT_S):
            line = await reader.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        size = int(line, 16)
        body = await reader.readexactly(size + 2)
        if not size:
            return
        yield body[:size]


def reset(transport: asyncio.WriteTransport) -> None:
    """Break a connection off as a failing link does."""
    link = transport.get_extra_info("socket")
    with suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    transport.abort()
