"""Waits for a job and shows it as it moves.

Its event stream says when to look; what is shown is what a look finds. The stream is a bell only: where it cannot be
had, or has broken for good, looks go by the clock.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeAlias

from api import partial_terminal
from api.client import Client, NotInTime, Trouble, Unreachable
from api.event_schemas import EventView
from api.job_client import LOOK_EVERY_S
from api.partial_schemas import PartialView
from api.schemas import TERMINAL, JobView

LISTEN_S: Final = 2.0  # a look is due by then, however silent the bell: its stream may be gone without a word
AWAY_S: Final = 20.0  # a service that is restarted is back by then; the job has not noticed

Open: TypeAlias = Callable[[], AbstractContextManager[Client]]
Listen: TypeAlias = Callable[[str], Iterator[EventView]]
See: TypeAlias = Callable[[JobView], None]


def listening(another: Open) -> Listen:
    """A job's events by a client of their own: one is not shared between threads."""

    def listen(job_id: str) -> Iterator[EventView]:
        with another() as client:
            yield from client.stream(job_id)

    return listen


def wait(client: Client, job_id: str, timeout_s: float, see: See, listen: Listen) -> JobView:
    """The job once it has ended. `see` is called with each version that a look finds, the last one included.

    Raises:
        NotInTime: it had not ended after `timeout_s`.
        Trouble: it could not be looked at.
    """
    deadline, seen, bell = time.monotonic() + timeout_s, 0, Bell(lambda: listen(job_id))
    while True:
        job = _look(client, job_id)
        if job.version > seen:
            seen = job.version
            see(job)
        if job.status in TERMINAL:
            return job
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise NotInTime(job, timeout_s)
        bell.wait(seen, min(left_s, LISTEN_S))


class Found:
    """What the seats of one job have found so far, in words; asked for anew when another seat has answered."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answered = 0
        self._words = ""

    def words(self, job: JobView) -> str:
        """Empty before anything is found, and once the job has ended: then there is a result, or none."""
        if job.status in TERMINAL:
            return ""
        answered = sum(seat.status == "answered" for seat in job.seats)
        if answered > self._answered:
            # Beside the point: whoever looks at the job next tells what is wrong with the service.
            with suppress(Trouble):
                found = self._client.partial(job.id)
                self._answered = answered
                self._words = partial_terminal.counts(found) if isinstance(found, PartialView) else ""
        return self._words


def _look(client: Client, job_id: str) -> JobView:
    given_up = time.monotonic() + AWAY_S
    while True:
        try:
            return client.get(job_id)
        except Unreachable:
            if time.monotonic() >= given_up:
                raise
        time.sleep(LOOK_EVERY_S)


class Bell:
    """Rings for each version that the events tell of, and falls silent with them."""

    def __init__(self, events: Callable[[], Iterator[EventView]]) -> None:
        """Begin to listen, in a thread that ends with the events or with the process."""
        self._rung: SimpleQueue[int | None] = SimpleQueue()
        self._is_silent = False
        Thread(target=self._listen, args=(events,), daemon=True).start()

    def wait(self, seen: int, timeout_s: float) -> None:
        """Return once it has rung for a version after `seen`, or a look is due anyway."""
        deadline = time.monotonic() + timeout_s
        while not self._is_silent:
            try:
                version = self._rung.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                return
            self._is_silent = version is None
            if version is not None and version > seen:
                return
        time.sleep(LOOK_EVERY_S)

    def _listen(self, events: Callable[[], Iterator[EventView]]) -> None:
        try:
            # What is wrong with the service is told by whoever looks next.
            with suppress(Trouble, OSError):
                for event in events():
                    self._rung.put(event.version or 0)
        finally:
            self._rung.put(None)
