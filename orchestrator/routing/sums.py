"""What a plan costs: at the least to be let in, as a rule, and at most. Pure, in micro-dollars."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from orchestrator.routing.callers import expected_micro_usd, questioned
from orchestrator.routing.market import Market
from orchestrator.work.seats import SeatPlan

# A call whose process or link died is booked at its worst case and repeated once (ADR 0025).
CALLS_HELD: Final = 2


class Sums(NamedTuple):
    """`needed` if every seat pays its dearest rung once, for each part if it has several; `expected` if the first rungs
    answer as usual.
    """

    needed_micro_usd: int
    expected_micro_usd: int

    @property
    def bound_micro_usd(self) -> int:
        """What the job can never pass."""
        return CALLS_HELD * self.needed_micro_usd


def sums(panel: Sequence[SeatPlan], callers: Sequence[SeatPlan], market: Market) -> Sums:
    """Of the panel with its prompt, and of the callers with the longest question there may be."""
    asking = questioned(market)
    return Sums(
        needed_micro_usd=sum(_needed(seat, market) for seat in panel)
        + sum(max(map(asking.bound, seat.ladder)) for seat in callers),
        expected_micro_usd=sum(market.expected(seat.ladder[0], seat.service_tier, seat.cut) for seat in panel)
        + sum(expected_micro_usd(seat, len(panel), market) for seat in callers),
    )


def _needed(seat: SeatPlan, market: Market) -> int:
    """Each part may be answered by another rung."""
    return sum(max(call.bound(target) for target in seat.ladder) for call in market.calls(seat.cut))
