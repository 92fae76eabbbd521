"""Fills the window: lets waiting jobs go to the broker, in fair order, as far as there is room.

One process at a time plays this part; each worker process that may has a thread that asks for it. It sleeps on
PostgreSQL's notices, looks once a second in any case, and several times a second while jobs wait. Jobs whose moment has
come begin to wait here, too: a step of them each second, and all there are without delay.

A job is marked first and published after the commit. A crash in between leaves seats that count as standing in the
broker and are not: the reconciler publishes them again. A broker that is away costs no more than one window of those.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog

from orchestrator import failpoints
from orchestrator.dispatch import Dispatch
from orchestrator.errors import Unavailable
from orchestrator.storage import backlog, scheduled
from orchestrator.storage.role import Role
from orchestrator.work.fairness import FairQueue
from orchestrator.work.lanes import LANES, Lane
from tasks.lane_watch import LaneWatch
from tasks.threads import Background

log = structlog.get_logger()

IDLE_S: Final = 1.0
BUSY_S: Final = 0.1  # a window lasts longer: three calls of every slot
RELEASE_EVERY_S: Final = 0.5  # of a moment that was asked for by the second
LATENCIES_EVERY_S: Final = 10.0

Latencies = Callable[[], Mapping[str, float]]


class Dispatcher:
    """The part and its thread.

    Args:
        latencies: seconds that a call takes, by target; what is learnt of it. Asked now and then.
        most_of_tenant: messages that one tenant may have in the broker and under way.
        beside: what else is due about once a second, and wants one process alone to look at it.
    """

    def __init__(
        self,
        role: Role,
        dispatch: Dispatch,
        latencies: Latencies,
        most_of_tenant: int,
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        self._role = role
        self._dispatch = dispatch
        self._latencies = latencies
        self._most_of_tenant = most_of_tenant
        self._beside = beside
        self._beside_at = float("-inf")
        self._released_at = float("-inf")
        self._queues: dict[Lane, FairQueue] = {lane: FairQueue() for lane in LANES}
        self._watch = LaneWatch(dispatch.database)
        self._known_latencies: Mapping[str, float] = {}
        self._known_at = float("-inf")
        self._thread = Background("dispatcher", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the part up: the next process has it within a second."""
        self._thread.stop()

    def fill(self) -> bool:
        """One round over all lanes. Returns whether jobs wait on.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        self._release()
        waits = {lane: self._fill(lane) for lane in LANES}
        self._watch.tell(waits)
        if time.monotonic() - self._beside_at >= IDLE_S:
            self._beside_at = time.monotonic()
            self._beside()
        return any(waits.values())

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                if self._role.take():
                    self._role.wait(BUSY_S if self.fill() else IDLE_S)
                else:
                    stopping.wait(IDLE_S)
            except Unavailable as error:
                log.warning("dispatcher.store_away", error=error.message)
                stopping.wait(IDLE_S)
            except Exception:
                log.exception("dispatcher.failed")
                stopping.wait(IDLE_S)
        self._role.give_up()

    def _release(self) -> None:
        if time.monotonic() - self._released_at < RELEASE_EVERY_S:
            return
        with self._dispatch.database.system() as connection:
            released = scheduled.release(connection)
        if released:
            failpoints.reach("dispatch.released")
            log.info("dispatcher.released", jobs=released)
        if released < scheduled.STEP:  # else there may be more, and the next round looks again
            self._released_at = time.monotonic()

    def _fill(self, lane: Lane) -> bool:
        with self._dispatch.database.system() as connection:
            room = backlog.room(connection, lane)
            if not room.waits or room.left <= 0:
                self._watch.saw(lane, room, (), {})
                return room.waits
            waiting = backlog.waiting(connection, lane, room.left)
            under_way = backlog.under_way(connection, [one.tenant for one in waiting])
            caps = {one.tenant: self._most_of_tenant - under_way.get(one.tenant, 0) for one in waiting}
            going = self._queues[lane].pick(waiting, room.left, self._latency_s(), caps)
            bells = backlog.dispatch(connection, going)
        self._watch.saw(lane, room, [job for job in going if job.job in bells], self._latency_s())
        failpoints.reach("dispatch.marked")
        for job in going:
            if job.job in bells:
                self._dispatch.publish(job.job, bells[job.job])
                failpoints.reach("dispatch.published")
                with suppress(Unavailable):  # what is marked is published, whoever plays the part by then
                    self._role.keep()
        return True

    def _latency_s(self) -> Mapping[str, float]:
        now = time.monotonic()
        if now - self._known_at >= LATENCIES_EVERY_S:
            self._known_latencies, self._known_at = self._latencies(), now
        return self._known_latencies
