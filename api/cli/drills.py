"""What can go wrong at the providers, as scenarios that `meetingmind drill` plays to the user's own configuration.

A scenario is a list of orders to the emulator. `tiers` are the emulator's names of the providers that the user has
keys for, in the order in which failover asks them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from providers.calls import JsonObject

Order: TypeAlias = tuple[str, JsonObject]  # the control endpoint, and what it is told

STORM_SHARE: Final = 0.8  # of all requests, in a bad quarter of an hour
SLOW_CHUNK_MS: Final = 1_000.0
HALVED_PER_MINUTE: Final = 10


@dataclass(frozen=True)
class Scenario:
    """`story` is a sentence for the user; `orders` says how it is played to these tiers."""

    story: str
    orders: Callable[[Sequence[str]], list[Order]]


def _fault(tier: str, fault: str, **rule: object) -> Order:
    order: JsonObject = {"match": {"persona": tier}, "fault": fault}
    return "faults", order | {name: value for name, value in rule.items() if isinstance(value, (int, float, dict))}


def _first_three_down(tiers: Sequence[str]) -> list[Order]:
    ways = ("503", "close", "401")
    return [_fault(tier, way) for tier, way in zip(tiers, ways, strict=False)]


def _storm(tiers: Sequence[str]) -> list[Order]:
    return [_fault(tier, "529", probability=STORM_SHARE) for tier in tiers]


def _first(fault: str) -> Callable[[Sequence[str]], list[Order]]:
    return lambda tiers: [_fault(tier, fault) for tier in tiers[:1]]


def _halved(tiers: Sequence[str]) -> list[Order]:
    return [("limits", {"persona": tier, "requests_per_minute": HALVED_PER_MINUTE}) for tier in tiers[:1]]


SCENARIOS: Final[dict[str, Scenario]] = {
    "first-three-down": Scenario(
        "Your first three providers are down, each in another way: out of service, connections cut, key refused.",
        _first_three_down,
    ),
    "storm-529": Scenario("Every provider is overloaded and turns away four requests of five.", _storm),
    "slow-drip": Scenario(
        "Your first provider answers a few bytes at a time and never comes to an end.", _first("drip")
    ),
    "error-in-200": Scenario("Your first provider says 200 and puts an error inside.", _first("error_in_200")),
    "truncated": Scenario("Your first provider's answers break off in the middle.", _first("truncated")),
    "half-rate-limit": Scenario(
        f"Your first provider allows {HALVED_PER_MINUTE} requests a minute, far fewer than you need.", _halved
    ),
}
