"""When a plan's job will about be done, by how long its models took of late."""

import pytest

from orchestrator.routing.finishing import expected_s
from orchestrator.routing.planning import Plan, plan_of
from orchestrator.work.parts import Border
from orchestrator.work.seats import SeatPlan
from tests.unit.routing.cases import FOUR, case, target


def made(*, follows: int | None = None, lead: str | None = None) -> Plan:
    plan = plan_of(case(*FOUR, panel={"size": 2}))
    first, second = plan.seats
    named = () if lead is None else (target(lead),)
    callers = tuple(SeatPlan(seat=2, role="lead", asked=one, ladder=(one,)) for one in named)
    return plan.model_copy(
        update={"seats": (first, second.model_copy(update={"follows": follows})), "callers": callers}
    )


def took(plan: Plan, *seconds: float) -> dict[str, list[float]]:
    return {str(seat.ladder[0]): [0.1, one, 99.0] for seat, one in zip(plan.seats, seconds, strict=True)}


def test_seats_run_side_by_side_so_the_slowest_median_counts() -> None:
    assert expected_s(made(), took(made(), 2.0, 5.0)) == 5.0


def test_who_waits_for_anothers_prompt_takes_a_second_round() -> None:
    assert expected_s(made(follows=0), took(made(), 2.0, 5.0)) == 10.0


def test_the_parts_of_a_seat_are_asked_one_after_the_other() -> None:
    plan = made()
    cut = tuple(Border(place=place, start=0, shown_place=place, shown_start=0) for place in range(3))
    first, second = plan.seats

    parted = plan.model_copy(update={"seats": (first.model_copy(update={"cut": cut}), second)})

    assert expected_s(parted, took(plan, 2.0, 5.0)) == 6.0


def test_a_lead_comes_after_the_panel() -> None:
    known = took(made(), 2.0, 5.0) | {"anthropic/claude-sonnet-5-5": [7.0]}

    assert expected_s(made(lead="anthropic/claude-sonnet-5-5"), known) == 12.0


@pytest.mark.parametrize("missing", ["seat", "lead"])
def test_nobody_says_when_where_a_model_is_not_known(missing: str) -> None:
    plan = made(lead="anthropic/claude-sonnet-5-5")
    known = took(plan, 2.0, 5.0)
    if missing == "seat":
        known = {str(plan.callers[0].ladder[0]): [1.0], str(plan.seats[0].ladder[0]): [1.0]}

    assert expected_s(plan, known) is None
