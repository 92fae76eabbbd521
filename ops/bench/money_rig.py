"""What the bench of money stands on: a PostgreSQL and a Valkey of its own.

All of it on loopback or sockets, started here and ended here whatever happens.
"""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

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
    def broker_url(self) -> str:
        """The same address as Celery spells it."""
        return self._server.url

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


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
