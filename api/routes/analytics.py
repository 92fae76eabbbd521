"""`/v1/analytics`: usage, costs, performance and predictions of the last days."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from api import analytics_views, money_views, views
from api.analytics_schemas import AnalyticsView, CostsPart, PerformancePart, PredictionView
from api.auth import Reader
from api.dependencies import Here
from api.money_schemas import CostRow
from orchestrator.money import pace
from orchestrator.money.forecast import HISTORY_DAYS
from orchestrator.storage import budgets, performance, reports
from orchestrator.storage.performance import OfJobs
from orchestrator.work.scopes import TENANT, Limits, Period
from orchestrator.work.sums import GroupBy, Span

MAX_DAYS: Final = 400  # a year and a month, to compare a month with the same one of last year
PERIODS: Final[tuple[Period, ...]] = ("day", "month")

router = APIRouter(prefix="/v1/analytics", tags=["costs"])


@router.get("", response_model=AnalyticsView, summary="Usage, costs, performance and predictions")
def read(
    caller: Reader, here: Here, days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 30, *, detailed: bool = False
) -> AnalyticsView:
    """The last days, today included; `detailed` adds the lists by model, policy, project and day."""
    with here.database.tenant(caller.tenant) as connection:
        at = reports.now(connection)
        today = at.date()
        span = Span(first=today - timedelta(days=days - 1), last=today)
        jobs = performance.of_jobs(connection, span)
        return AnalyticsView(
            first=span.first.isoformat(),
            last=span.last.isoformat(),
            usage=analytics_views.jobs(jobs),
            costs=_costs(connection, span, jobs, detailed=detailed),
            performance=_performance(connection, span, detailed=detailed),
            predictions=_predictions(connection, at),
        )


def _costs(connection: Connection, span: Span, jobs: OfJobs, *, detailed: bool) -> CostsPart:
    def listed(by: GroupBy) -> tuple[CostRow, ...] | None:
        rows = reports.grouped(connection, by, span) if detailed else None
        return None if rows is None else tuple(analytics_views.group(row) for row in rows)

    return CostsPart(
        total=analytics_views.sums(reports.total(connection, span)),
        per_job_usd=analytics_views.per_job(jobs),
        by_model=listed("model"),
        by_policy=listed("policy"),
        by_project=listed("project"),
    )


def _performance(connection: Connection, span: Span, *, detailed: bool) -> PerformancePart:
    models = performance.by_target(connection, span) if detailed else None
    days = performance.by_day(connection, span) if detailed else None
    return PerformancePart(
        calls=analytics_views.calls(performance.calls(connection, span)),
        answers=analytics_views.answers(performance.answers(connection, span)),
        failovers=performance.failovers(connection, span),
        by_model=None if models is None else tuple(analytics_views.of_target(row) for row in models),
        by_day=None if days is None else tuple(analytics_views.of_day(row) for row in days),
    )


def _predictions(connection: Connection, at: datetime) -> tuple[PredictionView, ...]:
    today = at.date()
    cost_by_day = reports.history(connection, Span(first=today - timedelta(days=HISTORY_DAYS), last=today))
    limits = budgets.limits(connection, None)
    return tuple(_prediction(period, cost_by_day, at, limits) for period in PERIODS)


def _prediction(period: Period, cost_by_day: dict[date, int], at: datetime, limits: Limits) -> PredictionView:
    return PredictionView(
        period=period,
        resets_at=views.moment(pace.end_of(period, at.date())),
        forecast=money_views.ahead(period, cost_by_day, at, limits.get((TENANT, period))),
    )
