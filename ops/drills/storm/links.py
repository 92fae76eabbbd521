"""The ways to the stores, which can be lost and are mended by themselves when it is time."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from ops.drills.link import OPEN, Link, postgres_target, postgres_through, redis_target, redis_through
from ops.drills.storm.plan import MANNERS, POSTGRES, REDIS, Fault


@dataclass(frozen=True)
class Loss:
    """A link that is lost until `mend_at`, which is monotonic."""

    how: str
    since: datetime
    mend_at: float


class Links:
    """There are none until `lay`; their threads end with the stack of contexts that it is given."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._links: dict[str, Link] = {}
        self._losses: dict[str, Loss] = {}

    def lay(self, database_url: str, redis_url: str, stack: ExitStack) -> tuple[str, str]:
        """The addresses of the stores by way of links."""
        for store, target in ((POSTGRES, postgres_target(database_url)), (REDIS, redis_target(redis_url))):
            self._links[store] = stack.enter_context(Link(target, seed=self._seed))
        return postgres_through(self._links[POSTGRES], database_url), redis_through(self._links[REDIS])

    def lose(self, fault: Fault, at: datetime) -> None:
        if fault.way is not None:
            self._links[fault.victim].treat(MANNERS[fault.way])
            self._losses[fault.victim] = Loss(str(fault.way), at, time.monotonic() + fault.for_s)

    def mend(self, *, all_of_them: bool = False) -> Iterator[tuple[str, Loss]]:
        """Mend what is due; tells each store whose link was lost, while it still is."""
        now = time.monotonic()
        for store, loss in [*self._losses.items()]:
            if all_of_them or now >= loss.mend_at:
                del self._losses[store]
                yield store, loss
                self._links[store].treat(OPEN)
