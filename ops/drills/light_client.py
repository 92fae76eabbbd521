"""A client that costs little: one thread, connections that are kept, requests that are bytes made beforehand.

A drill's client shares the cores with what it drives. This one speaks just enough HTTP/1.1 for our own API: answers
with a length, no chunks, no redirects.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

PATIENCE_S: Final = 15.0  # whoever has no answer then is taken to have got none

Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Answer:
    """`status` 0: none came. `took_s` counts from when the request was due, so that our own lateness is not hidden."""

    at_s: float
    took_s: float
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class LightClient:
    """Requests to one address. Belongs to one event loop."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._place = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n".encode()
        self._idle: list[Connection] = []

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of a request; the same may be sent again and again."""
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode() if body else b""
        return f"{method} {path} HTTP/1.1\r\n".encode() + self._head + length + b"\r\n" + body

    async def send(self, request: bytes, due_s: float | None = None) -> Answer:
        """Ask once, from `due_s` of the monotonic clock on. Nothing is raised: no answer is an answer as well."""
        due_s = time.monotonic() if due_s is None else due_s
        at_s = time.time() + due_s - time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                status, headers, body = await self._ask(request)
        except (OSError, EOFError, ValueError):
            return Answer(at_s, time.monotonic() - due_s, 0)
        return Answer(at_s, time.monotonic() - due_s, status, headers, body)

    def close(self) -> None:
        """Give the connections up, before the event loop ends. The next request opens new ones."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = self._kept() or await asyncio.open_connection(*self._place)
        reader, writer = connection
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        except BaseException:
            writer.close()
            raise
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append(connection)
        return int(head[0].split()[1]), headers, body

    def _kept(self) -> Connection | None:
        """One that the server has not closed meanwhile, as it does with those that were idle for long."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None
