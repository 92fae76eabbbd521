"""`/v1/costs`: what calls came to, added up by what is asked, and what was saved."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query

from api import analytics_views, savings_views, views
from api.auth import Reader
from api.dependencies import Here
from api.money_schemas import CostsView
from api.queries import Day
from orchestrator.errors import InvalidRequest
from orchestrator.storage import comparisons, reports
from orchestrator.work.sums import GroupBy, Span

MAX_DAYS: Final = 400  # a year and a month, to compare a month with the same one of last year

router = APIRouter(prefix="/v1/costs", tags=["costs"])


@router.get("", response_model=CostsView, summary="What calls came to, and what was saved")
def read(
    caller: Reader,
    here: Here,
    group_by: GroupBy = "day",
    first: Annotated[
        Day | None, Query(alias="from", description="First day, in UTC; that of `to`'s month if not given")
    ] = None,
    last: Annotated[Day | None, Query(alias="to", description="Last day; today if not given")] = None,
) -> CostsView:
    """Sums of ledger rows: the groups add up to the total, and the levers of `savings` to what was saved."""
    catalog = here.dispatch.catalog
    with here.database.tenant(caller.tenant) as connection:
        at = reports.now(connection)
        span = _span(at.date(), first, last)
        rows = reports.grouped(connection, group_by, span)
        compared = comparisons.compared(connection, span, catalog.reference, savings_views.built_in(catalog))
    return CostsView(
        first=span.first.isoformat(),
        last=span.last.isoformat(),
        group_by=group_by,
        total_usd=views.usd(sum(row.sums.cost_micro_usd for row in rows)),
        data=tuple(analytics_views.group(row) for row in rows),
        savings=savings_views.saved(compared, catalog, at),
    )


def _span(today: date, first: date | None, last: date | None) -> Span:
    """Raises InvalidRequest: the days are in the wrong order, or too many."""
    end = last or today
    begin = first or end.replace(day=1)
    if begin > end:
        raise InvalidRequest("must not lie after `to`", pointer="/query/from")
    if (end - begin).days >= MAX_DAYS:
        raise InvalidRequest(f"{MAX_DAYS} days at most are added up at once", pointer="/query/from")
    return Span(first=begin, last=end)
