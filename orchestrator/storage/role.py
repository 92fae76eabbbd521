"""A part that one process plays at a time, and the notices that it hears meanwhile.

The part is a session's advisory lock on a connection of its own: PostgreSQL gives it back the moment that the process
or its connection ends, and the next who asks has it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from orchestrator.errors import Unavailable

CONNECT_S: Final = 3


class Role:
    """For one thread. Each method raises Unavailable if PostgreSQL is away; the part is lost then.

    Args:
        lock: the number by which the part is known.
        channel: notices to listen to; a plain identifier.
    """

    def __init__(self, database_url: str, *, lock: int, channel: str) -> None:
        self._url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._lock = lock
        self._channel = channel
        self._connection: psycopg.Connection | None = None
        self._mine = False

    def take(self) -> bool:
        """Whether the part is ours: it is asked for if it is not."""
        if not self._mine:
            with self._watched() as connection:
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._lock,)).fetchone()
                self._mine = bool(row and row[0])
                if self._mine:
                    connection.execute(f"LISTEN {self._channel}")
        return self._mine

    def wait(self, seconds: float) -> bool:
        """Wait for a notice, so long at most; whether there was one."""
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
                    self._url, autocommit=True, connect_timeout=CONNECT_S, application_name="meetingmind dispatcher"
                )
            yield self._connection
        except psycopg.OperationalError as error:
            self.give_up()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from error
