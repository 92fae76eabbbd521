"""How many submits are worked on at once: few, so that polls, cancels and health checks find threads and connections.

A submit is mostly work of this process (a transcript is read, a plan made), and more of them at once do not end sooner.
So a handful are worked on, and as many may wait as will have their turn within a moment, by what they took of late.
Whoever comes then is refused at once, before a byte of the body is read.

It has two turns: at the door, where little is done and most are refused under overload, and then, if it is let in, at
the work. Who is refused does not wait for those who were let in.
"""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Request

from orchestrator.work import queueing

# Enough to keep a core busy while others wait for PostgreSQL; more would only keep the event loop from its turns.
AT_ONCE: Final = 3
AT_THE_DOOR: Final = 2
# Seconds that somebody may wait for its turn. Acceptances are promised within 300 ms, refusals within 50: half of it is
# for the work itself. A burst of a few callers fits in.
PATIENCE_S: Final = 0.08
AT_THE_DOOR_S: Final = 0.02
MOST_WAITING: Final = 32  # while submits are quick
# Partial results are put together anew for each reader, of up to ten seats' items: by one thread, so that all of them
# together take no more than that from the rest, and for whoever has its turn within a second.
PARTIALS_AT_ONCE: Final = 1
PARTIALS_S: Final = 1.0
TAUGHT_BY: Final = 0.2  # of each submit's time goes into what is known of them

Given = ParamSpec("Given")
Done = TypeVar("Done")


class Turns:
    """A few threads apart from those of all other requests, and a short queue before them.

    Belongs to one event loop.
    """

    def __init__(
        self,
        at_once: int,
        patience_s: float,
        most_waiting: int = MOST_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threads = CapacityLimiter(at_once)
        self._at_once = at_once
        self._patience_s = patience_s
        self._most_waiting = most_waiting
        self._clock = clock
        self._inside = 0
        self._took_s = 0.0

    @property
    def busy(self) -> bool:
        """Whether somebody is worked for, or waits."""
        return self._inside > 0

    def require_room(self) -> None:
        """Raises Overloaded: it would not have its turn within a moment."""
        waiting = self._inside - self._at_once
        if waiting >= self._most_waiting or waiting * self._took_s / self._at_once > self._patience_s:
            raise queueing.shortly(
                "More jobs are being handed in than can be taken in at once.",
                chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
            )

    async def work(self, do: Callable[Given, Done], *args: Given.args, **kwargs: Given.kwargs) -> Done:
        """Do it in a thread, when its turn has come.

        Raises:
            Overloaded: that would not be within a moment.
        """
        self.require_room()
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(
                partial(self._timed, partial(do, *args, **kwargs)), limiter=self._threads
            )
        finally:
            self._inside -= 1

    def _timed(self, do: Callable[[], Done]) -> Done:
        began = self._clock()
        try:
            return do()
        finally:
            self._took_s += TAUGHT_BY * (self._clock() - began - self._took_s)


async def unless_crowded(request: Request) -> None:
    """A dependency for submits, the first of them: a refusal costs no thread and no look at a key."""
    for turns in (request.app.state.house.doors, request.app.state.house.submits):
        turns.require_room()
