"""From balances and rows to the budgets of the HTTP contract. Pure: the time is an argument."""

from collections.abc import Mapping
from datetime import date, datetime

from api.money_schemas import BudgetView, ForecastView, OverrideView, PaceView
from api.views import moment, usd
from orchestrator.money import pace
from orchestrator.money.forecast import forecast, would_pass
from orchestrator.storage.budgets import BudgetRow
from orchestrator.work.scopes import Balance, Period, Scope, project_scope


def budget(balance: Balance, row: BudgetRow | None, cost_by_day: Mapping[date, int], at: datetime) -> BudgetView:
    """One budget as it stands.

    Args:
        row: the limit that was set; None: there is none of the tenant's own.
        cost_by_day: what the scope has cost before, for the forecast.
    """
    period = period_of(balance.scope)
    limit = balance.limit_micro_usd
    return BudgetView(
        scope=name(balance.scope),
        period=period,
        limit_usd=_maybe(limit if row is None else row.limit_micro_usd),
        override=_override(row, at),
        spent_usd=usd(balance.spent_micro_usd),
        held_usd=usd(balance.held_micro_usd),
        remaining_usd=_maybe(balance.left_micro_usd),
        resets_at=moment(pace.end_of(period, at.date())),
        pace=None if limit is None else _pace(balance, limit, period, at),
        forecast=ahead(period, cost_by_day, at, limit),
    )


def ahead(period: Period, cost_by_day: Mapping[date, int], at: datetime, limit_micro_usd: int | None) -> ForecastView:
    """What the period around `at` will have cost."""
    made = forecast(period, cost_by_day, at)
    return ForecastView(
        low_usd=usd(made.low_micro_usd),
        mid_usd=usd(made.mid_micro_usd),
        high_usd=usd(made.high_micro_usd),
        confidence_percent=made.confidence_percent,
        back_test_percent=None if made.back_test_percent is None else round(made.back_test_percent, 1),
        method=made.method,
        passes_limit=None if limit_micro_usd is None else would_pass(made, limit_micro_usd),
    )


def name(scope: Scope) -> str:
    """What the contract calls a scope of a period."""
    return project_scope(scope.of) if scope.owner == "project" else str(scope.owner)


def period_of(scope: Scope) -> Period:
    assert scope.period is not None  # noqa: S101 - every scope but a job's has a period
    return scope.period


def _override(row: BudgetRow | None, at: datetime) -> OverrideView | None:
    if row is None or row.override_micro_usd is None or row.override_until is None or row.override_until <= at:
        return None
    return OverrideView(limit_usd=usd(row.override_micro_usd), until=moment(row.override_until))


def _pace(balance: Balance, limit_micro_usd: int, period: Period, at: datetime) -> PaceView:
    gone = pace.elapsed(period, at)
    used = balance.spent_micro_usd + balance.held_micro_usd
    return PaceView(
        allowed_to_date_usd=usd(pace.allowed_to_date_micro_usd(limit_micro_usd, gone)),
        ahead=pace.is_ahead(limit_micro_usd, used, gone),
    )


def _maybe(micro_usd: int | None) -> str | None:
    return None if micro_usd is None else usd(micro_usd)
