"""One thread per process that repairs, which has Redis write its file anew once a sync of it has failed.

From then on Redis refuses every write until a sync works, and it syncs only what has been written: after a single error
of the disk it stands still for ever (tried with Valkey 9.1). A rewrite ends that. It is right, too: what the kernel
could not sync it may have dropped from the old file, and the new one has all that Redis holds. Where the disk is full
Redis tries again by itself, and is left alone.

Source: Valkey 9 and Redis 7.2, src/bio.c and src/aof.c: a rewrite closes the old file with a sync of its own, and that
one counts. In Redis 7.0 it does not (tried with 7.0.15): only a restart sets that one going.
"""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from tasks.threads import Background

log = structlog.get_logger()

LOOK_EVERY_S: Final = 2.0  # nothing is asked or told meanwhile; a look is one cheap command
AGAIN_AFTER_S: Final = 30.0  # the disk is still broken, or this Redis is not set going by it


class Rewriter:
    """Several at once do no harm: Redis writes one file at a time, and refuses the second request."""

    def __init__(self, redis: Redis, every_s: float = LOOK_EVERY_S) -> None:
        self._redis = redis
        self._every_s = every_s
        self._again_at = 0.0  # monotonic; as long as it stands still
        self._thread = Background("rewriter", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Safe to repeat."""
        self._thread.stop()

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            with suppress(RedisError):  # it is away, and by itself that is nothing to mend here
                self._look(time.monotonic())
            stopping.wait(self._every_s)

    def _look(self, now: float) -> None:
        if not self._stands_still():
            self._again_at = 0.0
        elif now >= self._again_at:
            self._again_at = now + AGAIN_AFTER_S
            self._rewrite()

    def _stands_still(self) -> bool:
        return stands_still(self._redis.info("persistence"))

    def _rewrite(self) -> None:
        try:
            self._redis.bgrewriteaof()
        except ResponseError as error:
            if not self._stands_still():
                return  # another process was quicker
            log.warning("redis.not_rewritten", why=str(error), remedy="BGREWRITEAOF, by somebody who may")
        else:
            log.warning("redis.rewritten", why="its file could not be synced, and it took no writes")


def stands_still(persistence: Mapping[str, object]) -> bool:
    """Whether a sync has failed, nothing is left to be written that would lead to another, and no rewrite runs.

    Args:
        persistence: that section of INFO. What a managed Redis leaves out says that all is well.
    """
    return (
        persistence.get("aof_last_write_status") == "err"
        and persistence.get("aof_buffer_length") == 0
        and persistence.get("aof_rewrite_in_progress") == 0
    )
