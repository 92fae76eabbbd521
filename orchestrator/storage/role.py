"""A part that one process plays at a time, and the notices that it hears meanwhile.

The part is a session's advisory lock on a connection of its own: PostgreSQL gives it back the moment that the process
or its connection ends, and the next who asks has it. A process that stands still ends nothing: so PostgreSQL also ends
a session that has said nothing for `SILENT_S`, and whoever plays a part says something more often than that.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from orchestrator.errors import Unavailable

CONNECT_S: Final = 3
SILENT_S: Final = 6.0  # a step of a part is shorter, even while its publishes run into a dead broker's time limit


class Role:
    """For one thread. Each method raises Unavailable if PostgreSQL is away; the part is lost then.

    Args:
        lock: the number by which the part is known.
        name: what operators call it; shown in `pg_stat_activity` with the number of the process.
        channel: notices to listen to; a plain identifier.
        silent_s: how long who plays it may be silent.
    """

    def __init__(
        self, database_url: str, *, lock: int, name: str, channel: str | None = None, silent_s: float = SILENT_S
    ) -> None:
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._lock = lock
        self._name = f"meetingmind {name} {os.getpid()}"
        self._channel = channel
        self._silent_ms = int(silent_s * 1_000)
        self._connection: psycopg.Connection | None = None
        self._mine = False

    def take(self) -> bool:
        """Whether the part is ours: it is asked for if it is not."""
        if self._mine:
            self.keep()
        else:
            with self._watched() as connection:
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._lock,)).fetchone()
                self._mine = bool(row and row[0])
                if self._mine and self._channel is not None:
                    connection.execute(f"LISTEN {self._channel}")
        return self._mine

    def keep(self) -> None:
        """Say that the part is still played. Raises Unavailable, too, if it was taken away for being silent."""
        if not self._mine:
            raise Unavailable("The part was lost.")
        with self._watched() as connection:
            connection.execute("SELECT 1")

    def wait(self, seconds: float) -> bool:
        """Wait for a notice, so long at most; whether there was one. Waiting is being silent."""
        with self._watched() as connection:
            return any(True for _ in connection.notifies(timeout=seconds, stop_after=1))

    def give_up(self) -> None:
        """Let go of the part and of the connection. Safe to repeat."""
        connection, self._connection, self._mine = self._connection, None, False
        if connection is not None:
            connection.close()

    @contextmanager
    def _watched(self) -> Iterator[psycopg.Connection]:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=CONNECT_S, application_name=self._name
                )
                self._connection.execute(f"SET idle_session_timeout = {self._silent_ms}")
            yield self._connection
        except psycopg.OperationalError as error:
            self.give_up()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from error
