"""Who makes the rounds of `reconcile`: one process at a time, on a clock of its own.

Not by a message: the rounds are what mends a broker that loses messages, and a scheduler that stands still would take
them along. Each maintenance process has a thread that asks for the part.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from orchestrator.errors import Unavailable
from orchestrator.storage.role import Role
from tasks.threads import Background

log = structlog.get_logger()

SPEAK_S: Final = 1.0  # well within `SILENT_S` of storage/role.py


class Reconciler:
    """The part and its thread.

    Args:
        make_round: one round; is given what it is to call before each row.
        every_s: from the begin of a round to the begin of the next.
    """

    def __init__(self, role: Role, make_round: Callable[[Callable[[], None]], None], every_s: float) -> None:
        self._role = role
        self._make_round = make_round
        self._every_s = every_s
        self._thread = Background("reconciler", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the part up: the next process has it within a second."""
        self._thread.stop()

    def _run(self, stopping: threading.Event) -> None:
        due_at = time.monotonic()
        while not stopping.is_set():
            pause_s = SPEAK_S
            try:
                if self._role.take():
                    due_at = self._round_if(due_at)
                    pause_s = min(SPEAK_S, max(0.0, due_at - time.monotonic()))
            except Unavailable as error:
                log.warning("reconcile.store_away", error=error.message)
            except Exception:
                log.exception("reconcile.failed")
            stopping.wait(pause_s)
        self._role.give_up()

    def _round_if(self, due_at: float) -> float:
        """Make a round if it is due; when the next one is."""
        if time.monotonic() < due_at:
            return due_at
        next_at = time.monotonic() + self._every_s
        self._make_round(self._role.keep)
        return next_at
