"""Limits of a tenant and its projects: set, taken away, restored. Each is a version, and stands in the audit log."""

from typing import Final

from sqlalchemy import Connection

from orchestrator.errors import InvalidRequest
from orchestrator.routing.request import MICRO_PER_USD
from orchestrator.storage import budget_versions, budgets
from orchestrator.storage.budget_versions import Limit
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import Act, Action, Actor
from orchestrator.work.scopes import Period
from providers.calls import JsonObject

MAX_BUDGETS: Final = 200  # limits that a tenant may set: each is read and forecast whenever somebody looks
NO_LIMIT: Final = Limit(limit_micro_usd=None)


def put(connection: Connection, actor: Actor, scope: str, period: Period, wish: Limit) -> None:
    """Have this limit hold from now on, for every call that is claimed. What holds already makes no version.

    Raises:
        InvalidRequest: there are too many already.
    """
    action = Action.BUDGET_REMOVED if wish.limit_micro_usd is None else Action.BUDGET_SET
    _put(connection, actor, action, scope, period, wish)


def restore(connection: Connection, actor: Actor, scope: str, period: Period, version: int) -> None:
    """Have the limit of an older version hold again, as the next version. An override whose time is over stays so.

    Raises:
        NotFound: there never was that version.
        InvalidRequest: there are too many limits already.
    """
    audit.hold(connection, actor.tenant)
    old = budget_versions.read(connection, scope, period, version)
    _put(connection, actor, Action.BUDGET_RESTORED, scope, period, old.limit, restored=version)


def _put(
    connection: Connection,
    actor: Actor,
    action: Action,
    scope: str,
    period: Period,
    wish: Limit,
    restored: int | None = None,
) -> None:
    audit.hold(connection, actor.tenant)
    known = {(row.scope, row.period): row for row in budgets.of_tenant(connection)}
    row = known.get((scope, period))
    before = NO_LIMIT if row is None else Limit(**row.model_dump(include=set(Limit.model_fields)))
    if wish == before:
        return
    if row is None and len(known) >= MAX_BUDGETS:
        raise InvalidRequest(f"there are {MAX_BUDGETS} limits already; take one away first", pointer="/limit_usd")
    _write(connection, scope, period, wish)
    version = budget_versions.add(connection, scope, period, wish, actor.name)
    after: JsonObject = {**_safe(wish), "version": version}
    if restored is not None:
        after["restored"] = restored
    act = Act(action=action, object=f"budgets/{scope}/{period}", before=_safe(before), after=after)
    audit.record(connection, actor, act)


def _write(connection: Connection, scope: str, period: Period, wish: Limit) -> None:
    if wish.limit_micro_usd is None:
        budgets.remove(connection, scope, period)
        return
    budgets.put(
        connection,
        scope,
        period,
        wish.limit_micro_usd,
        override_micro_usd=wish.override_micro_usd,
        override_until=wish.override_until,
    )


def _safe(limit: Limit) -> JsonObject:
    until = limit.override_until
    return {
        "limit_usd": _usd(limit.limit_micro_usd),
        "override_usd": _usd(limit.override_micro_usd),
        "override_until": None if until is None else audit.written(until),
    }


def _usd(micro_usd: int | None) -> str | None:
    """As the contract writes money."""
    return None if micro_usd is None else f"{micro_usd // MICRO_PER_USD}.{micro_usd % MICRO_PER_USD:06d}"
