"""One thread per process that prolongs the leases of its running seats and stops the work of those that were lost.

A seat is lost when its job was canceled or has expired, or when somebody else took it over. Its call is then cut. So
are all calls that still run when the time is up that a process has after it was told to stop.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from orchestrator.errors import Unavailable
from orchestrator.storage import seats
from orchestrator.storage.engine import Database
from orchestrator.storage.seats import Claim
from providers.sockets import Cancel
from tasks.threads import Background

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0  # how soon a canceled job's calls are cut
RENEWALS_PER_LEASE: Final = 3  # two may fail before the lease is lost


class LeaseKeeper:
    """Holds the claims of this process. All methods may be called from any thread."""

    def __init__(self, database: Database, lease_s: float) -> None:
        self._database = database
        self._lease_s = lease_s
        self._held: dict[Claim, Cancel] = {}
        self._lock = threading.Lock()
        self._renewed_at = time.monotonic()
        self._ends_at = float("inf")
        self._thread = Background("leases", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()

    def end_within(self, grace_s: float) -> None:
        """Let calls that are under way run so long and no longer. Leases are kept until each has ended."""
        self._ends_at = min(self._ends_at, time.monotonic() + grace_s)

    @contextmanager
    def holding(self, claim: Claim) -> Iterator[Cancel]:
        """Keep the lease while the block runs; the Cancel fires if it is lost."""
        cancel = Cancel()
        with self._lock:
            self._held[claim] = cancel
        try:
            yield cancel
        finally:
            with self._lock:
                self._held.pop(claim, None)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(min(LOOK_EVERY_S, self._lease_s / RENEWALS_PER_LEASE)):
            with self._lock:
                held = dict(self._held)
            if held:
                self._look(held)
            if time.monotonic() >= self._ends_at:
                for cancel in held.values():
                    cancel.cancel()

    def _look(self, held: dict[Claim, Cancel]) -> None:
        """Renew when it is time, else only see whether each seat is still ours."""
        due = time.monotonic() - self._renewed_at >= self._lease_s / RENEWALS_PER_LEASE
        try:
            with self._database.system() as connection:
                kept = seats.renew(connection, held, self._lease_s) if due else seats.still_wanted(connection, held)
        except Unavailable:
            # Leases run on PostgreSQL's clock; while it is away nobody else can take them either.
            log.warning("leases.not_renewed", held=len(held))
            return
        except Exception:
            # Without this thread every lease of the process would run out, call after paid call.
            log.exception("leases.not_renewed", held=len(held))
            return
        if due:
            self._renewed_at = time.monotonic()
        for claim in held.keys() - kept:
            log.info("seat.lost", job=claim.job, seat=claim.seat)
            held[claim].cancel()
