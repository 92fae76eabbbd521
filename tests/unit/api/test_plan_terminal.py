"""A plan in a terminal."""

from api import plan_terminal
from api.plan_schemas import (
    OfferView,
    PlannedPolicyView,
    PlannedSeatView,
    PlanView,
    RefusalView,
    RejectedView,
    RoutingView,
    ScoreView,
    WeightsView,
)
from api.schemas import DetectedView, FindingView
from tests.unit.api.test_terminal import words

LUNA = OfferView(target="openai/gpt-6-luna", provider="openai", expected_usd="0.012000", bound_usd="0.040000")
OPUS = OfferView(target="anthropic/opus", provider="anthropic", expected_usd="0.120000", bound_usd="0.400000")
BUILT_IN = RejectedView(target="local/tiny", code="no-json", reason="answers in no JSON")


def seat(number: int, **changed: object) -> PlannedSeatView:
    made = PlannedSeatView(
        seat=number, role="analyst", asked=LUNA.target, service_tier="standard", follows=None, ladder=(LUNA, OPUS)
    )
    return made.model_copy(update=changed)


def scored(target: str, score: float, *, record: float | None = None, out: str | None = None) -> ScoreView:
    against = () if out is None else ("it is weak in ja",)
    parts = {"quality": 0.8, "cost": 0.7, "order": 0.6, "latency": 0.5, "load": 0.4}
    return ScoreView(target=target, score=score, record=record, against=against, out=out, **parts)


def view(*seats: PlannedSeatView, **changed: object) -> PlanView:
    made = PlanView(
        strategy="consensus",
        reason="two models are there",
        policy=PlannedPolicyView(asked="balanced", planned="balanced", because=None),
        quorum=2,
        routing=RoutingView(
            strategy="preference",
            because="as policy balanced does",
            weights=WeightsView(quality=0.63, cost=0, order=0.07, latency=0.15, load=0.15),
            scores=(scored(LUNA.target, 0.925, record=0.75), scored(OPUS.target, 0.5, out="its circuit is open")),
            regions=None,
            zero_retention=False,
        ),
        callers=(),
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


def test_a_plan_says_how_its_models_were_chosen_and_why_each_sits_where_it_does() -> None:
    made = view(seat(0, because=("the best score, 0.925",)), callers=(seat(3, role="lead"),))

    shown = words(plan_terminal.plan(made))

    weighed = "quality 63 %, latency 15 %, load 15 %, order 7 %"
    assert f"Models chosen by preference, as policy balanced does: {weighed}." in shown
    assert "seat 0: the best score, 0.925." in shown
    assert "3 openai/gpt-6-luna $0.012 $0.04 standard, lead" in shown
    assert "Could be asked" not in shown


def test_a_seat_that_is_asked_in_parts_says_in_how_many() -> None:
    shown = words(plan_terminal.plan(view(seat(0, parts=5), seat(1))))

    assert "0 openai/gpt-6-luna $0.012 $0.04 standard, in 5 parts" in shown
    assert "1 openai/gpt-6-luna $0.012 $0.04 standard anthropic" in shown


def test_all_scores_are_shown_where_everything_is_wanted() -> None:
    shown = words(plan_terminal.plan(view(), every=True))

    assert "Could be asked Score Quality Record Cost Order Latency Load" in shown
    assert "openai/gpt-6-luna 0.925 0.800 0.750 0.700 0.600 0.500 0.400" in shown
    assert "anthropic/opus 0.500 0.800 0.700 0.600 0.500 0.400" in shown
    assert "anthropic/opus: it is weak in ja. anthropic/opus: its circuit is open." in shown


def test_a_plan_without_scores_shows_no_table_of_them() -> None:
    none = view().routing.model_copy(update={"scores": ()})

    assert "Could be asked" not in words(plan_terminal.plan(view(routing=none), every=True))


def test_what_providers_must_promise_is_said() -> None:
    strict = view().routing.model_copy(update={"regions": ("eu", "uk"), "zero_retention": True})
    nowhere = view().routing.model_copy(update={"regions": ()})

    shown = words(plan_terminal.plan(view(routing=strict)))

    assert "Only providers that handle it in eu, uk are asked." in shown
    assert "Only providers that keep nothing of it, and do not train on it, are asked." in shown
    assert "handle it in no region at all" in words(plan_terminal.plan(view(routing=nowhere)))


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


def test_what_was_found_out_of_the_meeting_stands_first_with_its_reasons() -> None:
    found = DetectedView(
        type=FindingView(value="standup", confidence=0.81, because=('the title says "daily"', "4 voices")),
        language=FindingView(value="de", confidence=0.97, because=("9 of 9 parts read as German",)),
        industry=FindingView(value="software", confidence=0.6, because=("words of this industry 4 times in 90",)),
    )

    shown = words(plan_terminal.plan(view(context=found)))

    assert shown.startswith(
        'Type: standup, 81 % sure: the title says "daily"; 4 voices Language: German, 97 % sure: 9 of'
    )
    assert "Industry: software, 60 % sure: words of this industry 4 times in 90 consensus of 2" in shown
