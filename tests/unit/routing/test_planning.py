"""Plans: panels, ladders, quorum and bound, from a request and what can be asked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.prompts import SCHEMA
from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownModel, UnknownStrategy
from orchestrator.routing.market import MAX_OUTPUT_TOKENS, Market
from orchestrator.routing.planning import Plan, plan
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import AnalysisRequest
from orchestrator.work.pressure import Pressure, Squeeze
from providers.calls import Call, Message, Target
from providers.catalog import load
from providers.pricing import bound, estimate_tokens

CATALOG = load()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVERYONE = tuple(card.id for card in CATALOG.providers)
BUILTIN = tuple(card.target for card in CATALOG.models if card.provider == "extractive")
SHOWN = (Message(role="user", text="u1 - Ann: We will ship on Friday."),)


def market(*reachable: str, messages: tuple[Message, ...] = SHOWN, at: datetime = NOW) -> Market:
    return Market(CATALOG, frozenset(reachable), at, messages)


def request(**fields: object) -> AnalysisRequest:
    return AnalysisRequest.model_validate({"transcript": {"content": "Ann: hello"}, **fields}, strict=False)


def test_without_any_key_the_built_in_models_sit_on_the_panel() -> None:
    made = plan(request(), market())

    assert tuple(seat.asked for seat in made.seats) == BUILTIN
    assert [seat.ladder for seat in made.seats] == [(target,) for target in BUILTIN]
    assert (made.strategy, made.quorum, made.bound_micro_usd) == ("consensus", 2, 0)


def test_without_any_key_a_caller_who_forbids_the_built_in_models_is_refused() -> None:
    with pytest.raises(PanelTooSmall) as refused:
        plan(request(allow_extractive=False), market())

    assert refused.value.pointer == "/allow_extractive"


def test_more_built_in_seats_than_built_in_models_are_refused() -> None:
    with pytest.raises(PanelTooSmall) as refused:
        plan(request(panel={"size": 3}), market())

    assert refused.value.pointer == "/panel/size"


@pytest.mark.parametrize("policy", ["aggressive", "balanced", "quality"])
def test_a_panel_is_of_the_policys_tiers_and_never_asks_one_model_twice(policy: str) -> None:
    made = plan(request(policy=policy), market("openai", "aimlapi", "openrouter", "deepseek"))

    tiers = {CATALOG.model(seat.asked).tier for seat in made.seats}
    families = [seat.asked.model.rpartition("/")[2].replace(".", "-") for seat in made.seats]
    assert tiers <= set(POLICIES[policy].tiers)  # type: ignore[index]  # the parameters are the policies
    assert len(set(families)) == len(families)


def test_a_policy_starts_with_the_tier_that_it_wants() -> None:
    made = plan(request(policy="balanced", panel={"size": 1}), market("openai"))

    assert CATALOG.model(made.seats[0].asked).tier == "balanced"


def test_a_panel_asked_for_by_size_is_filled_by_turns() -> None:
    made = plan(request(policy="aggressive", panel={"size": 5}), market("openai"))

    asked = [seat.asked for seat in made.seats]
    assert len(asked) == 5
    assert len(set(asked)) == len([card for card in CATALOG.models if _is_economy_of_openai(card)])


def _is_economy_of_openai(card: object) -> bool:
    return (
        getattr(card, "provider", "") == "openai"
        and getattr(card, "tier", "") == "economy"
        and not getattr(card, "replaced_by", "")
    )


def test_named_models_sit_where_they_were_named() -> None:
    names = ["openai/gpt-6-luna", "openai/gpt-6.1-terra"]

    made = plan(request(panel={"models": names}), market("openai"))

    assert [str(seat.asked) for seat in made.seats] == names


def test_a_ladder_goes_from_the_asked_model_over_its_equals_to_a_built_in_one() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}), market("openai", "aimlapi"))

    ladder = made.seats[0].ladder
    equivalent = {CATALOG.model(target).equivalent for target in ladder[:-1]}
    assert str(ladder[0]) == "openai/gpt-6-luna"
    assert {target.provider for target in ladder[1:-1]} == {"openai", "aimlapi"}
    assert equivalent == {CATALOG.model(ladder[0]).equivalent}
    assert ladder[-1] in BUILTIN


def test_seats_fall_back_to_built_in_models_by_turns() -> None:
    made = plan(request(), market("openai"))

    assert [seat.ladder[-1] for seat in made.seats] == [BUILTIN[n % len(BUILTIN)] for n in range(len(made.seats))]


def test_a_caller_who_forbids_substitution_gets_the_asked_model_alone() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}, allow_substitution=False), market("openai", "aimlapi"))

    assert [str(target) for target in made.seats[0].ladder] == ["openai/gpt-6-luna"]


def test_a_caller_who_forbids_the_built_in_models_keeps_the_other_stand_ins() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}, allow_extractive=False), market("openai", "aimlapi"))

    assert {target.provider for target in made.seats[0].ladder} == {"openai", "aimlapi"}


def test_a_model_without_a_key_is_substituted() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}), market("aimlapi"))

    assert str(made.seats[0].asked) == "openai/gpt-6-luna"
    assert made.seats[0].ladder[0].provider == "aimlapi"


def test_a_model_without_a_key_is_refused_where_nothing_may_stand_in() -> None:
    with pytest.raises(UnknownModel) as refused:
        plan(request(panel={"models": ["openai/gpt-6-luna"]}, allow_substitution=False), market("aimlapi"))

    assert refused.value.pointer == "/panel/models/0"


@pytest.mark.parametrize("name", ["gpt-6", "openai/", "openai/gpt-99", "nobody/gpt-6-luna"])
def test_a_model_that_is_not_in_the_catalog_is_refused(name: str) -> None:
    with pytest.raises(UnknownModel) as refused:
        plan(request(panel={"models": ["openai/gpt-6-luna", name]}), market("openai"))

    assert refused.value.pointer == "/panel/models/1"


def test_a_model_can_be_named_without_its_provider() -> None:
    made = plan(request(panel={"models": ["gpt-6-luna-2026-09-22"]}), market("openai"))

    assert str(made.seats[0].asked) == "openai/gpt-6-luna"
    assert made.replaced == ()
    assert made.reason == "one model can be asked, so there is nothing to compare"


def test_an_old_name_is_replaced_and_the_plan_says_so() -> None:
    made = plan(request(panel={"models": ["gpt-4", "openai/gpt-4o", "gpt-4"]}), market("openai"))

    assert [str(seat.asked) for seat in made.seats] == ["openai/gpt-6.1-terra", "openai/gpt-4o", "openai/gpt-6.1-terra"]
    assert made.replaced == ("gpt-4: it is off since 2026-10-23. openai/gpt-6.1-terra is asked in its place.",)
    assert made.reason == (
        "3 models can be asked, so what they agree on counts."
        " gpt-4: it is off since 2026-10-23. openai/gpt-6.1-terra is asked in its place"
    )


def test_a_model_that_was_retired_since_is_replaced() -> None:
    made = plan(request(panel={"models": ["openai/gpt-4o"]}), market("openai", at=datetime(2027, 1, 14, tzinfo=UTC)))

    assert str(made.seats[0].asked) == str(made.seats[0].ladder[0]) == "openai/gpt-6.1-terra"
    assert "openai/gpt-4o was retired on 2027-01-14" in made.reason


def test_a_model_on_its_way_out_is_asked_where_it_is_named_and_nowhere_else() -> None:
    named = plan(request(panel={"models": ["openai/gpt-4o"]}), market("openai"))
    free = plan(request(policy="balanced", panel={"size": 10}), market(*EVERYONE))

    assert str(named.seats[0].ladder[0]) == "openai/gpt-4o"
    assert not [target for target in targets(free) if CATALOG.model(target).replaced_by]


def targets(made: Plan) -> set[Target]:
    return {target for seat in made.seats for target in seat.ladder}


def test_a_ladder_asks_one_model_of_each_provider_before_a_second_of_any() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}), market("openai", "aimlapi", "google", "anthropic"))

    assert [str(target) for target in made.seats[0].ladder[:4]] == [
        "openai/gpt-6-luna",
        "aimlapi/openai/gpt-6-luna",
        "google/gemini-3.5-flash-lite",
        "anthropic/claude-haiku-5-5",
    ]
    assert {target.provider for target in made.seats[0].ladder[4:-1]} == {"openai", "aimlapi"}


def test_the_same_model_at_another_provider_goes_before_others_there() -> None:
    asked = "anthropic/claude-sonnet-5-5"

    made = plan(request(panel={"models": [asked]}), market("anthropic", "aimlapi", "openrouter"))

    assert [str(target) for target in made.seats[0].ladder[:3]] == [
        asked,
        "aimlapi/anthropic/claude-sonnet-5-5",
        "openrouter/anthropic/claude-sonnet-5.5",
    ]


@pytest.mark.parametrize("models", [["openai/gpt-6-luna"], ["anthropic/claude-haiku-5-5"]])
def test_a_policy_that_saves_goes_to_the_cheapest_stand_in_first(models: list[str]) -> None:
    here = market(*EVERYONE)

    ladder = plan(request(policy="aggressive", panel={"models": models}), here).seats[0].ladder
    dear_ladder = plan(request(policy="quality", panel={"models": models}), here).seats[0].ladder

    bounds = [here.bound(target) for target in ladder[1:-1]]
    assert bounds == sorted(bounds)
    assert set(ladder) == set(dear_ladder)
    assert ladder != dear_ladder


def test_an_order_that_the_house_has_set_goes_before_the_price() -> None:
    pinned = Market(load(None, ("deepseek", "google")), frozenset(EVERYONE), NOW, SHOWN)

    ladder = plan(request(policy="aggressive", panel={"models": ["openai/gpt-6-luna"]}), pinned).seats[0].ladder

    assert [target.provider for target in ladder[:4]] == ["openai", "deepseek", "google", "aimlapi"]


def test_an_order_that_the_house_has_set_is_the_order_of_panels_too() -> None:
    pinned = Market(load(None, ("google",)), frozenset(EVERYONE), NOW, SHOWN)

    made = plan(request(policy="quality", panel={"size": 1}), pinned)

    assert str(made.seats[0].asked) == "google/gemini-4-argon"


def test_a_panel_starts_with_the_best_of_a_tier_as_the_catalog_has_it() -> None:
    made = plan(request(policy="balanced"), market("openai"))

    assert [str(seat.asked) for seat in made.seats] == [
        "openai/gpt-6.1-terra",
        "openai/gpt-6-luna",
        "openai/gpt-5.6-luna",
    ]


def test_a_server_that_promises_no_json_is_asked_where_it_is_named_and_nowhere_else() -> None:
    catalog = load("""
        [[providers]]
        id = "cellar"
        name = "Cellar"
        dialect = "openai_chat"
        base_url = "http://cellar.example/v1"
        json_output = "none"

        [[models]]
        provider = "cellar"
        id = "llama"
        base = "openai/gpt-6-luna"
        equivalent = "economy"
    """)
    here = Market(catalog, frozenset({"cellar", "openai"}), NOW, SHOWN)

    named = plan(request(panel={"models": ["llama"]}), here)
    free = plan(request(policy="aggressive", panel={"size": 3}), here)

    assert str(named.seats[0].ladder[0]) == "cellar/llama"
    assert not [target for target in targets(free) if target.provider == "cellar"]


def test_a_deployment_of_a_model_is_that_model_and_no_second_opinion() -> None:
    catalog = load('[[models]]\nprovider = "azure"\nid = "prod"\nbase = "azure/gpt-6.1-terra"\n')

    made = plan(request(policy="balanced"), Market(catalog, frozenset({"azure"}), NOW, SHOWN))

    assert [str(seat.asked) for seat in made.seats] == ["azure/gpt-6.1-terra", "azure/gpt-6-luna", "azure/gpt-6-sol"]


def test_a_tokenizer_that_makes_more_tokens_needs_a_larger_window() -> None:
    long = (Message(role="user", text="word " * 750_000),)
    wish = request(panel={"models": ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"]}, allow_extractive=False)

    made = plan(wish, market("openai", "anthropic", messages=long))

    assert targets(made) == {Target.parse("openai/gpt-6-luna"), Target.parse("openai/gpt-5.6-luna")}


def test_a_retired_model_is_not_asked_any_more() -> None:
    retiring = next(card for card in CATALOG.models if card.retires_on and card.provider == "azure")
    assert retiring.retires_on is not None
    later = datetime(retiring.retires_on.year, retiring.retires_on.month, retiring.retires_on.day, tzinfo=UTC)

    made = plan(request(panel={"models": [str(retiring.target)]}), market("azure", "openai", at=later))

    assert retiring.target not in made.seats[0].ladder


def test_a_prompt_that_no_window_holds_goes_to_the_built_in_models() -> None:
    endless = (Message(role="user", text="word " * 2_000_000),)

    made = plan(request(), market("openai", messages=endless))

    assert {seat.asked.provider for seat in made.seats} == {"extractive"}


def test_a_prompt_above_the_bytes_of_a_window_is_estimated_before_it_is_refused() -> None:
    long = (Message(role="user", text="word " * 220_000),)

    made = plan(request(panel={"size": 1}), market("openai", messages=long))

    assert made.seats[0].asked.provider == "openai"


def test_an_unknown_strategy_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownStrategy, match="auto, single, consensus"):
        plan(request(strategy="séance"), market())


def test_a_consensus_of_one_is_refused() -> None:
    with pytest.raises(PanelTooSmall):
        plan(request(strategy="consensus", panel={"models": ["openai/gpt-6-luna"]}), market("openai"))


def test_a_single_takes_the_first_of_several_named_models() -> None:
    made = plan(
        request(strategy="single", panel={"models": ["openai/gpt-6-luna", "openai/gpt-6.1-terra"]}), market("openai")
    )

    assert [str(seat.asked) for seat in made.seats] == ["openai/gpt-6-luna"]


def test_auto_with_one_model_is_a_single() -> None:
    made = plan(request(panel={"size": 1}), market("openai"))

    assert (made.strategy, made.quorum) == ("single", 1)


def test_a_quorum_is_never_above_the_panel() -> None:
    assert plan(request(quorum=9), market("openai")).quorum == len(plan(request(), market("openai")).seats)


def test_a_plan_dearer_than_allowed_is_refused_with_its_bound() -> None:
    dear = plan(request(policy="quality"), market("openai")).needed_micro_usd

    with pytest.raises(MaxCostTooLow) as refused:
        plan(request(policy="quality", max_cost_usd=f"{(dear - 1) / 1e6:.6f}"), market("openai"))

    assert refused.value.bound_micro_usd == dear


@pytest.mark.parametrize("share", [1.0, 1.5, 2.0, 9.0])
def test_a_plan_within_what_is_allowed_is_bound_by_that_and_by_one_repeat_of_each_seat(share: float) -> None:
    needed = plan(request(policy="quality"), market("openai")).needed_micro_usd
    allowed = int(needed * share)

    made = plan(request(policy="quality", max_cost_usd=f"{allowed / 1e6:.6f}"), market("openai"))

    assert (made.needed_micro_usd, made.bound_micro_usd) == (needed, min(allowed, 2 * needed))


SQUEEZED = [
    (Pressure.NONE, "quality", "quality"),
    (Pressure.EASE, "quality", "balanced"),
    (Pressure.EASE, "balanced", "aggressive"),
    (Pressure.EASE, "aggressive", "aggressive"),
    (Pressure.SAVE, "quality", "aggressive"),
]


@pytest.mark.parametrize(("pressure", "asked", "planned"), SQUEEZED)
def test_budgets_that_press_make_a_cheaper_plan_that_says_so(pressure: Pressure, asked: str, planned: str) -> None:
    squeeze = Squeeze(pressure=pressure, because="87 % is used, so cheaper models were planned")

    made = plan(request(policy=asked), market("openai", "google"), squeeze)

    same = plan(request(policy=asked), market("openai", "google"))
    assert made.policy == planned
    assert made.expected_micro_usd <= same.expected_micro_usd
    assert made.cheaper_because == (None if planned == asked else squeeze.because)
    assert ("87 % is used" in made.reason) is (planned != asked)


def test_models_that_a_caller_named_stay_whatever_presses() -> None:
    wish = request(policy="quality", panel={"models": ["openai/gpt-6.1-sol"]}, deadline_s=60)

    made = plan(wish, market("openai"), Squeeze(pressure=Pressure.SAVE, because="all is used"))

    assert (made.policy, made.cheaper_because) == ("quality", None)
    assert made.seats[0].asked == Target.parse("openai/gpt-6.1-sol")


@pytest.mark.parametrize(
    ("fields", "tier"),
    [
        ({"policy": "aggressive", "deadline_s": 900}, "flex"),
        ({"policy": "aggressive", "deadline_s": 899}, "standard"),
        ({"policy": "aggressive", "deadline_s": 900, "priority": "interactive"}, "standard"),
        ({"policy": "balanced", "deadline_s": 900}, "standard"),
    ],
)
def test_a_policy_that_saves_asks_a_patient_jobs_models_at_their_cheaper_tier(
    fields: dict[str, object], tier: str
) -> None:
    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}, **fields), market("openai"))

    assert made.seats[0].service_tier == tier


def test_a_model_without_a_cheaper_tier_is_asked_at_the_usual_one() -> None:
    wish = request(policy="aggressive", deadline_s=900, panel={"models": ["anthropic/claude-haiku-5-5"]})

    assert plan(wish, market("anthropic")).seats[0].service_tier == "standard"


def test_seats_that_share_a_target_share_its_cache_where_the_policy_saves() -> None:
    panel = {"models": ["openai/gpt-6-luna", "openai/gpt-5.6-luna"], "size": 4}

    saving = plan(request(policy="aggressive", panel=panel), market("openai"))
    quick = plan(request(policy="balanced", panel=panel), market("openai"))

    assert [(seat.cached, seat.follows) for seat in saving.seats] == [(True, None), (True, None), (True, 0), (True, 1)]
    assert [(seat.cached, seat.follows) for seat in quick.seats] == [(False, None)] * 4


@pytest.mark.parametrize("words", [10, 30_000])
@pytest.mark.parametrize("policy", ["aggressive", "balanced", "quality"])
def test_a_plan_needs_no_less_than_it_is_expected_to_cost(policy: str, words: int) -> None:
    shown = (Message(role="user", text="word " * words),)

    made = plan(request(policy=policy), market("openai", "anthropic", messages=shown))

    assert made.bound_micro_usd >= made.needed_micro_usd >= made.expected_micro_usd > 0


def test_what_a_long_prompt_will_cost_is_estimated_on_samples_of_it() -> None:
    text = "".join(f"u{number} 00:01:02 Ann: We agreed on item {number} of the list.\n" for number in range(2_000))
    here = market("openai", messages=(Message(role="user", text=text),))

    found = here.expected_prompt_tokens(CATALOG.model(Target.parse("openai/gpt-6-luna")))

    assert found == pytest.approx(estimate_tokens(text), rel=0.05)


@given(
    reachable=st.sets(st.sampled_from(EVERYONE)),
    policy=st.sampled_from(["aggressive", "balanced", "quality"]),
    size=st.none() | st.integers(1, 2),
    substitution=st.booleans(),
)
def test_every_plan_can_be_carried_out(reachable: set[str], policy: str, size: int | None, substitution: bool) -> None:
    wish = request(policy=policy, panel={"size": size}, allow_substitution=substitution)

    made, again = plan(wish, market(*reachable)), plan(wish, market(*reachable))

    assert made == again
    assert 1 <= made.quorum <= len(made.seats)
    for seat in made.seats:
        assert all(target.provider in reachable | {"extractive"} for target in seat.ladder)
        assert len(set(seat.ladder)) == len(seat.ladder)


def test_the_bound_covers_the_call_that_a_seat_will_make() -> None:
    made = plan(request(panel={"models": ["openai/gpt-6.1-sol"]}, allow_substitution=False), market("openai"))

    card = CATALOG.model(Target.parse("openai/gpt-6.1-sol"))
    call = Call(call_id="c", messages=SHOWN, max_output_tokens=MAX_OUTPUT_TOKENS, timeout_s=1, json_schema=SCHEMA)
    assert made.bound_micro_usd >= bound(call, card, NOW)
