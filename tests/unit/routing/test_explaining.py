"""What a plan left out, and why: every model of the catalog is either on a ladder or has its reason."""

from datetime import UTC, datetime

import pytest

from orchestrator.routing.case import Case
from orchestrator.routing.explaining import explain
from orchestrator.routing.market import Market
from orchestrator.routing.planning import plan
from orchestrator.routing.request import AnalysisRequest
from providers.calls import Message
from providers.catalog import load

CATALOG = load(
    """
[[providers]]
id = "mine"
name = "My own server"
dialect = "openai_chat"
base_url = "http://127.0.0.1:9/v1"
json_output = "none"

[[models]]
provider = "mine"
id = "plain"
tier = "balanced"
window_tokens = 100000
max_output_tokens = 4000
equivalent = "balanced"
[[models.prices]]
since = 2026-01-01
input_micro_usd = 1
cached_input_micro_usd = 1
cache_write_micro_usd = 1
output_micro_usd = 1
"""
)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALL = tuple(card.id for card in CATALOG.providers)
FOUR = ("aimlapi", "openai", "google", "anthropic")


def market(*reachable: str, words: int = 200, at: datetime = NOW) -> Market:
    return Market(CATALOG, frozenset(reachable), at, (Message(role="user", text="word " * words),))


def request(**fields: object) -> AnalysisRequest:
    return AnalysisRequest.model_validate({"transcript": {"content": "Ann: hello"}, **fields}, strict=False)


def codes(here: Market, **fields: object) -> dict[str, str]:
    wish = request(**fields)
    return {str(one.target): one.code for one in explain(plan(wish, here), Case(wish, here)).rejected}


def test_every_model_is_on_a_ladder_or_has_a_reason() -> None:
    here, wish = market(*ALL), request()
    made = plan(wish, here)

    told = explain(made, Case(wish, here))

    planned = {target for seat in made.seats for target in seat.ladder}
    left_out = {card.target for card in CATALOG.models if card.provider != "extractive"} - planned
    assert {one.target for one in told.rejected} == left_out
    assert [tuple(offers) for offers in told.offers] == [seat.ladder for seat in made.seats]
    assert told == explain(made, Case(wish, here))


def test_each_reason_is_the_first_that_holds() -> None:
    found = codes(market("openai", "anthropic", "mine"))

    assert found["google/gemini-3.8-flash"] == "no-key"
    assert found["mine/plain"] == "no-json"
    assert found["openai/gpt-6-astra"] == "other-tier"
    assert found["openai/gpt-4o"] == "on-its-way-out"


def test_a_retired_model_and_one_that_is_too_small_say_so() -> None:
    assert codes(market("openai", at=datetime(2027, 2, 1, tzinfo=UTC)))["openai/gpt-4o"] == "retired"
    assert codes(market("openai", words=200_000))["openai/gpt-4o"] == "too-small"


def test_the_same_model_elsewhere_and_one_behind_others_say_so() -> None:
    named = codes(market(*FOUR), panel={"models": ["openai/gpt-6.1-terra"]}, allow_substitution=False)

    assert named["aimlapi/openai/gpt-6-1-terra"] == "same-family"
    assert named["google/gemini-3.8-flash"] == "behind-others"


def test_the_cheapest_model_is_the_cheapest_of_all_that_can_be_asked() -> None:
    wish, here = request(policy="quality"), market(*FOUR)

    told = explain(plan(wish, here), Case(wish, here))

    assert told.cheapest is not None
    able = [card.target for card in CATALOG.models if card.provider != "extractive" and here.volunteers(card)]
    assert told.cheapest.expected_micro_usd == min(map(here.expected, able))
    assert told.cheapest.bound_micro_usd >= told.cheapest.expected_micro_usd


def test_without_a_key_there_is_nothing_cheapest_and_nothing_to_advise() -> None:
    wish, here = request(), market()

    told = explain(plan(wish, here), Case(wish, here))

    assert (told.cheapest, told.advice) == (None, ())


@pytest.mark.parametrize(
    ("fields", "reachable", "words", "advice"),
    [
        ({"policy": "quality"}, FOUR, 200, "Policy balanced is expected to cost"),
        ({"policy": "balanced"}, FOUR, 200, "Policy aggressive is expected to cost"),
        ({"policy": "balanced"}, ("openai",), 200, "would be asked at their cheaper tier"),
        ({"panel": {"models": ["anthropic/claude-haiku-5-5"]}}, ("anthropic",), 150_000, "longer than 100000 tokens"),
        ({"panel": {"models": ["aimlapi/openai/gpt-6-luna"]}}, FOUR, 200, "is the same model as aimlapi/"),
        ({}, FOUR, 200, "Without max_cost_usd the job may cost up to"),
    ],
)
def test_advice_is_given_where_there_is_something_to_save(
    fields: dict[str, object], reachable: tuple[str, ...], words: int, advice: str
) -> None:
    wish, here = request(**fields), market(*reachable, words=words)

    told = explain(plan(wish, here), Case(wish, here))

    assert any(advice in sentence for sentence in told.advice), told.advice


def test_what_another_policy_could_not_plan_is_no_advice_and_no_failure() -> None:
    """Google has one economy model, and a consensus needs two."""
    wish, here = request(strategy="consensus"), market("google")

    told = explain(plan(wish, here), Case(wish, here))

    assert not [sentence for sentence in told.advice if "Policy aggressive" in sentence]


def test_built_in_models_are_not_advised_in_the_place_of_language_models() -> None:
    kept = tuple(card for card in CATALOG.models if card.provider != "google" or card.tier != "economy")
    here = Market(CATALOG.model_copy(update={"models": kept}), frozenset(("google",)), NOW, market().messages)

    told = explain(plan(request(), here), Case(request(), here))

    assert not [sentence for sentence in told.advice if "Policy aggressive" in sentence]


def test_advice_that_holds_for_several_seats_is_given_once() -> None:
    wish = request(panel={"models": ["anthropic/claude-haiku-5-5"], "size": 3})
    here = market("anthropic", words=150_000)

    told = explain(plan(wish, here), Case(wish, here))

    assert len([sentence for sentence in told.advice if "longer than 100000 tokens" in sentence]) == 1


def test_no_advice_repeats_what_was_done() -> None:
    wish = request(policy="aggressive", deadline_s=900, max_cost_usd="9", panel={"models": ["openai/gpt-6-luna"]})
    here = market("openai")

    assert explain(plan(wish, here), Case(wish, here)).advice == ()
