"""Limits of tenants and their projects, and what was announced of them. One tenant's transaction, or the system's.

An announcement is remembered with what it is about, so that it is made once, and told as an event of its tenant.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.ids import new_id
from orchestrator.storage.money_tables import budget_events, budgets
from orchestrator.storage.tables import events as event_table
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.scopes import TENANT, Limits, Period, project_scope
from providers.calls import Value

_NOW: Final = func.clock_timestamp()

# An override holds in the limit's place until its time has passed, by PostgreSQL's clock.
IN_FORCE: Final[ColumnElement[int]] = case(
    (budgets.c.override_until > _NOW, budgets.c.override_micro_usd), else_=budgets.c.limit_micro_usd
)

# No hint waits for it, so nothing is left to announce.
_TELL: Final = insert(event_table).values(announced_at=_NOW)


class BudgetRow(Value):
    """A limit as it stands; `in_force_micro_usd` is the one that holds now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant_id: str
    scope: str
    period: Period
    limit_micro_usd: int
    override_micro_usd: int | None
    override_until: datetime | None
    updated_at: datetime
    in_force_micro_usd: int

    def held_until(self, end: datetime) -> int | None:
        """The limit that held when a period ended. None: not known, for somebody has set it anew since."""
        if self.updated_at >= end:
            return None
        overridden = self.override_until is not None and self.override_until >= end
        return self.override_micro_usd if overridden else self.limit_micro_usd


def of_tenant(connection: Connection) -> Sequence[BudgetRow]:
    """All limits of the transaction's tenant; in the system's transaction, of all tenants."""
    statement = select(budgets, IN_FORCE.label("in_force_micro_usd")).order_by(
        budgets.c.tenant_id, budgets.c.scope, budgets.c.period
    )
    return [BudgetRow.model_validate(dict(row)) for row in connection.execute(statement).mappings()]


def limits(connection: Connection, project: str | None) -> Limits:
    """What holds now for the transaction's tenant and this project of it."""
    wanted = [TENANT] if project is None else [TENANT, project_scope(project)]
    statement = select(budgets.c.scope, budgets.c.period, IN_FORCE.label("limit")).where(budgets.c.scope.in_(wanted))
    return {(row.scope, row.period): row.limit for row in connection.execute(statement)}


def put(
    connection: Connection,
    scope: str,
    period: Period,
    limit_micro_usd: int,
    *,
    override_micro_usd: int | None = None,
    override_until: datetime | None = None,
) -> None:
    """Set a limit. It holds for every call that is claimed from now on; calls under way keep their holds."""
    values = {
        "scope": scope,
        "period": period,
        "limit_micro_usd": limit_micro_usd,
        "override_micro_usd": override_micro_usd,
        "override_until": override_until,
    }
    statement = upsert(budgets).values(**values)
    changed = {name: statement.excluded[name] for name in values} | {"updated_at": _NOW}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[budgets.c.tenant_id, budgets.c.scope, budgets.c.period], set_=changed
        )
    )


def remove(connection: Connection, scope: str, period: Period) -> None:
    """Take a limit away; the scope is still counted."""
    connection.execute(delete(budgets).where(budgets.c.scope == scope, budgets.c.period == period))


def announce(connection: Connection, tenant: str, event: BudgetEvent) -> bool:
    """Write it down, once for each scope, period, threshold and limit. False: it was announced before.

    Args:
        tenant: whose budget it is; "" is the platform's.
    """
    return bool(announce_all(connection, [(tenant, event)]))


def announce_all(connection: Connection, events: Iterable[tuple[str, BudgetEvent]]) -> list[tuple[str, BudgetEvent]]:
    """`announce` many in one trip, each with its tenant; needs the system's transaction. Returns those that are new."""
    told = {new_id("evt"): one for one in events}
    if not told:
        return []
    rows = [{"id": key, "tenant_id": tenant, **event.model_dump()} for key, (tenant, event) in told.items()]
    statement = upsert(budget_events).on_conflict_do_nothing().returning(budget_events.c.id)
    new = [(key, *told[key]) for key in connection.execute(statement, rows).scalars()]
    if new:
        connection.execute(_TELL, [_as_event(key, tenant, event) for key, tenant, event in new])
    return [(tenant, event) for _, tenant, event in new]


def _as_event(key: str, tenant: str, event: BudgetEvent) -> dict[str, object]:
    about = event.model_dump(mode="json", exclude={"type", "data"})
    return {"tenant_id": tenant, "id": key, "type": event.type, "data": {**event.data, **about}}
