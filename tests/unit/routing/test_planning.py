"""Plans: panels, ladders, quorum and bound, from a request and what can be asked."""

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.analysis.prompts import SCHEMA
from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownModel, UnknownStrategy
from orchestrator.routing.market import MAX_OUTPUT_TOKENS, Market
from orchestrator.routing.planning import Plan, plan
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import AnalysisRequest
from orchestrator.work.pressure import Pressure, Squeeze
from providers.calls import Call, Message, Target, Usage
from providers.catalog import Catalog, load
from providers.pricing import bound, cost, estimate_tokens, input_bound_tokens

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

    assert tuple(seat.asked for seat in made.seats) == BUILTIN[:3]
    assert [seat.ladder for seat in made.seats] == [(target,) for target in BUILTIN[:3]]
    assert (made.strategy, made.quorum, made.bound_micro_usd) == ("consensus", 2, 0)


def test_without_any_key_a_caller_who_forbids_the_built_in_models_is_refused() -> None:
    with pytest.raises(PanelTooSmall) as refused:
        plan(request(allow_extractive=False), market())

    assert refused.value.pointer == "/allow_extractive"


def test_more_built_in_seats_than_built_in_models_are_refused() -> None:
    with pytest.raises(PanelTooSmall) as refused:
        plan(request(panel={"size": len(BUILTIN) + 1}), market())

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


@pytest.mark.parametrize("pressure", [Pressure.EASE, Pressure.SAVE])
@pytest.mark.parametrize("provider", ["google", "anthropic", "deepseek"])
def test_budgets_that_press_refuse_no_job_for_want_of_cheap_models(provider: str, pressure: Pressure) -> None:
    """Such a provider has one economy model, and a consensus needs two."""
    here, wish = market(provider), request(strategy="consensus", allow_extractive=False)

    made = plan(wish, here, Squeeze(pressure=pressure, because="90 % is used"))

    assert made == plan(wish, here)


def test_where_the_cheapest_policy_makes_no_plan_the_next_one_is_tried() -> None:
    here, wish = market("google"), request(policy="quality", panel={"size": 1})
    catalog = _without("google", "economy")

    made = plan(
        wish, Market(catalog, here.reachable, NOW, SHOWN), Squeeze(pressure=Pressure.SAVE, because="all is used")
    )

    assert (made.policy, made.cheaper_because) == ("balanced", "all is used")


def _without(provider: str, tier: str) -> Catalog:
    kept = tuple(card for card in CATALOG.models if card.provider != provider or card.tier != tier)
    return CATALOG.model_copy(update={"models": kept})


def test_budgets_that_press_put_no_built_in_model_in_a_language_models_place() -> None:
    here = Market(_without("google", "economy"), frozenset(("google",)), NOW, SHOWN)

    made = plan(request(), here, Squeeze(pressure=Pressure.SAVE, because="all is used"))

    assert made == plan(request(), here)
    assert {seat.ladder[0].provider for seat in made.seats} == {"google"}


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


@pytest.mark.parametrize(
    ("asked", "provider", "tier"),
    [("openai/gpt-6-luna", "aimlapi", "standard"), ("anthropic/claude-haiku-5-5", "openai", "flex")],
)
def test_the_tier_is_that_of_the_model_which_is_really_asked_first(asked: str, provider: str, tier: str) -> None:
    wish = request(policy="aggressive", deadline_s=900, panel={"models": [asked]})

    made = plan(wish, market(provider))

    assert (made.seats[0].ladder[0].provider, made.seats[0].service_tier) == (provider, tier)


def test_seats_whose_models_have_one_stand_in_share_its_cache() -> None:
    wish = request(
        policy="aggressive", panel={"models": ["google/gemini-3.5-flash-lite", "anthropic/claude-haiku-5-5"]}
    )

    made = plan(wish, market("openai"))

    assert made.seats[0].ladder[0] == made.seats[1].ladder[0]
    assert [(seat.cached, seat.follows) for seat in made.seats] == [(True, None), (True, 0)]


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


@pytest.mark.parametrize(("chinese", "fits"), [(240_000, True), (440_000, False)])
def test_whether_a_prompt_fits_is_judged_by_all_parts_of_it(chinese: int, fits: bool) -> None:
    """A character of Chinese is two thirds of a token or more, a word of five letters is one: a sixth of a token each.

    The Chinese stands in the middle, where a look at head and end would miss it.
    """
    english = "u1 00:01:02 Ann: We agreed on the list. " * 5_000
    text = english + "我们同意了" * (chinese // 5) + english
    luna = CATALOG.model(Target.parse("openai/gpt-6-luna")).model_copy(update={"window_tokens": 420_000})

    assert market("openai", messages=(Message(role="user", text=text),)).offers(luna) is fits


def test_a_plan_for_the_longest_meeting_reads_a_sample_of_it() -> None:
    """Judged by how it grows: eight times the text takes nowhere near eight times as long."""
    short, long = (_time_of_plan("u1 00:01:02 Ann: We agreed on the list. " * times) for times in (12_500, 100_000))

    assert long < 4 * short


def _time_of_plan(text: str) -> float:
    shown = (Message(role="user", text=text),)
    taken = []
    for _ in range(3):
        began = process_time()
        plan(request(), market("openai", messages=shown))
        taken.append(process_time() - began)
    return min(taken)


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


POLICY_NAMES = st.sampled_from(["aggressive", "balanced", "quality"])
WISHES = st.fixed_dictionaries(
    {
        "policy": POLICY_NAMES,
        "strategy": st.sampled_from(["auto", "single", "consensus"]),
        "deadline_s": st.sampled_from([60, 900]),
        "allow_substitution": st.booleans(),
        "allow_extractive": st.booleans(),
        "panel": st.one_of(
            st.fixed_dictionaries({"size": st.none() | st.integers(1, 10)}),
            st.fixed_dictionaries(
                {
                    "models": st.lists(
                        st.sampled_from([str(card.target) for card in CATALOG.models]), min_size=1, max_size=4
                    ),
                    "size": st.none() | st.integers(1, 4),
                }
            ),
        ),
    }
)
MARKETS = st.builds(
    lambda reachable, words: market(*reachable, messages=(Message(role="user", text="word " * words),)),
    st.sets(st.sampled_from(EVERYONE), max_size=4),
    st.sampled_from([0, 10, 30_000]),
)


def planned(wish: dict[str, object], here: Market) -> Plan:
    """The plan; a wish that cannot be carried out is no example of a law."""
    try:
        return plan(request(**wish), here)
    except (PanelTooSmall, UnknownModel):
        assume(False)
        raise


@given(WISHES, MARKETS)
def test_a_bound_is_no_less_than_what_is_needed_and_that_no_less_than_what_is_expected(
    wish: dict[str, object], here: Market
) -> None:
    made = planned(wish, here)

    assert made.bound_micro_usd >= made.needed_micro_usd >= made.expected_micro_usd >= 0


@given(WISHES, MARKETS, st.sampled_from(Pressure))
def test_pressure_never_makes_a_job_dearer_nor_refuses_it_nor_takes_its_language_models(
    wish: dict[str, object], here: Market, pressure: Pressure
) -> None:
    free = planned(wish, here)

    made = plan(request(**wish), here, Squeeze(pressure=pressure, because="90 % is used"))

    assert made.expected_micro_usd <= free.expected_micro_usd
    assert made.needed_micro_usd <= free.needed_micro_usd
    assert (made.cheaper_because is None) is (made == free)
    assert {seat.ladder[0].provider for seat in free.seats} <= {"extractive"} or {
        seat.ladder[0].provider for seat in made.seats
    } - {"extractive"}


@given(WISHES, MARKETS, st.sampled_from(Pressure))
def test_what_pressure_made_fits_where_the_job_fitted(
    wish: dict[str, object], here: Market, pressure: Pressure
) -> None:
    needed = planned(wish, here).needed_micro_usd
    tight = request(**wish, max_cost_usd=f"{needed / 1e6:.6f}")

    made = plan(tight, here, Squeeze(pressure=pressure, because="90 % is used"))

    assert made.bound_micro_usd <= needed


@given(WISHES, MARKETS, st.data())
def test_no_usage_within_the_limits_of_its_calls_costs_more_than_a_plan_needs(
    wish: dict[str, object], here: Market, data: st.DataObject
) -> None:
    made = planned(wish, here)

    paid = sum(_most(data.draw(st.sampled_from(seat.ladder)), here, data) for seat in made.seats)

    assert paid <= made.needed_micro_usd


def _most(target: Target, here: Market, data: st.DataObject) -> int:
    """What a seat's call to a rung comes to, if it uses all tokens that the call allows, of whichever class."""
    card = CATALOG.model(target)
    limit = min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
    asked = Call(call_id="c", messages=here.messages, max_output_tokens=limit, timeout_s=60, json_schema=SCHEMA)
    prompt = input_bound_tokens(asked)
    cached = data.draw(st.integers(0, prompt))
    written = data.draw(st.integers(0, prompt - cached))
    usage = Usage(
        input_tokens=prompt - cached - written,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=limit,
    )
    return cost(usage, card, NOW, data.draw(st.sampled_from(["standard", "flex"])))
