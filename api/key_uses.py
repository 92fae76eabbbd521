"""When each key was used last: noted in memory as requests come, and written by a thread, off their way.

A key is written when it is first used, and then once in `AGAIN_S` at most, by each process. What is not written yet
when a process is killed is forgotten: the time is for people, who want to know which keys nobody uses any more.
"""

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from orchestrator.errors import Unavailable
from orchestrator.storage import api_keys
from orchestrator.storage.api_keys import Named
from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import Principal

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0
AGAIN_S: Final = 60.0
MOST: Final = 10_000  # keys whose last writing is remembered; above it all are forgotten, which costs a write each
STOP_S: Final = 5.0


class KeyUses:
    """Any number of threads may note; one writes.

    Args:
        now: the time of the house. It may ask PostgreSQL, and is asked by the thread alone.
        steady: seconds that never go back.
    """

    def __init__(
        self, database: Database, now: Callable[[], datetime], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._now = now
        self._steady = steady
        self._used: dict[Named, float] = {}
        self._written: dict[Named, float] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="key uses", daemon=True)

    def note(self, caller: Principal) -> None:
        """It is in use."""
        with self._lock:
            self._used[caller.tenant, caller.key_id] = self._steady()

    def write(self, *, all_of_them: bool = False) -> int:
        """Write those that were not written for `AGAIN_S`, or all of them; how many.

        Raises:
            Unavailable: PostgreSQL is away; they stay noted.
        """
        steady = self._steady()
        with self._lock:
            due = {
                key: at
                for key, at in self._used.items()
                if all_of_them or steady - self._written.get(key, -math.inf) >= AGAIN_S
            }
        if not due:
            return 0
        now = self._now()
        with self._database.system() as connection:
            api_keys.note_uses(connection, {key: now - timedelta(seconds=steady - at) for key, at in due.items()})
        with self._lock:
            self._used = {key: at for key, at in self._used.items() if due.get(key) != at}
            if len(self._written) >= MOST:
                self._written.clear()
            self._written |= dict.fromkeys(due, steady)
        return len(due)

    def start(self) -> None:
        """Write every now and then, until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is noted, if PostgreSQL is there. Safe to repeat."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._stopping.wait(LOOK_EVERY_S)
            try:
                self.write(all_of_them=is_over)
            except Unavailable:
                continue  # that it is away, others tell
            except Exception:
                log.exception("keys.uses_not_written")
