"""The budgets that a call counts in: their names, their limits, the ends of their periods."""

from datetime import date

import pytest

from orchestrator.work import scopes
from orchestrator.work.scopes import Balance, Scope, after_last_day, first_day, of_periods

DAY = date(2026, 11, 27)


def test_a_call_counts_in_the_day_and_the_month_of_tenant_and_project_and_in_the_platforms_month() -> None:
    limits = {("tenant", "month"): 900, ("project:Apollo", "day"): 50, ("project:Gemini", "day"): 20}

    found = of_periods("ten_a", "Apollo", DAY, limits, 5_000)  # type: ignore[arg-type]  # keys of a literal

    assert [(one.scope.name, one.limit_micro_usd) for one in found] == [
        ("tenant:ten_a:day:2026-11-27", None),
        ("project:ten_a:Apollo:day:2026-11-27", 50),
        ("tenant:ten_a:month:2026-11-01", 900),
        ("project:ten_a:Apollo:month:2026-11-01", None),
        ("platform:month:2026-11-01", 5_000),
    ]


def test_without_a_project_and_without_limits_a_call_is_counted_all_the_same() -> None:
    found = of_periods("ten_a", None, DAY, {}, None)

    assert [one.scope.owner for one in found] == ["tenant", "tenant", "platform"]
    assert {one.limit_micro_usd for one in found} == {None}


def test_two_days_are_two_budgets_and_two_tenants_are_two() -> None:
    names = {
        scopes.of_tenant(tenant, "day", day).name for tenant in ("ten_a", "ten_b") for day in (DAY, date(2026, 11, 28))
    }

    assert len(names) == 4


@pytest.mark.parametrize(
    ("scope", "words", "kept_s"),
    [
        (scopes.of_job("ten_a", "job_a"), "the job", 3_600),
        (scopes.of_tenant("ten_a", "month", DAY), "the tenant's month", 35 * 86_400),
        (scopes.of_project("ten_a", "Apollo", "day", DAY), "the project Apollo's day", 35 * 86_400),
        (scopes.of_platform(DAY), "the platform's month", 35 * 86_400),
    ],
)
def test_a_scope_has_words_for_people_and_outlives_its_period(scope: Scope, words: str, kept_s: int) -> None:
    assert (scope.words, scope.kept_s) == (words, kept_s)


@pytest.mark.parametrize(
    ("period", "day", "first", "after"),
    [
        ("day", date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        ("month", date(2026, 1, 1), date(2026, 1, 1), date(2026, 2, 1)),
    ],
)
def test_a_period_has_a_first_day_and_one_that_follows_it(
    period: scopes.Period, day: date, first: date, after: date
) -> None:
    assert (first_day(period, day), after_last_day(period, day)) == (first, after)


@pytest.mark.parametrize(("limit", "left"), [(None, None), (10, 3), (5, -2)])
def test_what_is_left_counts_what_was_spent_and_not_what_is_held(limit: int | None, left: int | None) -> None:
    balance = Balance(scope=scopes.of_platform(DAY), limit_micro_usd=limit, spent_micro_usd=7, held_micro_usd=90)

    assert balance.left_micro_usd == left
