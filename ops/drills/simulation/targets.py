"""Whom simulated seats ask: a few targets at fixed prices, and what can go wrong between them and us."""

from functools import cache
from typing import Final

from orchestrator.routing.market import EXTRACTIVE
from orchestrator.work.seats import SeatPlan
from providers.calls import Target
from providers.errors import (
    BadReply,
    Canceled,
    CircuitOpen,
    DeadlineExceeded,
    Interrupted,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    Unreachable,
    Withheld,
)

TARGETS: Final = (
    Target(provider="openai", model="large"),
    Target(provider="aimlapi", model="middle"),
    Target(provider="google", model="small"),
    Target(provider=EXTRACTIVE, model="cue-rules"),
)
BOUNDS_MICRO_USD: Final = (1_000, 600, 250, 0)
BUILT_IN: Final = 3  # costs nothing and cannot fail to answer
LADDERS: Final = ((0, 1, 3), (0, 1, 2, 3), (1, 2), (0,), (2, 0, 1), (1, 3))

UNBILLED: Final[tuple[ProviderError, ...]] = (
    RateLimited("slow down", retry_after_s=3.0),
    RateLimited("slow down", retry_after_s=90.0),
    Overloaded("no room"),
    ServerFault("broken"),
    Unreachable("no connection"),
    Refused("not like this"),
)
UNKNOWN: Final[tuple[ProviderError, ...]] = (Interrupted("cut"), TimedOut("gave up"))
OUT_OF_TIME: Final = DeadlineExceeded("our own deadline passed")
UNREADABLE: Final = BadReply("no answer in it")
CANCELED: Final = Canceled("the seat was lost")
SHUT: Final = CircuitOpen("out of order", reason="circuit", retry_after_s=5.0)
HELD_UP: Final = Withheld("others hold it", reason="money", retry_after_s=2.0, final=False)
SPENT: Final = Withheld("it is spent", reason="money", retry_after_s=2.0, final=True)


@cache
def plan_of(ladder: tuple[int, ...]) -> SeatPlan:
    """A seat's plan, as the rules of failover want it."""
    ladder_of_targets = tuple(TARGETS[place] for place in ladder)
    return SeatPlan(seat=0, role="analyst", asked=ladder_of_targets[0], ladder=ladder_of_targets)


def bounds_of(ladder: tuple[int, ...]) -> tuple[int, ...]:
    """What a call to each rung costs at worst."""
    return tuple(BOUNDS_MICRO_USD[place] for place in ladder)


def needed_micro_usd(ladders: tuple[tuple[int, ...], ...]) -> int:
    """What a job costs if each of its seats pays its dearest rung once."""
    return sum(max(bounds_of(ladder)) for ladder in ladders)
