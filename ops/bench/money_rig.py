"""What the bench of money stands on: a PostgreSQL and a Valkey of its own, and a way to Redis that loses replies.

All of it on loopback or sockets, started here and ended here whatever happens.
"""

import asyncio
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator.broker import redis_py_url
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.migrate import upgrade
from workers import children, folders, servers
from workers.supervision import StopRequests, Supervisor

START_S: Final = 20.0
CHUNK: Final = 65_536


@dataclass
class Store:
    """A Valkey that may be emptied, killed, and started from an older copy of its file."""

    place: folders.Folders
    _server: servers.Server = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._server = servers.valkey(self.place)

    @property
    def url(self) -> str:
        return redis_py_url(self._server.url)

    @property
    def socket_path(self) -> str:
        parts = urlsplit(self._server.url)
        return "/" + "/".join(part.strip("/") for part in (parts.netloc, parts.path) if part)

    @property
    def file(self) -> Path:
        return self.place.data / "valkey"

    def start(self) -> None:
        self._process = children.start(self._server.program, self.place)
        waiting = threading.Event()
        for _ in range(int(START_S / 0.05)):
            if self._server.program.is_ready(self._process.pid):
                return
            waiting.wait(0.05)
        raise RuntimeError("Valkey did not start.")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def begin_with(self, older: Path | None) -> None:
        """Kill it and start it with another file; None: with none."""
        self.kill()
        shutil.rmtree(self.file, ignore_errors=True)
        if older is None:
            self.file.mkdir(mode=0o700)
        else:
            shutil.copytree(older, self.file)
        self.start()

    def copy_to(self, folder: Path) -> None:
        """Its append-only file as it stands: a prefix of what will be written."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.file, folder)


@dataclass(frozen=True)
class Rig:
    """`database_url` is the bench's own database, migrated."""

    database_url: str
    store: Store
    folder: Path

    def database(self, pool_size: int = 2) -> Database:
        return connect(self.database_url, pool_size=pool_size, name="bench")


@contextmanager
def rigged() -> Iterator[Rig]:
    """Both servers, in a folder that is gone afterwards."""
    with (
        TemporaryDirectory(prefix="mm-bench-") as top,
        folders.held(Path(top) / "data") as place,
        StopRequests() as requests,
    ):
        supervisor, store = Supervisor(place, requests, _tell), Store(place)
        server = servers.postgres(place)
        try:
            supervisor.start([server.program])
            upgrade(server.url)
            store.start()
            yield Rig(server.url, store, Path(top))
        finally:
            store.kill()
            supervisor.stop()


def client(url: str, *, timeout_s: float = 5.0) -> Redis:
    """A client that repeats nothing by itself."""
    return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


@dataclass
class LossyLink:
    """A TCP address that leads to the store's socket. Of what comes back, a share is lost with its connection.

    Requests always arrive: the worst case, since what was asked has been done and nobody knows.
    """

    socket_path: str
    cut_share: float
    seed: int
    replies: int = 0
    cuts: int = 0
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def __enter__(self) -> "LossyLink":
        self._chance = random.Random(self.seed)  # noqa: S311 - a die, not a secret
        door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = door.getsockname()[1]
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(door)), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def _serve(self, door: socket.socket) -> None:
        server = await asyncio.start_server(self._join, sock=door)
        await self._over.wait()
        server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:  # a call may be joining just now
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, onward = await asyncio.open_unix_connection(self.socket_path)
        except OSError:
            back.close()
            return
        ahead = asyncio.ensure_future(_pump(near, onward))
        with suppress(OSError, asyncio.CancelledError):
            while data := await far.read(CHUNK):
                self.replies += 1
                if self._chance.random() < self.cut_share:
                    self.cuts += 1
                    break
                back.write(data)
                await back.drain()
        ahead.cancel()
        for end in (back, onward):
            end.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
