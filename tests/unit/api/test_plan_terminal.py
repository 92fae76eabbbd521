"""A plan in a terminal."""

from api import plan_terminal
from api.plan_schemas import OfferView, PlannedPolicyView, PlannedSeatView, PlanView, RefusalView, RejectedView
from tests.unit.api.test_terminal import words

LUNA = OfferView(target="openai/gpt-6-luna", provider="openai", expected_usd="0.012000", bound_usd="0.040000")
OPUS = OfferView(target="anthropic/opus", provider="anthropic", expected_usd="0.120000", bound_usd="0.400000")
BUILT_IN = RejectedView(target="local/tiny", code="no-json", reason="answers in no JSON")


def seat(number: int, **changed: object) -> PlannedSeatView:
    made = PlannedSeatView(
        seat=number, role="panel", asked=LUNA.target, service_tier="standard", follows=None, ladder=(LUNA, OPUS)
    )
    return made.model_copy(update=changed)


def view(*seats: PlannedSeatView, **changed: object) -> PlanView:
    made = PlanView(
        strategy="consensus",
        reason="two models are there",
        policy=PlannedPolicyView(asked="balanced", planned="balanced", because=None),
        quorum=2,
        seats=seats or (seat(0), seat(1, service_tier="flex", follows=0)),
        needed_usd="0.080000",
        expected_usd="0.024000",
        bound_usd="0.160000",
        cheapest=LUNA,
        rejected=(BUILT_IN,),
        advice=("Policy aggressive is expected to cost $0.01",),
        cache_hits=1,
        expected_finish_s=12.0,
        budgets=(),
        admitted=True,
        refusal=None,
    )
    return made.model_copy(update=changed)


def test_a_plan_shows_each_ladder_what_it_costs_and_what_would_save() -> None:
    shown = words(plan_terminal.plan(view()))

    assert shown.startswith("consensus of 2, quorum 2: two models are there.")
    assert "openai/gpt-6-luna $0.012 $0.04 standard" in shown
    assert "anthropic/opus $0.12 $0.40" in shown
    assert "flex, after seat 0" in shown
    assert "Expected to cost $0.024; needs $0.08 to be let in, and never costs more than $0.16." in shown
    assert "Expected to be done in 12 s." in shown
    assert "Cheapest for this transcript: openai/gpt-6-luna, $0.012 a call." in shown
    assert "- Policy aggressive is expected to cost $0.01." in shown
    assert "not asked: local/tiny: answers in no JSON" in shown


def test_what_is_not_known_is_left_out() -> None:
    shown = words(plan_terminal.plan(view(cheapest=None, expected_finish_s=None, advice=(), rejected=())))

    assert shown.endswith("never costs more than $0.16.")


def test_a_plan_that_would_be_refused_says_so() -> None:
    refusal = RefusalView(code="budget-exhausted", detail="the month has no room")

    shown = words(plan_terminal.plan(view(refusal=refusal, admitted=False)))

    assert shown.endswith("It would be refused as a job (budget-exhausted): the month has no room")


def test_the_rejected_are_counted_unless_all_are_wanted_and_those_without_a_key_come_last() -> None:
    keyless = tuple(RejectedView(target=f"x/{n}", code="no-key", reason="no key is set") for n in range(20))
    made = view(rejected=(*keyless, BUILT_IN))

    short, long = words(plan_terminal.plan(made)), words(plan_terminal.plan(made, every=True))

    assert short.index("local/tiny") < short.index("x/0")
    assert "not asked: 9 more; --all lists them" in short
    assert "x/19" not in short
    assert "x/19: no key is set" in long


def test_a_models_name_cannot_steer_the_terminal() -> None:
    shown = words(plan_terminal.plan(view(rejected=(BUILT_IN.model_copy(update={"target": "\x1b[31mred"}),))))

    assert "\x1b" not in shown
