"""Who sits on a panel, and what a plan says of it: the preferred provider, one model more, models that are out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import InvalidRequest, MaxCostTooLow, PanelTooSmall
from orchestrator.meeting.context import Context
from orchestrator.routing.case import Case, Yardstick
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.live import Live, Vitals
from orchestrator.routing.planning import Plan, plan, plan_of
from providers.catalog import load
from tests.unit.routing.cases import (
    CATALOG,
    EVERYONE,
    FOUR,
    asked,
    case,
    in_the_order,
    market,
    meeting,
    request,
    target,
)

OPEN = Vitals(is_open=True)

# A model for which nobody stands in, and that costs more than any other: only then does a preference cost anything at
# worst, since ladders of one tier end in the same models.
DEAR = """
[[providers]]
id = "dear"
name = "A dear one"
dialect = "openai_chat"
base_url = "https://dear.example/v1"

[[models]]
provider = "dear"
id = "prose"
tier = "balanced"
window_tokens = 900_000
max_output_tokens = 128_000
equivalent = "prose"
[[models.prices]]
since = 2026-01-01
input_micro_usd = 90_000_000
cached_input_micro_usd = 90_000_000
cache_write_micro_usd = 90_000_000
output_micro_usd = 90_000_000
"""


def preferring(provider: str, *keys: str, words: int = 200, **fields: object) -> Case:
    return case(*keys, words=words, routing={"preferred_provider": provider}, **fields)


def tiers(made: Plan) -> list[str]:
    return [CATALOG.model(seat.asked).tier for seat in made.seats]


def test_the_preferred_providers_models_go_before_others_of_their_tier() -> None:
    made = plan_of(preferring("google", *FOUR))

    assert asked(made)[0] == "google/gemini-3.8-flash"
    assert tiers(made) == ["balanced"] * 3
    assert made.because[0] == ("its provider is preferred; it scores 0.869",)
    assert made.notes == ()


def test_a_preferred_provider_is_asked_for_each_model_that_it_sells() -> None:
    made = plan_of(preferring("anthropic", *FOUR, panel={"size": 2}))

    assert asked(made) == ["anthropic/claude-sonnet-5-5", "aimlapi/openai/gpt-6-1-terra"]


def test_a_preference_never_moves_a_panel_into_another_tier() -> None:
    """DeepSeek has one balanced model: the others of the panel are of that tier too, wherever they are sold."""
    made = plan_of(preferring("deepseek", *FOUR, "deepseek"))

    assert (asked(made)[0], tiers(made)) == ("deepseek/deepseek-v4-pro", ["balanced"] * 3)


WHY_NOT = [
    ("openai", ("google",), UNCONSTRAINED, 200, "it has no key here"),
    ("openai", ("openai", "google"), Constraints(zero_retention=True), 200, "it may keep what it is sent"),
    (
        "anthropic",
        ("anthropic", "azure"),
        UNCONSTRAINED,
        800_000,
        "policy balanced asks none of its models for this meeting",
    ),
]


@pytest.mark.parametrize(("provider", "keys", "demanded", "words", "because"), WHY_NOT)
def test_a_plan_says_why_a_preferred_provider_does_not_come_first(
    provider: str, keys: tuple[str, ...], demanded: Constraints, words: int, because: str
) -> None:
    wish = preferring(provider, *keys, words=words)
    made = plan_of(replace(wish, market=replace(wish.market, constraints=demanded)))

    assert made.notes == (f"{provider} is preferred and not asked first: {because}",)
    assert made.notes[0] in made.reason


def test_a_preferred_provider_that_is_out_of_order_is_passed_by_and_the_plan_says_so() -> None:
    wish = preferring("google", *FOUR)
    out = {card.target: OPEN for card in CATALOG.models if card.provider == "google"}

    made = plan_of(replace(wish, live=Live(out)))

    assert made.seats[0].asked.provider == "aimlapi"
    assert made.notes == ("google is preferred and not asked first: its models are out of order",)


def test_a_preferred_provider_without_a_model_of_the_first_tier_comes_where_its_tier_comes() -> None:
    kept = tuple(card for card in CATALOG.models if card.provider != "google" or card.tier == "economy")
    wish = preferring("google", *FOUR, panel={"size": 4})
    catalog = load().model_copy(update={"models": kept})

    made = plan_of(replace(wish, market=replace(wish.market, catalog=catalog)))

    assert made.notes == ("google is preferred and not asked first: it has none of the tier that comes first",)
    assert asked(made)[3] == "google/gemini-3.5-flash-lite"


def test_a_preference_is_told_apart_from_models_that_are_named() -> None:
    made = plan_of(preferring("google", *FOUR, panel={"models": ["openai/gpt-6-luna"]}))

    assert asked(made) == ["openai/gpt-6-luna"]
    assert made.notes == ("google is preferred, but the request names its models",)


def test_a_strict_preference_asks_nobody_else() -> None:
    made = plan_of(preferring("openai", *FOUR, allow_substitution=False))

    assert {rung.provider for seat in made.seats for rung in seat.ladder} == {"openai"}


def test_a_strict_preference_that_cannot_be_honoured_is_refused() -> None:
    with pytest.raises(PanelTooSmall, match="openai is preferred and not asked first: it has no key") as refused:
        plan_of(preferring("openai", "google", allow_substitution=False))

    assert refused.value.pointer == "/routing/preferred_provider"


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no provider 'opnai'") as refused:
        plan_of(preferring("opnai", *FOUR))

    assert refused.value.pointer == "/routing/preferred_provider"


@pytest.mark.parametrize("strict", [True, False])
def test_the_built_in_models_can_be_preferred(strict: bool) -> None:
    made = plan_of(preferring("extractive", *FOUR, allow_substitution=not strict))

    assert {seat.asked.provider for seat in made.seats} == {"extractive"}
    assert made.because[0] == ("the built-in models are preferred",)


def test_a_preference_that_max_cost_has_no_room_for_is_given_up_and_the_plan_says_so() -> None:
    wish = preferring("dear", "openai", "dear", panel={"size": 1})
    dear = replace(wish, market=replace(wish.market, catalog=load(DEAR)))
    needed = plan_of(replace(dear, prefers=False)).needed_micro_usd
    tight = dear.request.model_copy(update={"max_cost_usd": f"{needed / 1e6:.6f}"})

    made = plan_of(replace(dear, request=tight))

    assert asked(plan_of(dear)) == ["dear/prose"]
    assert asked(made) == ["openai/gpt-6.1-terra"]
    assert made.notes == ("dear is not preferred: the money has no room for it",)


def test_a_strict_preference_is_not_given_up_for_money() -> None:
    wish = preferring("anthropic", "openai", "anthropic", panel={"size": 1}, allow_substitution=False, max_cost_usd="0")

    with pytest.raises(MaxCostTooLow):
        plan_of(wish)


MORE = [
    (meeting("executive"), 4, "as what an executive meeting decides binds others"),
    (meeting("committee"), 4, "as what a committee decides binds others"),
    (meeting(speakers=12), 4, "as 12 people speak in it"),
    (meeting("committee", speakers=105), 4, "as what a committee decides binds others and 105 people speak in it"),
    (meeting("standup"), 3, None),
    (meeting("the board"), 3, None),
    (meeting("executive", confidence=0.4), 3, None),
    (meeting(speakers=11), 3, None),
    (None, 3, None),
]


@pytest.mark.parametrize(("context", "seats", "because"), MORE)
def test_some_meetings_are_read_by_one_model_more(context: Context | None, seats: int, because: str | None) -> None:
    made = plan(request(), market(*FOUR), context=context)

    assert len(made.seats) == seats
    assert made.notes == ((f"one model more is asked than usual, {because}",) if because else ())


@pytest.mark.parametrize(
    "fields",
    [{"policy": "aggressive"}, {"panel": {"size": 2}}, {"strategy": "single"}, {"panel": {"models": ["gpt-4"]}}],
)
def test_nobody_is_added_to_a_panel_that_saves_or_was_asked_for(fields: dict[str, object]) -> None:
    with_context = plan(request(**fields), market(*FOUR), context=meeting("executive"))

    assert with_context == plan(request(**fields), market(*FOUR))


def test_where_there_is_no_model_more_nothing_is_said_of_one() -> None:
    made = plan(request(), market("google"), context=meeting("executive"))

    assert made.notes == ()
    assert len(made.seats) == len(plan(request(), market("google")).seats)


def test_one_model_more_that_max_cost_has_no_room_for_is_given_up_and_the_plan_says_so() -> None:
    needed = plan(request(), market(*FOUR)).needed_micro_usd

    made = plan(request(max_cost_usd=f"{needed / 1e6:.6f}"), market(*FOUR), context=meeting("executive"))

    assert len(made.seats) == 3
    because = "though what an executive meeting decides binds others: the money has no room for it"
    assert made.notes == (f"no model more is asked than usual {because}",)


def test_models_named_twice_are_sampled_twice() -> None:
    made = plan_of(case(*FOUR, panel={"models": ["openai/gpt-6-luna", "openai/gpt-6-luna", "openai/gpt-6-luna"]}))

    assert asked(made) == ["openai/gpt-6-luna"] * 3
    assert made.strategy == "consensus"
    assert made.because[0] == ("the request names it",)


def test_a_panel_larger_than_there_are_models_says_who_is_asked_once_more() -> None:
    made = plan_of(case("google", panel={"size": 4}))

    assert asked(made)[3] == asked(made)[0]
    assert made.because[3] == ("asked once more, as there are fewer models than seats",)


def test_where_everybody_is_out_of_order_somebody_is_asked_all_the_same() -> None:
    out = Live({card.target: OPEN for card in CATALOG.models})

    made = plan_of(replace(case("openai"), live=out))

    assert asked(made) == asked(plan_of(case("openai")))
    assert made.because[0] == ("nobody better is left: its circuit is open",)


def test_a_built_in_model_that_is_weak_in_the_meetings_language_goes_last() -> None:
    in_japanese = plan(request(strategy="single"), market(), context=meeting(language="ja-JP"))
    in_german = plan(request(strategy="single"), market(), context=meeting(language="de"))
    unknown = plan(request(strategy="single"), market(), context=meeting(language="und"))

    assert "cue-rules" not in str(in_japanese.seats[0].asked)
    assert asked(in_german) == asked(unknown) == asked(plan_of(case(strategy="single"))) == ["extractive/cue-rules"]


def test_a_stand_in_that_is_out_of_order_goes_behind_the_others_and_the_plan_says_so() -> None:
    wish = case(*FOUR, panel={"models": ["openai/gpt-6.1-terra"]})
    out = target("aimlapi/openai/gpt-6-1-terra")

    made = plan_of(replace(wish, live=Live({out: OPEN})))

    usual, ladder = plan_of(wish).seats[0].ladder, made.seats[0].ladder
    assert usual[1] == out == ladder[-2]
    assert set(usual) == set(ladder)
    assert made.because[0] == ("the request names it", f"{out} stands behind the others: its circuit is open")


def test_an_order_that_a_request_pins_stands_whatever_the_circuits_and_the_prices_say() -> None:
    pinned = case(*FOUR, policy="aggressive", panel={"models": ["openai/gpt-6-luna"]}, routing={"pinned": True})
    out = Live({target("aimlapi/openai/gpt-6-luna"): OPEN})

    made = plan_of(replace(pinned, live=out))

    assert [str(rung) for rung in made.seats[0].ladder[:3]] == [
        "openai/gpt-6-luna",
        "aimlapi/openai/gpt-6-luna",
        "google/gemini-3.5-flash-lite",
    ]
    assert made.because[0] == ("the request names it",)


def test_a_ladder_whose_stand_ins_are_all_out_of_order_stays_as_it_is() -> None:
    wish = case(*FOUR, panel={"models": ["openai/gpt-6.1-terra"]})
    others = plan_of(wish).seats[0].ladder[1:-1]

    assert plan_of(replace(wish, live=Live(dict.fromkeys(others, OPEN)))) == plan_of(wish)


@pytest.mark.parametrize(
    ("asked_for", "house", "strategy", "because"),
    [
        (None, None, "preference", "as policy balanced does"),
        (None, "round-robin", "round-robin", "as the house has set it"),
        ("cost", "round-robin", "cost", "as asked"),
    ],
)
def test_how_models_are_chosen_is_said_by_request_house_and_policy_in_this_order(
    asked_for: str | None, house: str | None, strategy: str, because: str
) -> None:
    wish = case(*FOUR, routing={"strategy": asked_for})

    found = replace(wish, yardstick=Yardstick(strategy=house)).routing  # type: ignore[arg-type]  # one of the names

    assert found == (strategy, because)


def test_a_policy_that_saves_keeps_to_an_order_that_the_house_has_set() -> None:
    made = in_the_order(case(*FOUR, policy="aggressive"), "google")

    assert made.routing == ("preference", "as the house has set an order of providers")
    assert asked(plan_of(made))[0] == "google/gemini-3.5-flash-lite"


@given(st.sampled_from(EVERYONE), st.sets(st.sampled_from(EVERYONE)), st.sampled_from(["balanced", "quality"]))
def test_a_preference_changes_who_is_asked_of_a_tier_and_never_how_many_of_it(
    provider: str, keys: set[str], policy: str
) -> None:
    if provider == "extractive":
        return
    without, made = plan_of(case(*keys, policy=policy)), plan_of(preferring(provider, *keys, policy=policy))

    assert tiers(made) == tiers(without)
