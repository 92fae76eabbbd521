"""`/v1/audit`: who changed what in how the tenant is served, in a chain that anybody can check."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from api import audit_schemas
from api.audit_schemas import AuditView
from api.auth import Admin
from api.dependencies import Here
from api.problems import Forbidden
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import HOUSE, Action

MAX_PAGE: Final = 1_000
MAX_NUMBER: Final = 2**63 - 1
_OBJECT: Final = "^[A-Za-z0-9 ._:/-]{1,200}$"

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("", response_model=AuditView, summary="Read the audit log")
def page(
    caller: Admin,
    here: Here,
    *,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="The number of the last entry that was read")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    action: Annotated[Action | None, Query(description="Only these acts")] = None,
    about: Annotated[str | None, Query(alias="object", pattern=_OBJECT, description="Only acts on this")] = None,
    house: Annotated[
        bool, Query(description="That of the house, of acts that concern all tenants; scope `ops`")
    ] = False,
) -> AuditView:
    """All acts of administration, numbered without gaps, ever in the same order. Go on with `after=next`.

    Each entry holds the digest of the one before it: whoever has all of them can prove that none was changed, moved or
    taken from the middle. That none is missing at the end is proved by a digest that was noted elsewhere alone.
    """
    if house and "ops" not in caller.scopes:
        raise Forbidden("The key lacks the scope 'ops'.")
    with here.database.tenant(HOUSE if house else caller.tenant) as connection:
        rows = audit.page(connection, after, limit, action=action, about=about)
    found = tuple(audit_schemas.entry(row) for row in rows)
    return AuditView(data=found, next=found[-1].sequence if found else after)
