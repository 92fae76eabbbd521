"""Lanes that were found closed a moment ago, so that a storm of submits is refused without a look at the rows. Pure.

Only what was refused is remembered: a lane that is open is looked at each time. For a quarter of a second, the time in
which figures are made anew (`tasks/lane_watch.py`): who comes later than that sees what is so then.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from orchestrator.work.lanes import Lane
from orchestrator.work.queueing import Line

KEPT_S: Final = 0.25
MAX_KEPT: Final = 10_000  # tenants at once; above it everything is forgotten, which costs a look each

Place: TypeAlias = tuple[str, Lane]


class ClosedLanes:
    """Tenant and lane -> what was found there. May be used from any thread: each step is one on a dict."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[Place, tuple[float, Line]] = {}

    def find(self, tenant: str, lane: Lane) -> Line | None:
        """What closed the lane to this tenant within the last `KEPT_S` seconds."""
        kept = self._kept.get((tenant, lane))
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def keep(self, tenant: str, lane: Lane, line: Line) -> None:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[tenant, lane] = (self._clock() + KEPT_S, line)
