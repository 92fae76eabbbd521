"""From a preview to the plan of the contract."""

from dataclasses import replace

from api import plan_views
from api.plan_schemas import PlanView
from api.views import usd
from orchestrator.errors import MaxCostTooLow
from orchestrator.intake import Preview
from orchestrator.routing.case import Case, Yardstick
from orchestrator.routing.constraints import Constraints
from orchestrator.routing.contexts import find
from orchestrator.routing.explaining import explain
from orchestrator.routing.features import ALL_ON
from orchestrator.routing.planning import plan_of
from orchestrator.routing.request import MeetingFacts
from tests.unit.analysis.samples import meeting
from tests.unit.routing import narrow
from tests.unit.routing.cases import FOUR, case

MEETING = meeting("Ann: Let us begin.")


def shown(case: Case, **fields: object) -> PlanView:
    made = plan_of(case)
    found = Preview(
        plan=made,
        explanation=explain(made, case),
        balances=(),
        refusal=None,
        expected_finish_s=None,
        context=find(MEETING, MeetingFacts(), ALL_ON),
    )
    return plan_views.plan(case.request, replace(found, **fields))  # type: ignore[arg-type]  # fields of a preview


def test_every_seat_shows_its_candidates_with_their_scores_and_why_not() -> None:
    view = shown(case(*FOUR))

    for seat in view.seats:
        assert seat.candidates[0].target == seat.asked
        assert seat.candidates[0].why_not is None
        assert all(one.why_not for one in seat.candidates[1:])
        assert seat.because


def test_a_plan_shows_how_its_models_were_scored() -> None:
    view = shown(case(*FOUR, routing={"strategy": "cost"}))

    assert (view.routing.strategy, view.routing.because) == ("cost", "as asked")
    assert view.routing.weights.cost == 0.56
    first = view.routing.scores[0]
    weights = view.routing.weights.model_dump()
    assert abs(first.score - sum(weights[name] * getattr(first, name) for name in weights)) < 1e-5


def test_a_plan_shows_the_records_that_its_models_were_scored_by() -> None:
    free = case(*FOUR)
    first = plan_of(free).seats[0].asked

    view = shown(replace(free, yardstick=Yardstick(records={first: 0.7})))

    assert {one.target: one.record for one in view.routing.scores if one.record is not None} == {str(first): 0.7}


def test_a_plan_shows_what_providers_must_promise() -> None:
    free = case(*FOUR)
    bound = replace(free, market=replace(free.market, constraints=Constraints(regions=frozenset({"uk", "eu"}))))

    assert (shown(free).routing.regions, shown(free).routing.zero_retention) == (None, False)
    assert shown(bound).routing.regions == ("eu", "uk")


def test_a_plan_shows_who_answers_the_strategys_questions_and_what_the_longest_costs() -> None:
    view = shown(replace(case(*FOUR), asks={"consensus": {"lead": 1, "judge": 2}}))

    assert [(seat.seat, seat.role) for seat in view.callers] == [(3, "lead"), (4, "judge"), (5, "judge")]
    assert view.callers[0].ladder[0].bound_usd > "0.100000"


def test_a_plan_that_would_be_refused_shows_the_problem() -> None:
    view = shown(case(*FOUR), refusal=MaxCostTooLow("too little", bound_micro_usd=1))

    assert view.refusal is not None
    assert (view.admitted, view.refusal.code) == (False, "max-cost-too-low")


def test_a_seat_that_is_asked_in_parts_shows_how_many_and_what_all_of_them_cost() -> None:
    made = narrow.case("slim", panel={"models": [narrow.RED]}, allow_substitution=False, allow_extractive=False)

    (seat,), bound = shown(made).seats, plan_of(made).needed_micro_usd

    assert seat.parts > 1
    assert [offer.bound_usd for offer in seat.ladder] == [usd(bound)]
    assert [seat.parts for seat in shown(case(*FOUR)).seats] == [1, 1, 1]
