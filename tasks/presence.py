"""One thread per worker process that says, row by row, that it lives and how many slots it has."""

import threading
from typing import Final

import structlog

from orchestrator.errors import Unavailable
from orchestrator.storage import fleet
from orchestrator.storage.engine import Database
from tasks.threads import Background

log = structlog.get_logger()

EVERY_S: Final = 10.0  # three times within what counts as living, see storage/backlog.py


class Presence:
    """Start it when the process takes in work, stop it when it does not any more.

    Args:
        worker: an id of this process alone, so that a successor is never taken for it.
    """

    def __init__(self, database: Database, worker: str, profile: str, slots: int) -> None:
        self._database = database
        self._worker = worker
        self._profile = profile
        self._slots = slots
        self._thread = Background("presence", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say that its slots are gone. Safe to repeat."""
        self._thread.stop()
        try:
            with self._database.system() as connection:
                fleet.gone(connection, self._worker)
        except Unavailable:
            log.warning("presence.not_withdrawn")  # its row counts for some seconds more

    def _run(self, stopping: threading.Event) -> None:
        while True:
            try:
                with self._database.system() as connection:
                    fleet.seen(connection, self._worker, self._profile, self._slots)
            except Unavailable as error:
                log.warning("presence.store_away", error=error.message)
            except Exception:
                log.exception("presence.not_told")  # without this thread the window would shrink to its least
            if stopping.wait(EVERY_S):
                return
