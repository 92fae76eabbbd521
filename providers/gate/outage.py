"""Whether Redis answers, as one process sees it: who stands alone asks again once in a while, not with every call."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger()

RETRY_EVERY_S: Final = 1.0  # of a second, a call in fifty pays the socket's timeout; the others pass at once

# A server that cannot write is as good as none. Anything else that it refuses is a fault of ours, and goes up.
AWAY: Final[tuple[type[RedisError], ...]] = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError)

Answer = TypeVar("Answer")


class Outage:
    """Asks Redis unless it was away a moment ago. Any number of threads may share one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._next_try = 0.0

    def ask(self, question: Callable[[], Answer]) -> Answer | None:
        """The answer; None: Redis is away, and the caller stands alone."""
        if not self._may_try():
            return None
        try:
            answer = question()
        except AWAY as error:
            self._began(error)
            return None
        self._ended()
        return answer

    def _may_try(self) -> bool:
        """In an outage, one caller in each `RETRY_EVERY_S` goes and looks."""
        if self._since is None:
            return True
        with self._lock:
            now = self._clock()
            if now < self._next_try:
                return False
            self._next_try = now + RETRY_EVERY_S
            return True

    def _began(self, error: RedisError) -> None:
        with self._lock:
            now = self._clock()
            self._next_try = now + RETRY_EVERY_S
            if self._since is not None:
                return
            self._since = now
        log.warning("gate.alone", error=type(error).__name__, why=str(error))

    def _ended(self) -> None:
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.info("gate.together", after_s=round(self._clock() - since, 1))
