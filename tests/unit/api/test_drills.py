"""The scenarios: whom they concern, and that the emulator takes their orders."""

import pytest
from pydantic import BaseModel

from api.cli.casting import Player
from api.cli.drills import SCENARIOS, orders
from providers.emulator.limits import LimitsOrder
from providers.emulator.script import Rule

CALLS = 36
PLAYERS = tuple(
    Player(name, persona, f"/{name}", f"drill-key-000{number}", 8.0)
    for number, (name, persona) in enumerate(
        {"aimlapi": "aimlapi", "openai": "openai", "google": "gemini", "anthropic": "anthropic"}.items(), 1
    )
)
ORDERS_OF: dict[str, type[BaseModel]] = {"faults": Rule, "limits": LimitsOrder}


def struck(name: str, players: tuple[Player, ...] = PLAYERS) -> list[str]:
    """The providers that have a part."""
    return [player.provider for player, part in SCENARIOS[name].cast(players, CALLS) if part]


@pytest.mark.parametrize("calls", [1, 2, CALLS])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_emulator_takes_every_order(name: str, calls: int) -> None:
    sent = orders(SCENARIOS[name].cast(PLAYERS, calls))

    assert sent
    for endpoint, order in sent:
        assert ORDERS_OF[endpoint].model_validate(order)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_order_concerns_the_key_of_its_provider_alone(name: str) -> None:
    cast = SCENARIOS[name].cast(PLAYERS, CALLS)

    for (_, order), (player, _part) in zip(orders(cast), cast, strict=False):
        match = order.get("match", order)
        assert isinstance(match, dict)
        assert match["key"] == player.key
        assert match.get("persona") in (None, player.persona)


@pytest.mark.parametrize("name", ["slow-drip", "error-in-200", "truncated", "half-rate-limit"])
def test_these_strike_the_first_provider_alone(name: str) -> None:
    assert struck(name) == ["aimlapi"]


def test_three_are_down_in_three_ways_and_the_fourth_works() -> None:
    faults = [order["fault"] for _, order in orders(SCENARIOS["first-three-down"].cast(PLAYERS, CALLS))]

    assert struck("first-three-down") == ["aimlapi", "openai", "google"]
    assert len(set(faults)) == 3


def test_a_storm_strikes_everybody_now_and_then() -> None:
    sent = orders(SCENARIOS["storm-529"].cast(PLAYERS, CALLS))

    assert struck("storm-529") == [player.provider for player in PLAYERS]
    assert {order["probability"] for _, order in sent} == {0.8}


@pytest.mark.parametrize(("calls", "limit"), [(1, 1), (2, 1), (3, 1), (36, 18)])
def test_the_limit_is_half_of_the_calls_that_are_needed_and_the_words_say_so(calls: int, limit: int) -> None:
    [(player, part), *_] = SCENARIOS["half-rate-limit"].cast(PLAYERS, calls)

    assert part is not None
    assert part.words == f"takes {limit} calls a minute, where this drill needs up to {calls}"
    assert orders([(player, part)])[0][1]["requests_per_minute"] == limit


@pytest.mark.parametrize("name", SCENARIOS)
def test_with_one_provider_every_scenario_strikes_that_one(name: str) -> None:
    assert struck(name, PLAYERS[:1]) == ["aimlapi"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_listed_on_one_line_of_a_terminal(name: str) -> None:
    assert len(f"  {name:18}{SCENARIOS[name].story}") <= 80
