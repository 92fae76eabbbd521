"""When a second call for a slow seat is worth its money, and to whom it goes. Pure.

The loser of the two is paid: so it takes a call that is slower than nineteen of twenty of its kind, and of all calls no
more than two in a hundred may have a second one. (J. Dean and L. A. Barroso, The tail at scale, 2013.)
"""

import math
from collections.abc import Collection, Sequence
from typing import Final

from orchestrator.routing.market import EXTRACTIVE
from orchestrator.work.seats import SeatPlan

SLOW_SHARE: Final = 0.95
FEWEST_SEEN: Final = 20  # below that, the slowest of them says nothing about the next one
MOST_SHARE: Final = 0.02


def slow_after_s(seen_s: Sequence[float]) -> float | None:
    """How long a call takes that is slow, by those of its kind that were answered. None: too few were."""
    if len(seen_s) < FEWEST_SEEN:
        return None
    return sorted(seen_s)[math.ceil(SLOW_SHARE * len(seen_s)) - 1]


def may_hedge(calls: int, hedges: int) -> bool:
    """Whether one more is within the share, after so many calls and so many second ones."""
    return hedges + 1 <= MOST_SHARE * calls


def second_rung(seat: SeatPlan, rung: int, usable: Collection[int]) -> int | None:
    """The first place below whose target stands at another provider: what is slow at one is slow there twice."""
    here = seat.ladder[rung].provider
    below = (place for place in sorted(usable) if place > rung)
    return next((place for place in below if seat.ladder[place].provider not in {here, EXTRACTIVE}), None)
