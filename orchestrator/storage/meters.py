"""Figures over all tenants for those who watch the service: sums and counts of rows, never a tenant's name."""

from datetime import date

from sqlalchemy import Connection, func, select

from orchestrator.storage.money_tables import budget_events, budgets, ledger
from orchestrator.storage.tables import tenants
from providers.calls import Value


class Meters(Value):
    """As of one look. Money in micro-dollars; `spend` and `unknown_calls` are of the calls since `first`."""

    spend: dict[tuple[str, str], int]
    unknown_calls: int
    announced: dict[tuple[str, int], int]
    limits: dict[tuple[str, str], int]
    stopped_tenants: int


def read(connection: Connection, first: date) -> Meters:
    """Needs the system's transaction. Args: first, the first day that is added up."""
    spend = select(ledger.c.provider, ledger.c.model, func.sum(ledger.c.cost_micro_usd).label("sum"))
    spend = spend.where(ledger.c.day >= first).group_by(ledger.c.provider, ledger.c.model)
    unknown = select(func.count()).where(ledger.c.day >= first, ledger.c.kind == "ambiguous")
    announced = select(budget_events.c.type, budget_events.c.threshold, func.count().label("count"))
    announced = announced.group_by(budget_events.c.type, budget_events.c.threshold)
    owner = func.split_part(budgets.c.scope, ":", 1).label("owner")
    limits = select(owner, budgets.c.period, func.count().label("count")).group_by(owner, budgets.c.period)
    stopped = select(func.count()).select_from(tenants).where(tenants.c.stopped_at.is_not(None))
    return Meters(
        spend={(row.provider, row.model): int(row.sum) for row in connection.execute(spend)},
        unknown_calls=connection.execute(unknown).scalar_one(),
        announced={(row.type, row.threshold): row.count for row in connection.execute(announced)},
        limits={(row.owner, row.period): row.count for row in connection.execute(limits)},
        stopped_tenants=connection.execute(stopped).scalar_one(),
    )
