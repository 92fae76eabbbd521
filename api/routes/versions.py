"""`.../versions`: what limits and templates were before, who set them, and having one hold again."""

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Path, Query

from api import cursors, version_schemas
from api.auth import Admin, By, Reader
from api.dependencies import Here
from api.money_schemas import BudgetView
from api.problems import BadQuery
from api.routes import budgets, templates
from api.routes.budgets import ScopeName
from api.template_schemas import TemplateView
from api.version_schemas import BudgetVersionsView, TemplateVersionsView
from orchestrator.analysis.templates import TemplateFor
from orchestrator.storage import budget_versions
from orchestrator.storage import templates as template_rows
from orchestrator.tenancy import limits, texts
from orchestrator.work.scopes import Period

MAX_PAGE: Final = 200
MAX_VERSION: Final = 2**31 - 1

Version: TypeAlias = Annotated[int, Path(ge=1, le=MAX_VERSION)]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor: TypeAlias = Annotated[str | None, Query(max_length=200)]
OfPeriod: TypeAlias = Annotated[Period, Query(description="Day and month have versions of their own")]

router = APIRouter(prefix="/v1", tags=["versions"])


@router.get("/budgets/{scope}/versions", response_model=BudgetVersionsView, summary="Every limit that was set")
def of_budget(
    caller: Reader,
    here: Here,
    scope: ScopeName,
    *,
    period: OfPeriod = "month",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BudgetVersionsView:
    """The newest first: who set it, when, and to what."""
    of = f"budgets/{scope}/{period}"
    before = None if cursor is None else _before(cursor, caller.tenant, here.pepper, of)
    with here.database.tenant(caller.tenant) as connection:
        rows = budget_versions.page(connection, scope, period, before=before, limit=limit + 1)
    more = len(rows) > limit
    return BudgetVersionsView(
        data=tuple(version_schemas.budget(row) for row in rows[:limit]),
        next_cursor=cursors.write(str(rows[limit - 1].version), caller.tenant, here.pepper, of=of) if more else None,
    )


@router.post(
    "/budgets/{scope}/versions/{version}/restore",
    response_model=BudgetView,
    summary="Have an older limit hold again",
)
def restore_budget(
    caller: Admin, by: By, here: Here, scope: ScopeName, version: Version, *, period: OfPeriod = "month"
) -> BudgetView:
    """Makes the next version, with what that one said; one that holds already makes none. Safe to repeat."""
    with here.database.tenant(caller.tenant) as connection:
        limits.restore(connection, by, scope, period, version)
    return budgets.shown(here, caller.tenant, scope, period)


@router.get(
    "/templates/{meeting_type}/versions", response_model=TemplateVersionsView, summary="Every text that was set"
)
def of_template(
    caller: Reader, here: Here, meeting_type: TemplateFor, *, limit: Limit = 50, cursor: Cursor = None
) -> TemplateVersionsView:
    """Those set for this type itself, the newest first: who set it, when, and to what."""
    of = f"templates/{meeting_type}"
    before = None if cursor is None else _before(cursor, caller.tenant, here.pepper, of)
    with here.database.tenant(caller.tenant) as connection:
        rows = template_rows.page(connection, meeting_type, before=before, limit=limit + 1)
    more = len(rows) > limit
    return TemplateVersionsView(
        data=tuple(version_schemas.template(row) for row in rows[:limit]),
        next_cursor=cursors.write(str(rows[limit - 1].version), caller.tenant, here.pepper, of=of) if more else None,
    )


@router.post(
    "/templates/{meeting_type}/versions/{version}/restore",
    response_model=TemplateView,
    summary="Have an older text hold again",
)
def restore_template(caller: Admin, by: By, here: Here, meeting_type: TemplateFor, version: Version) -> TemplateView:
    """Makes the next version, with what that one said, for jobs posted from now on. Safe to repeat."""
    with here.database.tenant(caller.tenant) as connection:
        texts.restore(connection, by, meeting_type, version)
    return templates.shown(here, caller, meeting_type)


def _before(cursor: str, tenant: str, pepper: str, of: str) -> int:
    found = cursors.read(cursor, tenant, pepper, of=of)
    if not found.isdecimal():
        raise BadQuery("The cursor is not one of ours.")
    return int(found)
