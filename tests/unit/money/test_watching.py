"""Which crossings of budgets are announced, and in what words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.money.watching import THRESHOLDS, crossings, foreseen
from orchestrator.work import scopes
from orchestrator.work.scopes import Balance, Scope

DAY = date(2026, 11, 15)
NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)
MONTH = scopes.of_tenant("ten_a", "month", DAY)
STEADY = {DAY - timedelta(days=back): 10_000 for back in range(90)}


def balance(spent: int, *, limit: int | None = 1_000_000, held: int = 0, scope: Scope = MONTH) -> Balance:
    return Balance(scope=scope, limit_micro_usd=limit, spent_micro_usd=spent, held_micro_usd=held)


@pytest.mark.parametrize(
    ("spent", "crossed"),
    [
        (0, []),
        (699_999, []),
        (700_000, [70]),
        (850_000, [70, 85]),
        (999_999, [70, 85, 95]),
        (1_000_000, list(THRESHOLDS)),
        (2_000_000, list(THRESHOLDS)),
    ],
)
def test_a_threshold_is_crossed_by_the_micro_dollar_that_reaches_it(spent: int, crossed: list[int]) -> None:
    assert [event.threshold for event in crossings(balance(spent))] == crossed


def test_what_is_held_crosses_nothing() -> None:
    assert list(crossings(balance(0, held=2_000_000))) == []


def test_a_limit_of_nothing_is_used_up_from_the_beginning() -> None:
    assert [event.threshold for event in crossings(balance(0, limit=0))] == list(THRESHOLDS)
    assert "100 %" in str(next(iter(crossings(balance(0, limit=0)))).data["said"])


def test_a_budget_without_a_limit_crosses_nothing() -> None:
    assert list(crossings(balance(10**9, limit=None))) == []


def test_an_announcement_says_what_happened_to_whom_and_when_it_ends() -> None:
    project = scopes.of_project("ten_a", "Apollo", "day", DAY)

    (event,) = crossings(balance(720_001, scope=project))

    assert (event.type, event.scope, event.period, event.period_start) == (
        "budget.threshold",
        "project:Apollo",
        "day",
        DAY,
    )
    assert event.data == {
        "spent_usd": "0.720001",
        "limit_usd": "1.000000",
        "resets_at": "2026-11-16T00:00:00+00:00",
        "threshold": 70,
        "said": "72 % of the project Apollo's day budget is spent",
    }


def test_the_platforms_budget_has_its_own_name() -> None:
    (event,) = crossings(balance(700_000, scope=scopes.of_platform(DAY)))

    assert event.scope == "platform"


def test_a_limit_that_will_not_last_is_announced_before_it_is_reached() -> None:
    event = foreseen(balance(150_000, limit=200_000), STEADY, NOON)

    assert event is not None
    assert (event.type, event.threshold, event.period_start) == ("budget.forecast", 100, date(2026, 11, 1))
    assert "may come to" in str(event.data["said"])
    assert "in tests" in str(event.data["said"])


def test_a_forecast_without_a_test_says_that_it_is_a_guess() -> None:
    event = foreseen(balance(150_000, limit=200_000), {DAY: 150_000}, NOON)

    assert event is not None
    assert "a guess" in str(event.data["said"])


@pytest.mark.parametrize(
    "lasting",
    [
        balance(150_000, limit=10_000_000),
        balance(150_000, limit=None),
        balance(200_000, limit=200_000),
        balance(1, limit=2, scope=scopes.of_job("ten_a", "job_a")),
    ],
)
def test_a_limit_that_lasts_or_is_reached_or_has_no_period_is_not_foreseen(lasting: Balance) -> None:
    assert foreseen(lasting, STEADY, NOON) is None


def test_a_scope_without_a_period_cannot_be_announced() -> None:
    with pytest.raises(ValueError, match="no period"):
        list(crossings(balance(1, limit=1, scope=scopes.of_job("ten_a", "job_a"))))
