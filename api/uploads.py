"""The uploads of batches that are taken in at once: few, on one thread of their own, and behind single submits.

A line is as much work as a submit (a transcript is read, a plan made), and a batch has thousands. So all uploads share
one thread, by turns of a few lines; and while somebody hands in a single job, they pause as long as their last turn
took. An upload that has no turn reads nothing more from its caller, so it costs neither memory nor a connection.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio import CapacityLimiter

from orchestrator.errors import Overloaded, QueueFull

MOST: Final = 4  # each holds a few megabytes, and gets at best a quarter of the thread
MOST_OF_TENANT: Final = 2  # so that nobody alone, with uploads that hardly move, closes the door to others
RETRY_AFTER_S: Final = 10.0  # an upload of a few thousand lines takes minutes, one of a few hundred this long
LONGEST_PAUSE_S: Final = 1.0

Given = ParamSpec("Given")
Done = TypeVar("Done")


class Uploads:
    """The one thread and who may use it. Belongs to one event loop.

    Args:
        busy: whether single jobs are being handed in.
        most: uploads at once, and `most_of_tenant` those of one tenant.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        busy: Callable[[], bool],
        most: int = MOST,
        most_of_tenant: int = MOST_OF_TENANT,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._busy = busy
        self._most = most
        self._most_of_tenant = most_of_tenant
        self._sleep = sleep
        self._thread = CapacityLimiter(1)
        self._inside: list[str] = []  # whose they are

    @asynccontextmanager
    async def one(self, tenant: str) -> AsyncIterator[None]:
        """For as long as a batch is taken in.

        Raises:
            QueueFull: as many of the tenant's own as there may be are taken in already.
            Overloaded: as many of all tenants.
        """
        if self._inside.count(tenant) >= self._most_of_tenant:
            raise QueueFull(f"{self._most_of_tenant} of your batches are being handed in.", retry_after_s=RETRY_AFTER_S)
        if len(self._inside) >= self._most:
            raise Overloaded("Other batches are being handed in.", retry_after_s=RETRY_AFTER_S)
        self._inside.append(tenant)
        try:
            yield
        finally:
            self._inside.remove(tenant)

    async def work(self, do: Callable[Given, Done], *args: Given.args, **kwargs: Given.kwargs) -> Done:
        """Do a turn's worth of it, when the thread is free; then others have as long as that took, if there are any."""
        turn = partial(_timed, partial(do, *args, **kwargs))
        done, took_s = await anyio.to_thread.run_sync(turn, limiter=self._thread)
        if self._busy():
            await self._sleep(min(LONGEST_PAUSE_S, took_s))
        return done


def _timed(do: Callable[[], Done]) -> tuple[Done, float]:
    began = time.monotonic()
    return do(), time.monotonic() - began
