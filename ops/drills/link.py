"""One TCP address that leads to a server by a way that may be slow, lossy or cut, and that may change while it is used.

A thread with a loop of its own carries the bytes, so that blocking code can use it. What goes towards the server is a
request here, what comes back a reply; the link understands neither. A connection of which bytes have vanished is reset
once the link lets bytes pass again: TCP never delivers a stream with a hole, and a host that comes back knows nothing
of its old connections.
"""

import asyncio
import random
import socket
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Self, TypeAlias
from urllib.parse import parse_qs, urlsplit

HOST: Final = "127.0.0.1"
CHUNK: Final = 65_536
BACKLOG: Final = 512  # a crowd of callers connects all at once
IN_FLIGHT: Final = 64  # chunks under way in one direction; then the sender has to wait, as on any line
STEP_S: Final = 10.0  # a change of manner takes milliseconds

Target: TypeAlias = tuple[str, int] | str  # host and port, or the path of a socket


@dataclass(frozen=True)
class Manner:
    """How a link treats what comes. Each field alone is one fault; they may be combined.

    Args:
        accepts: False: connections are refused, and those that stand are reset.
        requests: False: what goes towards the server vanishes.
        replies: False: what the server says vanishes.
        delay_s: how much later bytes arrive, each way.
        reply_cut_share: of so many replies (0 to 1) neither they nor their connection come back.
        trickle_bytes: replies come in pieces of that size, `trickle_every_s` apart; 0: as they are.
    """

    accepts: bool = True
    requests: bool = True
    replies: bool = True
    delay_s: float = 0.0
    reply_cut_share: float = 0.0
    trickle_bytes: int = 0
    trickle_every_s: float = 0.0


OPEN: Final = Manner()
CUT: Final = Manner(accepts=False)
BLACK_HOLE: Final = Manner(requests=False, replies=False)
REQUESTS_LOST: Final = Manner(requests=False)
REPLIES_LOST: Final = Manner(replies=False)


@dataclass
class Done:
    """What a link has done so far, in chunks and connections."""

    accepted: int = 0
    requests: int = 0
    replies: int = 0
    vanished: int = 0
    cuts: int = 0  # replies that were lost with their connection
    resets: int = 0


class Link:
    """Entered, it listens on `port`. Its methods may be called from any thread."""

    def __init__(self, target: Target, manner: Manner = OPEN, *, seed: int = 0) -> None:
        self.done = Done()
        self._target = target
        self._manner = manner
        self._chance = random.Random(seed)  # noqa: S311 - a die, not a secret
        self._door: asyncio.Server | None = None
        self._talks: set[_Talk] = set()
        # A loop holds its tasks weakly: without this one may be collected in the midst of its work.
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._reserved = _bound(0)  # never listens: it keeps the port ours while the door is shut
        self.port: int = self._reserved.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="link", daemon=True)
        self._thread.start()
        self.treat(self._manner)
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STEP_S)
        self._loop.close()
        self._reserved.close()

    @property
    def manner(self) -> Manner:
        return self._manner

    def treat(self, manner: Manner) -> None:
        """Treat everything like this from now on; it holds when this returns."""
        self._run(self._treat(manner))

    def cut(self) -> None:
        """Reset what stands and refuse what comes, until `mend`."""
        self.treat(CUT)

    def mend(self) -> None:
        self.treat(OPEN)

    def _run(self, step: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(STEP_S)

    async def _treat(self, manner: Manner) -> None:
        self._manner = manner
        if not manner.accepts:
            self._shut()
        for talk in [*self._talks]:
            if not manner.accepts or (talk.has_hole and manner.requests and manner.replies):
                self.done.resets += 1
                talk.reset()
        if manner.accepts and self._door is None:
            self._door = await asyncio.start_server(self._greet, sock=_bound(self.port), backlog=BACKLOG)

    async def _end(self) -> None:
        self._shut()
        # Not ours alone: a connection that was accepted just now has a task of asyncio's, and then one of ours.
        while ending := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _shut(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None

    def _greet(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.done.accepted += 1
        task = self._loop.create_task(self._join(near, back))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        talk = _Talk([back])
        self._talks.add(talk)  # from here on a cut finds it
        try:
            far, onward = await self._dial()
            talk.ends.append(onward)
            if talk.is_reset:
                onward.transport.abort()
                return
            await _first_of(
                self._carry(near, onward, talk, ahead=True),
                self._carry(far, back, talk, ahead=False),
            )
        except OSError:
            talk.reset()
        finally:
            self._talks.discard(talk)
            talk.close()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, str):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection(*self._target)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, talk: "_Talk", *, ahead: bool
    ) -> None:
        """One direction, until its source ends. What is read is due at a time of its own, so delays do not add up."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)
        await _first_of(self._deliver(under_way, sink, talk, ahead=ahead), self._read(source, under_way))

    async def _read(self, source: asyncio.StreamReader, under_way: "asyncio.Queue[tuple[float, bytes]]") -> None:
        data = b"begin"
        while data:
            try:
                data = await source.read(CHUNK)
            except OSError:
                data = b""
            await under_way.put((self._loop.time() + self._manner.delay_s, data))
        await asyncio.Event().wait()  # the end has been handed on; who delivers ends us both

    async def _deliver(
        self,
        under_way: "asyncio.Queue[tuple[float, bytes]]",
        sink: asyncio.StreamWriter,
        talk: "_Talk",
        *,
        ahead: bool,
    ) -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            if not data:
                return
            if ahead:
                self.done.requests += 1
            else:
                self.done.replies += 1
                if self._chance.random() < self._manner.reply_cut_share:
                    self.done.cuts += 1
                    talk.reset()
                    return
            if not (self._manner.requests if ahead else self._manner.replies):
                self.done.vanished += 1
                talk.has_hole = True
                continue
            await self._write(data, sink, ahead=ahead)

    async def _write(self, data: bytes, sink: asyncio.StreamWriter, *, ahead: bool) -> None:
        for piece in [data] if ahead else _pieces(data, self._manner.trickle_bytes):
            sink.write(piece)
            await sink.drain()
            if len(piece) < len(data):
                await asyncio.sleep(self._manner.trickle_every_s)


@dataclass(eq=False)
class _Talk:
    """A connection and its continuation to the server."""

    ends: list[asyncio.StreamWriter]
    has_hole: bool = False
    is_reset: bool = field(default=False, init=False)

    def reset(self) -> None:
        self.is_reset = True
        for end in self.ends:
            end.transport.abort()

    def close(self) -> None:
        """What was written is still sent."""
        for end in self.ends:
            end.close()


async def _first_of(*steps: Coroutine[None, None, None]) -> None:
    """Wait for the first of these to end, and end the others. Raises what that first one raised."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()


def _bound(port: int) -> socket.socket:
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # beside the one that reserves the port
    door.bind((HOST, port))
    return door


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    step = size or len(data)
    for start in range(0, len(data), step):
        yield data[start : start + step]


# Addresses of stores, by way of a link


def redis_target(url: str) -> Target:
    """Where a Redis address leads."""
    parts = urlsplit(url)
    if "socket" in parts.scheme or parts.scheme == "unix":
        return str(PurePosixPath("/", parts.netloc, parts.path.lstrip("/")))
    return parts.hostname or HOST, parts.port or 6379


def postgres_target(url: str) -> Target:
    """Where a PostgreSQL address leads."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if folder.startswith("/"):
        return f"{folder}/.s.PGSQL.{parts.port or 5432}"
    return parts.hostname or folder or HOST, parts.port or 5432


def redis_through(link: Link) -> str:
    """The address of the Redis behind this link."""
    return f"redis://{HOST}:{link.port}/0"


def postgres_through(link: Link, url: str) -> str:
    """The same PostgreSQL address, by way of a link."""
    parts = urlsplit(url)
    login = parts.username or ""
    if parts.password:
        login = f"{login}:{parts.password}"
    return f"{parts.scheme}://{login}@{HOST}:{link.port}{parts.path}"
