"""Finds out within a second that PostgreSQL has fallen silent: a host that died, a link that swallows, a frozen server.

A server that refuses or closes says so itself. One that is silent does not, and a driver waits for it as long as the
kernel does: hours. So a thread asks the smallest question several times a second, on a connection of its own; when no
answer comes, all who wait are let go (`Database.fall_silent`), and whoever comes is refused at once until one does.
"""

import select
import threading
import time
from typing import Final

import psycopg
import structlog
from psycopg.errors import ConnectionTimeout

from orchestrator.storage.engine import Database

log = structlog.get_logger()

EVERY_S: Final = 0.2
# For one answer, which takes a healthy server a tenth of a millisecond, and some fifty where twenty processes stand in
# line for each core. With the pause before it, silence is known within the promised second.
PATIENCE_S: Final = 0.6
CONNECT_S: Final = 2  # the least that the driver takes


class Pulse:
    """A thread that watches one database. The application role is not needed: it reads no row."""

    def __init__(self, database_url: str, database: Database) -> None:
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._database = database
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the connection is closed by the time this returns."""
        self._stopping.set()
        self._thread.join(CONNECT_S + 1.0)

    def _run(self) -> None:
        silent, pause_s = False, 0.0  # at once: its connection has to stand before anything falls silent
        while not self._stopping.wait(pause_s):
            pause_s = EVERY_S
            heard = self._look()
            if heard is False and not silent:
                silent = True
                log.warning("postgresql.silent")
                self._database.fall_silent()
            elif heard and silent:
                silent = False
                log.info("postgresql.heard")
                self._database.be_heard()
        self._give_up()

    def _look(self) -> bool | None:
        """Whether it answered in time. None: it refused, which it tells everybody who asks."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=CONNECT_S, application_name="meetingmind pulse"
                )
            return self._ask(self._connection)
        except ConnectionTimeout:
            return False
        except psycopg.Error:
            self._give_up()
            return None

    def _ask(self, connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
        server = connection.pgconn
        server.send_query(b"SELECT 1")
        until = time.monotonic() + PATIENCE_S
        while True:
            # The last look comes after the time is over: a thread that was late itself must not blame the server.
            left_s = until - time.monotonic()
            ready = _says_something(server.socket, max(0.0, left_s))
            if ready:
                server.consume_input()
            while not server.is_busy():
                if server.get_result() is None:
                    return True
            if not ready and left_s <= 0:
                self._give_up()  # an answer that comes later would be taken for the next one's
                return False

    def _give_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _says_something(descriptor: int, within_s: float) -> bool:
    # Not select(), which takes no descriptor above 1,023: a busy process has them.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(within_s * 1_000))
