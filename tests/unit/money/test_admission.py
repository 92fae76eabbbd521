"""Whether budgets let a job in, and how they press on its plan."""

from datetime import UTC, date, datetime

import pytest

from orchestrator.errors import BudgetExhausted
from orchestrator.money.admission import has_room, pressed, require_room
from orchestrator.work import scopes
from orchestrator.work.pressure import Pressure
from orchestrator.work.scopes import Balance, Scope

DAY = date(2026, 11, 15)
NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)
MONTH = scopes.of_tenant("ten_a", "month", DAY)


def balance(spent: int, *, limit: int | None = 1_000_000, held: int = 0, scope: Scope = MONTH) -> Balance:
    return Balance(scope=scope, limit_micro_usd=limit, spent_micro_usd=spent, held_micro_usd=held)


def test_a_plan_that_fits_all_budgets_is_let_in() -> None:
    require_room([balance(900_000), balance(10**9, limit=None)], 100_000)


def test_a_plan_that_one_budget_has_no_room_for_is_refused_with_the_end_of_its_period() -> None:
    with pytest.raises(BudgetExhausted) as refused:
        require_room([balance(0), balance(900_001)], 100_000)

    assert refused.value.message == ("The tenant's month has 0.099999 US dollars left; this job may need 0.100000.")
    assert (refused.value.scope, refused.value.resets_at) == ("the tenant's month", datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(("needed", "fits"), [(100_000, True), (100_001, False)])
def test_whether_there_is_room_is_what_decides_about_letting_in(needed: int, fits: bool) -> None:
    assert has_room([balance(0), balance(900_000)], needed) is fits


def test_a_budget_without_a_period_never_resets() -> None:
    with pytest.raises(BudgetExhausted) as refused:
        require_room([balance(10, limit=5, scope=scopes.of_job("ten_a", "job_a"))], 1)

    assert refused.value.resets_at is None
    assert "has 0.000000 US dollars left" in refused.value.message


def test_a_plan_that_costs_nothing_is_let_in_whatever_is_spent() -> None:
    require_room([balance(2_000_000)], 0)


def test_what_is_held_keeps_nobody_out_and_presses_all_the_same() -> None:
    held = balance(100_000, held=800_000)

    require_room([held], 500_000)
    assert pressed([held], NOON).pressure is Pressure.EASE


def test_budgets_without_a_limit_press_nobody() -> None:
    assert pressed([balance(10**9, limit=None)], NOON).pressure is Pressure.NONE


def test_the_worst_budget_speaks() -> None:
    found = pressed([balance(960_000), balance(0)], NOON)

    assert found.pressure is Pressure.SAVE
    assert found.because.startswith("96 % of the tenant's month budget is used")


def test_a_budget_without_a_period_counts_as_one_whose_time_is_over() -> None:
    spent = balance(600_000, scope=scopes.of_job("ten_a", "job_a"))

    assert pressed([spent], NOON).pressure is Pressure.NONE
