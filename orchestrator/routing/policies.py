"""What each policy makes of a plan: how many models, of which tiers, and which ways to save. Pure data."""

from typing import Final, NamedTuple

from orchestrator.routing.request import Policy, RoutingStrategy
from orchestrator.work.pressure import Pressure
from providers.catalog import Tier


class Terms(NamedTuple):
    """A policy, spelled out.

    Args:
        panel: how many models are asked where the request names neither models nor a number.
        tiers: the price tiers it wants, and where it looks next; an economy panel never drifts upwards by itself.
        routing: how models are chosen where the request does not say; by price only where the house has set no order.
        leads: the tiers of a lead, the first to be tried first; none: neither lead nor judges are asked.
        cheapest_first: stand-ins are asked by price, where the house has set no order.
        flex: models are asked at the cheaper tier, where they have one and the job has the patience.
        shares_cache: seats with one target wait for the first of them and find its prompt in the provider's cache; that
            saves most of their input and doubles the time that the job takes.
        mends_language: an answer in another language than was asked for is asked for once more.
    """

    panel: int
    tiers: tuple[Tier, ...]
    routing: RoutingStrategy
    leads: tuple[Tier, ...]
    cheapest_first: bool
    flex: bool
    shares_cache: bool
    mends_language: bool = True


POLICIES: Final[dict[Policy, Terms]] = {
    "aggressive": Terms(
        panel=2,
        tiers=("economy",),
        routing="cost",
        leads=(),
        cheapest_first=True,
        flex=True,
        shares_cache=True,
        mends_language=False,
    ),
    "balanced": Terms(
        panel=3,
        tiers=("balanced", "economy", "premium"),
        routing="preference",
        leads=("premium", "balanced"),
        cheapest_first=False,
        flex=False,
        shares_cache=False,
    ),
    "quality": Terms(
        panel=3,
        tiers=("premium", "balanced", "top"),
        routing="preference",
        leads=("top", "premium"),
        cheapest_first=False,
        flex=False,
        shares_cache=False,
    ),
}

# A vendor's cheaper tier may keep a call waiting for a quarter of an hour (shared design page providers.md, section
# 3.7).
FLEX_FROM_S: Final = 900.0

# Cheaper policies than the one asked for, the next one first.
CHEAPER: Final[dict[Policy, tuple[Policy, ...]]] = {
    "quality": ("balanced", "aggressive"),
    "balanced": ("aggressive",),
    "aggressive": (),
}


def under(pressure: Pressure, policy: Policy) -> tuple[Policy, ...]:
    """The policies that a new job is planned with while budgets press so hard: the first of them that saves."""
    if pressure is Pressure.SAVE:
        return CHEAPER[policy][::-1]
    return CHEAPER[policy][:1] if pressure is Pressure.EASE else ()
