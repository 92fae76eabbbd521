"""What can go wrong at the providers: the scenarios that `meetingmind drill` plays. Pure.

A scenario gives parts to the user's providers, in the order in which failover asks them; who has no part works. A part
is a sentence for the user and an order to the emulator, which `orders` addresses to the provider that plays it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from api.cli.casting import Player
from providers.calls import JsonObject

Endpoint: TypeAlias = Literal["faults", "limits"]  # of the emulator's control, where the order goes
Order: TypeAlias = tuple[Endpoint, JsonObject]

WORKS: Final = "works"
STORM_SHARE: Final = 0.8  # of all requests, in a bad quarter of an hour


@dataclass(frozen=True)
class Part:
    """What one provider does: `words` go on after its name."""

    words: str
    endpoint: Endpoint
    order: JsonObject


@dataclass(frozen=True)
class Scenario:
    """`parts` is given how many calls the drill needs from one provider, and returns the parts in provider order.

    With `everyone` the one part is every provider's.
    """

    story: str
    parts: Callable[[int], Sequence[Part]]
    everyone: bool = False

    def cast(self, players: Sequence[Player], calls: int) -> list[tuple[Player, Part | None]]:
        """Who plays what. Parts for which there are too few providers are left out."""
        parts: list[Part | None] = [*self.parts(calls)]
        if self.everyone:
            parts *= len(players)
        idle: list[Part | None] = [None] * len(players)
        return list(zip(players, [*parts, *idle], strict=False))


def orders(cast: Sequence[tuple[Player, Part | None]]) -> list[Order]:
    """What the emulator is told. The key tells two providers of one kind apart."""
    return [(part.endpoint, part.order | _address(player, part.endpoint)) for player, part in cast if part is not None]


def _address(player: Player, endpoint: Endpoint) -> JsonObject:
    if endpoint == "limits":
        return {"persona": player.persona, "key": player.key}
    return {"match": {"key": player.key}}


def _fault(name: str, words: str, **more: float) -> Part:
    order: JsonObject = {"fault": name, **more}
    return Part(words, "faults", order)


def _halved(calls: int) -> tuple[Part]:
    half = max(1, calls // 2)
    words = f"takes {half} calls a minute, where this drill needs up to {calls}"
    return (Part(words, "limits", {"requests_per_minute": half}),)


SCENARIOS: Final[dict[str, Scenario]] = {
    "first-three-down": Scenario(
        "Your first three providers are down, each in another way.",
        lambda _calls: (
            _fault("503", "is out of service: says 503 to every call"),
            _fault("close", "closes every connection without an answer"),
            _fault("401", "refuses your key"),
        ),
    ),
    "storm-529": Scenario(
        "Every provider is overloaded.",
        lambda _calls: (_fault("529", "turns away four calls of five as overloaded", probability=STORM_SHARE),),
        everyone=True,
    ),
    "slow-drip": Scenario(
        "Your first provider answers a few bytes at a time.",
        lambda _calls: (_fault("drip", "sends two bytes a second, and never gets to the end"),),
    ),
    "error-in-200": Scenario(
        "Your first provider says 200, and puts an error inside.",
        lambda _calls: (_fault("error_in_200", "answers every call with a success status around an error"),),
    ),
    "truncated": Scenario(
        "Your first provider's answers break off in the middle.",
        lambda _calls: (_fault("truncated", "sends the first half of every answer as if it were the whole"),),
    ),
    "half-rate-limit": Scenario("Your first provider's rate limit is half of what you need.", _halved),
}
