"""Which rungs of a ladder may be asked now, and how long each may take. Pure.

A plan is minutes old when a seat moves on: a model may have been retired since, a key taken away, a price raised. So
what planning asked of a target is asked again of the next one, before anything is sent to it.
"""

from typing import Final

from orchestrator.routing.market import EXTRACTIVE, Market
from orchestrator.work.seats import SeatPlan
from providers.calls import Target

LEAST_PATIENCE_S: Final = 10.0  # a shorter share is no time to answer in: rather one call that can end than two


def usable(seat: SeatPlan, market: Market, room_micro_usd: int) -> frozenset[int]:
    """The places on the ladder whose target is known, alive, has a key, takes the prompt, and costs at worst no more
    than the money that is left for it.
    """
    return frozenset(place for place, target in enumerate(seat.ladder) if _is_usable(target, market, room_micro_usd))


def _is_usable(target: Target, market: Market, room_micro_usd: int) -> bool:
    if not market.catalog.knows(target) or not market.offers(market.catalog.model(target)):
        return False
    return market.bound(target) <= max(0, room_micro_usd)


def patience_s(seat: SeatPlan, rung: int, left_s: float) -> float:
    """How long a call to this rung may take: half of what is left while another provider stands below it, else all.

    A provider that drips would otherwise eat the whole deadline, and those below it be asked in vain.
    """
    below = any(target.provider != EXTRACTIVE for target in seat.ladder[rung + 1 :])
    return min(left_s, max(LEAST_PATIENCE_S, left_s / 2)) if below else left_s
