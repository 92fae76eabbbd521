"""Who answers a strategy's questions: a lead of no lower tier, judges that favour nobody, and what they cost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.callers import MAX_QUESTION_BYTES, questioned
from orchestrator.routing.case import Asks, Case
from orchestrator.routing.explaining import explain
from orchestrator.routing.planning import Plan, plan, plan_of
from orchestrator.routing.sums import CALLS_HELD
from orchestrator.work.pressure import Pressure, Squeeze
from providers.calls import Call, Message, Target
from providers.catalog import load
from providers.pricing import bound, input_bound_tokens
from tests.unit.routing.cases import CATALOG, EVERYONE, FOUR, NOW, asked, case, market, request

ASKS: Asks = {"consensus": {"lead": 1, "judge": 3}, "single": {"lead": 1}}
TIERS = ("builtin", "economy", "balanced", "premium", "top")
POLICY_NAMES = st.sampled_from(["aggressive", "balanced", "quality"])
NAMES = st.sampled_from([str(card.target) for card in CATALOG.models])


def with_callers(*keys: str, **fields: object) -> Case:
    return Case(request(**fields), market(*keys), asks=ASKS)


def of_role(made: Plan, role: str) -> list[tuple[Target, ...]]:
    return [seat.ladder for seat in made.callers if seat.role == role]


def family(target: Target) -> str:
    return CATALOG.model(target).family


def rank(target: Target) -> int:
    return TIERS.index(CATALOG.model(target).tier)


def test_a_strategy_that_asks_nobody_has_no_callers() -> None:
    assert plan_of(case(*FOUR)).callers == ()
    assert plan_of(replace(case(*FOUR), asks={"consensus": {}})).callers == ()


def test_callers_are_numbered_behind_the_panel() -> None:
    made = plan_of(with_callers(*FOUR))

    assert [(seat.seat, seat.role) for seat in made.callers] == [(3, "lead"), (4, "judge"), (5, "judge"), (6, "judge")]
    assert all(seat.asked == seat.ladder[0] for seat in made.callers)


@pytest.mark.parametrize(("policy", "tier"), [("balanced", "premium"), ("quality", "top")])
def test_a_lead_is_of_a_higher_tier_than_the_panel(policy: str, tier: str) -> None:
    made = plan_of(with_callers(*FOUR, policy=policy))

    (lead,) = of_role(made, "lead")
    assert {CATALOG.model(target).tier for target in lead} == {tier}


def test_where_there_is_no_higher_tier_the_lead_is_of_the_panels_own() -> None:
    kept = tuple(card for card in CATALOG.models if card.tier != "premium")
    made = with_callers(*FOUR)
    catalog = load().model_copy(update={"models": kept})

    (lead,) = of_role(plan_of(replace(made, market=replace(made.market, catalog=catalog))), "lead")

    assert CATALOG.model(lead[0]).tier == "balanced"


def test_a_panel_above_all_leads_that_the_policy_pays_for_has_none() -> None:
    made = plan_of(with_callers(*FOUR, panel={"models": ["openai/gpt-6-astra", "anthropic/claude-fable-5-2"]}))

    assert of_role(made, "lead") == []
    assert len(of_role(made, "judge")) == 3


def test_a_policy_that_saves_asks_nobody_and_says_so() -> None:
    made = plan_of(with_callers(*FOUR, policy="aggressive"))

    assert made.callers == ()
    assert made.notes == ("nobody reviews or judges, as policy aggressive pays for none of it",)


def test_where_nobody_but_built_in_models_can_be_asked_nobody_reviews_or_judges() -> None:
    made = plan_of(with_callers())

    assert made.callers == ()
    assert made.notes == ("nobody reviews or judges, as no other model fit for it can be asked",)


def test_judges_of_another_vendor_than_all_contestants_go_first() -> None:
    named = ["openai/gpt-6.1-terra", "aimlapi/openai/gpt-6-luna"]

    made = plan_of(with_callers(*FOUR, panel={"models": named}))

    vendors = {(CATALOG.model(ladder[0]).base or str(ladder[0])).partition("/")[0] for ladder in of_role(made, "judge")}
    assert vendors == {"anthropic", "google"}


def test_a_judge_has_the_same_model_elsewhere_and_one_other_behind_it() -> None:
    named = ["anthropic/claude-sonnet-5-5", "google/gemini-3.8-flash"]

    judges = of_role(plan_of(with_callers("openai", "aimlapi", panel={"models": named})), "judge")

    assert len({family(target) for target in judges[0]}) == 2
    assert family(judges[0][0]) == family(judges[0][1])
    assert judges[0][0].provider != judges[0][1].provider


def test_a_caller_who_forbids_substitution_gets_callers_without_stand_ins() -> None:
    made = plan_of(with_callers(*FOUR, allow_substitution=False))

    assert [len(seat.ladder) for seat in made.callers] == [1] * 4


def test_where_nobody_else_may_be_asked_callers_are_of_that_provider_too() -> None:
    wish = with_callers(*FOUR, allow_substitution=False, routing={"preferred_provider": "aimlapi"})

    assert {seat.asked.provider for seat in plan_of(wish).callers} == {"aimlapi"}


def test_there_are_no_more_judges_than_fit_models() -> None:
    """Google has three models that may be asked unnamed: two sit, and one is left."""
    made = plan_of(with_callers("google", panel={"size": 2}))

    assert len(of_role(made, "judge")) == 1


def test_callers_for_whom_max_cost_has_no_room_are_given_up_and_the_plan_says_so() -> None:
    needed = plan_of(case(*FOUR)).needed_micro_usd

    made = plan(request(max_cost_usd=f"{needed / 1e6:.6f}"), market(*FOUR), asks=ASKS)

    assert (made.callers, made.needed_micro_usd) == ((), needed)
    assert made.notes == ("nobody reviews or judges, as the money has no room for it",)


def test_budgets_that_are_all_but_spent_pay_for_no_callers() -> None:
    named = request(panel={"models": ["openai/gpt-6.1-terra", "google/gemini-3.8-flash"]})

    made = plan(named, market(*FOUR), Squeeze(pressure=Pressure.SAVE, because="97 % is used"), asks=ASKS)

    assert made.callers == ()
    assert "nobody reviews or judges" in made.reason


def test_an_explanation_tells_what_the_longest_question_costs_at_each_rung() -> None:
    made = with_callers(*FOUR)

    told = explain(plan_of(made), made)

    rungs = {target for seat in plan_of(made).callers for target in seat.ladder}
    assert set(told.questions) == rungs
    assert all(told.questions[rung].bound_micro_usd == questioned(made.market).bound(rung) for rung in rungs)


@given(
    keys=st.sets(st.sampled_from(EVERYONE)),
    policy=POLICY_NAMES,
    names=st.lists(NAMES, max_size=4),
    substitution=st.booleans(),
    judges=st.integers(0, 4),
)
def test_leads_are_strong_judges_impartial_and_apart_and_money_counts_with_all_of_them(
    keys: set[str], policy: str, names: list[str], substitution: bool, judges: int
) -> None:
    panel = {"models": names} if substitution else {}
    wish = case(*keys, policy=policy, panel=panel, allow_substitution=substitution)
    made = plan_of(replace(wish, asks={"consensus": {"lead": 1, "judge": judges}, "single": {"lead": 1}}))

    firsts = [seat.ladder[0] for seat in made.seats if seat.ladder[0].provider != "extractive"]
    contestants = {family(target) for target in firsts}
    for lead in of_role(made, "lead"):
        assert all(rank(rung) >= max(map(rank, firsts)) for rung in lead)
    benches = [{family(rung) for rung in ladder} for ladder in of_role(made, "judge")]
    assert all(not bench & contestants for bench in benches)
    assert len(set().union(*benches)) == sum(map(len, benches))
    assert all(rung.provider in keys for seat in made.callers for rung in seat.ladder)
    asking = questioned(wish.market)
    of_panel = sum(max(map(wish.market.bound, seat.ladder)) for seat in made.seats)
    of_callers = sum(max(map(asking.bound, seat.ladder)) for seat in made.callers)
    assert made.needed_micro_usd == of_panel + of_callers
    assert made.bound_micro_usd == CALLS_HELD * made.needed_micro_usd
    assert 0 <= made.expected_micro_usd <= made.needed_micro_usd


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.sampled_from([c.target for c in CATALOG.models])
)
def test_no_question_within_the_cap_costs_more_than_what_is_held_for_it(piece: str, target: Target) -> None:
    text = piece * (MAX_QUESTION_BYTES // max(1, len(piece.encode())))
    here = market(*EVERYONE)
    card = CATALOG.model(target)
    question = Call(call_id="q", messages=(Message(role="user", text=text),), max_output_tokens=1, timeout_s=60)

    longest = Call(call_id="q", messages=questioned(here).messages, max_output_tokens=1, timeout_s=60)

    assert input_bound_tokens(question) <= input_bound_tokens(longest)
    assert bound(question, card, NOW) <= questioned(here).bound(target)


def test_the_panel_is_the_same_with_and_without_callers() -> None:
    assert asked(plan_of(with_callers(*FOUR))) == asked(plan_of(case(*FOUR)))
