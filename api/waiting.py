"""Waiting for news of a job without holding a database connection or a thread.

One subscription per process hears hints for all jobs; a waiter whose hint is lost looks again after `LOOK_EVERY_S`.
"""

import asyncio
import contextlib
from collections import defaultdict
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

LOOK_EVERY_S: Final = 2.0
RECONNECT_AFTER_S: Final = 1.0


class Hub:
    """Wakes waiters by job id. Belongs to one event loop."""

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._waiters: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name="hints")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()

    @contextlib.contextmanager
    def listening(self, job_id: str):  # type: ignore[no-untyped-def]  # an iterator of the event below
        """An event that is set by each hint for the job. Enter before looking, so that no hint falls between."""
        event = asyncio.Event()
        self._waiters[job_id].add(event)
        try:
            yield event
        finally:
            self._waiters[job_id].discard(event)
            if not self._waiters[job_id]:
                del self._waiters[job_id]

    def wake(self, job_id: str) -> None:
        """Have those who wait for the job look again."""
        for event in self._waiters.get(job_id, ()):
            event.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(self._channel)
                    async for message in subscription.listen():
                        self.wake(message["data"].decode("ascii", "replace"))
            except (RedisError, OSError) as error:
                log.warning("hints.lost", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER_S)
