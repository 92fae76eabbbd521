"""What the dispatcher sees of each lane, told to all who would join it (`storage/lane_figures.py`).

How much waits is counted, how fast it goes is what went between two rounds. Counting may take a twentieth of the time:
so a short queue is known to a fifth of a second, and one of a hundred thousand jobs, of which few more or less do not
matter, to half a second.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from orchestrator.storage import lane_figures
from orchestrator.storage.backlog import Room
from orchestrator.storage.engine import Database
from orchestrator.work import pace as paces
from orchestrator.work.fairness import FIRST_GUESS_S, Waiting
from orchestrator.work.lanes import LANES, Lane, share
from orchestrator.work.pace import Pace
from orchestrator.work.queueing import SEATS_GUESSED

EVERY_S: Final = 0.2
DUTY: Final = 20  # times what the last count took, at least, until the next


@dataclass
class _Seen:
    """One lane while jobs wait in it. `pace` None: nothing was looked at yet."""

    slots: int
    call_s: float
    asks_a_job: float
    pace: Pace | None
    looked_at: float
    due_at: float = 0.0


class LaneWatch:
    """For the dispatcher's one thread. A new one begins with guesses: no more is lost with a process."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[Lane, _Seen] = {}
        self._told: set[Lane] = set(LANES)  # by a process before this one, perhaps

    def saw(self, lane: Lane, room: Room, gone: Collection[Waiting], latency_s: Mapping[str, float]) -> None:
        """A round is over in this lane; these jobs went in it."""
        if not room.waits:
            self._seen.pop(lane, None)
            return
        now = self._clock()
        seen = self._seen.get(lane)
        if seen is None:
            seen = self._seen[lane] = _Seen(room.slots, FIRST_GUESS_S, SEATS_GUESSED, None, now)
        seen.slots = room.slots
        if gone:
            calls = [max((latency_s.get(target, FIRST_GUESS_S) for target in job.targets), default=0.0) for job in gone]
            seen.call_s = sum(calls) / len(calls)
            seen.asks_a_job = sum(job.messages for job in gone) / len(gone)
        if seen.pace is not None:
            asks = sum(job.messages for job in gone)
            seen.pace = paces.after(seen.pace, seconds=now - seen.looked_at, jobs=len(gone), asks=asks)
        seen.looked_at = now

    def tell(self, waits: Mapping[Lane, bool]) -> None:
        """Write down the lanes whose figures are due.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        busy = [lane for lane, has_work in waits.items() if has_work]
        for lane in LANES:
            seen = self._seen.get(lane)
            if seen is None:
                self._forget(lane)
            elif self._clock() >= seen.due_at:
                self._tell(lane, seen, busy)

    def _tell(self, lane: Lane, seen: _Seen, busy: Collection[Lane]) -> None:
        if seen.pace is None:
            seen.pace = paces.guess(
                slots=seen.slots * share(lane, busy), call_s=seen.call_s, asks_a_job=seen.asks_a_job
            )
        began = self._clock()
        with self._database.system() as connection:
            queue = lane_figures.count(connection, lane)
            lane_figures.tell(connection, lane, queue, seen.pace, seen.call_s)
        self._told.add(lane)
        seen.due_at = began + max(EVERY_S, DUTY * (self._clock() - began))

    def _forget(self, lane: Lane) -> None:
        if lane in self._told:
            with self._database.system() as connection:
                lane_figures.forget(connection, lane)
            self._told.discard(lane)
