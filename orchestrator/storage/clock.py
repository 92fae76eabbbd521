"""What time it is by PostgreSQL's clock, without asking it each time.

The clocks of machines are off by an hour now and then, or by a day; all processes of a house share one database, whose
clock dates leases, deadlines and events. So whatever a process compares with those, or writes beside them, goes by that
clock too: its last word, and the steady time that has passed here since.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import text

from orchestrator.errors import Unavailable
from orchestrator.storage.engine import Database

log = structlog.get_logger()

SET_EVERY_S: Final = 10.0
STOP_S: Final = 5.0
KEPT_S: Final = 60.0  # the steady clock is off by a millisecond or two by then
OFF_S: Final = 60.0  # so much is worth a line in the log

_READ: Final = text("SELECT clock_timestamp()")


class _Word(NamedTuple):
    """The database said that it was `at` when the steady clock here stood at `steady_s`, or up to `off_s` beside."""

    at: datetime
    steady_s: float
    off_s: float

    def is_better_than(self, known: "_Word") -> bool:
        """It is nearer; or what is known is old, or cannot be true any more, as the database's clock was set."""
        passed_s = self.steady_s - known.steady_s
        gap_s = (self.at - known.at).total_seconds() - passed_s
        return self.off_s <= known.off_s or passed_s > KEPT_S or abs(gap_s) > self.off_s + known.off_s


class HouseClock:
    """May be read from any thread. Until PostgreSQL has said something, it is what this machine takes for the time.

    Between two words it never stands still; from one to the next it may go back by some milliseconds.
    """

    def __init__(self, database: Database, steady: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._steady = steady
        self._word: _Word | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def now(self) -> datetime:
        """In UTC."""
        word = self._word or self.set()
        return datetime.now(UTC) if word is None else word.at + timedelta(seconds=self._steady() - word.steady_s)

    def set(self) -> _Word | None:
        """Ask PostgreSQL. None: it is away, and never said anything."""
        asked_s = self._steady()
        try:
            with self._database.system() as connection:
                at: datetime = connection.execute(_READ).scalar_one()
        except Unavailable:
            return self._word
        half_s = (self._steady() - asked_s) / 2
        word = _Word(at.astimezone(UTC), asked_s + half_s, half_s)
        if self._word is None or word.is_better_than(self._word):
            self._tell_if_first(at)
            self._word = word
        return self._word

    def start(self) -> None:
        """Set it every few seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Safe to repeat, and before a start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while True:
            try:
                self.set()
            except Exception:
                log.exception("clock.not_set")  # it goes on by what it knows
            if self._stopping.wait(SET_EVERY_S):
                return

    def _tell_if_first(self, at: datetime) -> None:
        off_s = (datetime.now(UTC) - at).total_seconds()
        if self._word is None and abs(off_s) > OFF_S:
            log.warning("clock.off", seconds=round(off_s))
