"""`/v1/budgets`: how they stand, setting one, taking jobs in again after a stop."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from api import money_views, views
from api.auth import Admin, By, Operator, Reader
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House
from api.money_schemas import BudgetBody, BudgetsView, BudgetView, ResumedView, StopView
from orchestrator.errors import InvalidRequest
from orchestrator.money.forecast import HISTORY_DAYS
from orchestrator.routing.request import MICRO_PER_USD
from orchestrator.storage import budgets, reports, tenants
from orchestrator.storage.budget_versions import Limit
from orchestrator.storage.budgets import BudgetRow
from orchestrator.storage.tenants import Stop
from orchestrator.tenancy import audit, limits
from orchestrator.tenancy.audit import Act, Action
from orchestrator.work.scopes import PROJECT_NAME, TENANT, Claimed, Period, of_project, of_tenant, project_scope
from orchestrator.work.sums import Span
from providers.calls import Value

LONGEST_OVERRIDE: Final = timedelta(days=3_660)

_PROJECT: Final = "project:"
_ALWAYS: Final[tuple[tuple[str, Period], ...]] = ((TENANT, "day"), (TENANT, "month"))
_LIFTED: Final = Act(
    action=Action.ADMISSION_RESUMED, object="admission", before={"stopped": True}, after={"stopped": False}
)
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BudgetBody"}}},
    }
}

Key: TypeAlias = tuple[str, Period]  # (tenant or project:NAME, period)
# A project is called as in a job that is posted.
ScopeName: TypeAlias = Annotated[
    str,
    Path(
        pattern=f"^({TENANT}|{_PROJECT}{PROJECT_NAME})$",
        description="`tenant`, or `project:` and the project's name",
    ),
]

router = APIRouter(prefix="/v1/budgets", tags=["budgets"])


class Books(Value):
    """What the rows say of budgets at a moment: the limits that were set, and what each scope has cost by day."""

    at: datetime
    rows: dict[Key, BudgetRow]
    cost_by_day: dict[str, dict[date, int]]


@router.get("", response_model=BudgetsView, summary="How the budgets stand")
def read(caller: Reader, here: Here) -> BudgetsView:
    """Limits, what is spent and held, the pace, and a forecast with its interval and its error in the past."""
    with here.database.tenant(caller.tenant) as connection:
        books = _books(connection)
        stop = tenants.stopped(connection, caller.tenant)
    shown = _shown(here, caller.tenant, books, list(dict.fromkeys([*_ALWAYS, *books.rows])))
    if "ops" in caller.scopes:
        shown.append(_platform(here, caller.tenant, books.at))
    return BudgetsView(data=tuple(shown), stopped=None if stop is None else _stop(stop))


@router.put("/{scope}", response_model=BudgetView, openapi_extra=_BODY, summary="Set a limit, or take it away")
def put(caller: Admin, by: By, here: Here, scope: ScopeName, body: JsonBytes) -> BudgetView:
    """Holds for every call from now on; calls under way keep what they hold. A limit may lie below what is spent."""
    wish = parse(body, BudgetBody)
    with here.database.tenant(caller.tenant) as connection:
        _check(wish, reports.now(connection))
        limits.put(connection, by, scope, wish.period, _limit(wish))
    return shown(here, caller.tenant, scope, wish.period)


@router.post("/resume", response_model=ResumedView, summary="Take jobs in again after a stop")
def resume(caller: Operator, by: By, here: Here) -> ResumedView:
    """For an operator who has looked at the bill that went above its bound: needs `admin` and `ops`."""
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        resumed = tenants.lift(connection, caller.tenant)
        if resumed:
            audit.record(connection, by, _LIFTED)
        return ResumedView(resumed=resumed)


def shown(here: House, tenant: str, scope: str, period: Period) -> BudgetView:
    """One budget as it stands."""
    with here.database.tenant(tenant) as connection:
        books = _books(connection, scope)
    return _shown(here, tenant, books, [(scope, period)])[0]


def _books(connection: Connection, *more: str) -> Books:
    """Args: `more` are scopes whose costs are wanted though they may have no limit."""
    at = reports.now(connection)
    rows: dict[Key, BudgetRow] = {(row.scope, row.period): row for row in budgets.of_tenant(connection)}
    span = _past(at)
    names = sorted(
        {scope.removeprefix(_PROJECT) for scope in (*more, *(scope for scope, _ in rows)) if scope != TENANT}
    )
    costs = reports.histories(connection, span, names) if names else {}
    of_projects = {project_scope(name): cost_by_day for name, cost_by_day in costs.items()}
    return Books(at=at, rows=rows, cost_by_day={TENANT: reports.history(connection, span), **of_projects})


def _past(at: datetime) -> Span:
    return Span(first=at.date() - timedelta(days=HISTORY_DAYS), last=at.date())


def _shown(here: House, tenant: str, books: Books, keys: Sequence[Key]) -> list[BudgetView]:
    found = here.balances.of([_claimed(tenant, key, books) for key in keys])
    return [
        money_views.budget(balance, books.rows.get(key), books.cost_by_day.get(key[0], {}), books.at)
        for key, balance in zip(keys, found, strict=True)
    ]


def _claimed(tenant: str, key: Key, books: Books) -> Claimed:
    (scope, period), today = key, books.at.date()
    row = books.rows.get(key)
    owned = of_project(tenant, scope.removeprefix(_PROJECT), period, today)
    return Claimed(
        scope=of_tenant(tenant, period, today) if scope == TENANT else owned,
        limit_micro_usd=None if row is None else row.in_force_micro_usd,
    )


def _platform(here: House, tenant: str, at: datetime) -> BudgetView:
    """The one sum that spans tenants; nothing of it but the whole is shown."""
    with here.database.system() as connection:
        cost_by_day: Mapping[date, int] = reports.history(connection, _past(at))
    (balance,) = here.balances.limited(tenant, None, at.date(), {})
    return money_views.budget(balance, None, cost_by_day, at)


def _check(wish: BudgetBody, at: datetime) -> None:
    """Raises InvalidRequest: what no single field shows."""
    if (wish.override_usd is None) != (wish.override_until is None):
        raise InvalidRequest("override_usd and override_until go together", pointer="/override_until")
    if wish.limit_usd is None and wish.override_usd is not None:
        raise InvalidRequest("without a limit there is nothing to override", pointer="/override_usd")
    if wish.override_until is not None and not at < wish.override_until <= at + LONGEST_OVERRIDE:
        raise InvalidRequest("must lie ahead, by ten years at most", pointer="/override_until")


def _limit(wish: BudgetBody) -> Limit:
    return Limit(
        limit_micro_usd=_micro_usd(wish.limit_usd),
        override_micro_usd=_micro_usd(wish.override_usd),
        override_until=wish.override_until,
    )


def _micro_usd(dollars: str | None) -> int | None:
    return None if dollars is None else int(Decimal(dollars) * MICRO_PER_USD)


def _stop(stop: Stop) -> StopView:
    return StopView(at=views.moment(stop.at), why=stop.why)
