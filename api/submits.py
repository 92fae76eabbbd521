"""How many submits are worked on at once: few, so that polls, cancels and health checks find threads and connections.

A submit is mostly work of this process (a transcript is read, a plan made), and more of them at once do not end sooner.
So a handful are worked on, a few wait, and whoever comes then is refused at once, before a byte of the body is read.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request

from orchestrator.work import queueing

# Enough to keep a core busy while others wait for PostgreSQL's disk; a tenth of the threads that reads have.
AT_ONCE: Final = 4
# A burst of a few callers is no overload. The last of them waits for some 150 ms (ops/drills/overload.py).
WAITING: Final = 12

Given = ParamSpec("Given")
Done = TypeVar("Done")


class Submits:
    """The threads of submits, apart from those of all other requests. Belongs to one event loop."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._threads = CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._inside = 0

    def require_room(self) -> None:
        """Raises Overloaded: as many wait as may."""
        if self._inside >= self._most:
            raise queueing.shortly(
                "More jobs are being handed in than can be taken in at once.",
                chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
            )

    async def work(self, do: Callable[Given, Done], *args: Given.args, **kwargs: Given.kwargs) -> Done:
        """Do it in a thread, when its turn has come.

        Raises:
            Overloaded: as many wait as may.
        """
        self.require_room()
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(partial(do, *args, **kwargs), limiter=self._threads)
        finally:
            self._inside -= 1


async def unless_crowded(request: Request) -> None:
    """A dependency for submits, the first of them: a refusal costs no thread and no look at a key."""
    submits: Submits = request.app.state.house.submits
    submits.require_room()
