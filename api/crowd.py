"""How many connections there may be at once, and who gives way when there is one more.

Sockets cost a caller nothing, so a bound alone would let whoever opens enough of them shut the door for everybody. Here
the bound shuts nobody out: a newcomer is let in, and the connection on which nothing has been under way for longest is
closed for it. Silent sockets push out each other; a caller who asks something as soon as it is connected is served.
"""

import resource
from collections.abc import Callable
from typing import Final, Protocol

import structlog

log = structlog.get_logger()

# What a process has open beside its callers and its connections to PostgreSQL: Redis, libraries, uploads on disk.
OWN_FILES: Final = 128
FEWEST: Final = 16
TOLD_EVERY_S: Final = 10.0  # else a flood of connections would be one of log lines


class Waiting(Protocol):
    """A connection on which nothing is under way."""

    def give_way(self) -> None:
        """Close at once."""
        ...


class Crowd:
    """The connections of one event loop that wait for their caller, the longest waiting first.

    Args:
        most: connections that there may be, those at work included.
        clock: seconds, only ever forward.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.most = most
        self._clock = clock
        self._waiting: dict[Waiting, None] = {}
        self._closed = 0
        self._told_at: float | None = None

    def waits(self, connection: Waiting) -> None:
        """From now on, if it does not yet."""
        self._waiting.setdefault(connection)

    def works(self, connection: Waiting) -> None:
        """It does not wait, or is no more."""
        self._waiting.pop(connection, None)

    def make_room(self, there_are: int) -> None:
        """Have one give way if there are too many; at worst the newest, if all others are at work."""
        if there_are > self.most and self._waiting:
            longest = next(iter(self._waiting))
            self.works(longest)
            longest.give_way()
            self._tell()

    def _tell(self) -> None:
        self._closed += 1
        if self._told_at is None or self._clock() - self._told_at >= TOLD_EVERY_S:
            log.warning("api.crowded", most=self.most, closed=self._closed)
            self._told_at, self._closed = self._clock(), 0


def fitting(wished: int, pool_size: int) -> int:
    """How many connections this process has files for. Raises its own limit as far as it may for what is wished.

    So the files never run out: accepting, uploads and PostgreSQL would all be hit by that.
    """
    own = OWN_FILES + 2 * pool_size
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wished + own if hard == resource.RLIM_INFINITY else min(hard, wished + own)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    fit = wished if soft == resource.RLIM_INFINITY else max(FEWEST, min(wished, soft - own))
    if fit < wished:
        log.warning("api.few_files", wished=wished, connections=fit, files=soft)
    return fit
