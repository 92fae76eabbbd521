"""One thread per worker process that ends it when it lives and takes nothing in, so that it is started anew."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from celery.worker import state
from redis import Redis
from redis.exceptions import RedisError

from orchestrator.work.hearing import Hearing
from tasks.threads import Background

log = structlog.get_logger()

LOOKS: Final = 6  # at least so many in the time after which a worker is deaf
LOOK_EVERY_S: Final = 10.0
FAREWELL_S: Final = 10.0  # beyond its grace; whoever cannot end in order by then never will
EX_SOFTWARE: Final = 70


class Listener:
    """Start it when the process takes in work, stop it when it does not any more.

    Args:
        keys: of the lists of its queues.
        after_s: how long messages may stand there while it takes none.
        grace_s: how long it may take to end in order.
    """

    def __init__(self, redis: Redis, keys: Sequence[str], slots: int, *, after_s: float, grace_s: float) -> None:
        self._redis = redis
        self._keys = keys
        self._slots = slots
        self._after_s = after_s
        self._grace_s = grace_s
        self._thread = Background("listener", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Safe to repeat."""
        self._thread.stop()

    def _run(self, stopping: threading.Event) -> None:
        hearing = Hearing(self._after_s, time.monotonic())
        while not stopping.wait(min(LOOK_EVERY_S, self._after_s / LOOKS)):
            busy, taken = len(state.active_requests) >= self._slots, sum(_taken().values())
            if hearing.is_deaf(time.monotonic(), waits=self._waits(), busy=busy, taken=taken):
                log.error("worker.deaf", after_s=self._after_s)
                self._end(stopping)

    def _waits(self) -> bool:
        try:
            return any(self._redis.llen(key) for key in self._keys)
        except RedisError:
            return False  # who cannot reach Redis may be well: it comes back with it

    def _end(self, stopping: threading.Event) -> None:
        """In order if it can; what it holds is freed by its leases if it cannot."""
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Timer(self._grace_s + FAREWELL_S, os._exit, (EX_SOFTWARE,)).start()
        stopping.wait()


def _taken() -> dict[str, int]:
    """Tasks that this process has accepted, by name; Celery's own count."""
    counted: Any = state.total_count
    return dict(counted)
