"""Figures over all tenants for those who watch the service: sums and counts of rows, never a tenant's name."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Numeric,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from orchestrator.storage.budgets import IN_FORCE
from orchestrator.storage.house_tables import returned_messages
from orchestrator.storage.money_tables import budget_events, budgets, ledger
from orchestrator.storage.tables import tenants
from orchestrator.work.scopes import TENANT, project_scope
from providers.calls import Value


class Used(Value):
    """The limits of one kind of owner for one period: how many, how many have come to each threshold or further, and
    the most that one of them is used, in millionths of it.
    """

    limits: int
    reached: dict[int, int]
    most_ppm: int


class Meters(Value):
    """As of one look. Money in micro-dollars; `spend` and `unknown_calls` are of the calls since `first`."""

    spend: dict[tuple[str, str], int]
    unknown_calls: int
    announced: dict[tuple[str, int], int]
    used: dict[tuple[str, str], Used]
    stopped_tenants: int
    returned_messages: int


def read(connection: Connection, first: date, today: date, thresholds: Sequence[int]) -> Meters:
    """Needs the system's transaction.

    Args:
        first: the first day of today's month, from which is added up.
        thresholds: in percent.
    """
    spend = select(ledger.c.provider, ledger.c.model, func.sum(ledger.c.cost_micro_usd).label("sum"))
    spend = spend.where(ledger.c.day >= first).group_by(ledger.c.provider, ledger.c.model)
    unknown = select(func.count()).where(ledger.c.day >= first, ledger.c.kind == "ambiguous")
    announced = select(budget_events.c.type, budget_events.c.threshold, func.count().label("count"))
    announced = announced.group_by(budget_events.c.type, budget_events.c.threshold)
    stopped = select(func.count()).select_from(tenants).where(tenants.c.stopped_at.is_not(None))
    return Meters(
        spend={(row.provider, row.model): int(row.sum) for row in connection.execute(spend)},
        unknown_calls=connection.execute(unknown).scalar_one(),
        announced={(row.type, row.threshold): row.count for row in connection.execute(announced)},
        used=_used(connection, first, today, thresholds),
        stopped_tenants=connection.execute(stopped).scalar_one(),
        returned_messages=connection.execute(select(func.count()).select_from(returned_messages)).scalar_one(),
    )


def _used(connection: Connection, first: date, today: date, thresholds: Sequence[int]) -> dict[tuple[str, str], Used]:
    """All limits that hold now, against the rows of their periods: one statement, however many there are."""
    spent = _spent(first, today)
    owner = func.split_part(spent.c.scope, ":", 1).label("owner")
    ppm = case((spent.c.limit > 0, func.floor(spent.c.spent * 1_000_000 / spent.c.limit)), else_=1_000_000)
    reached = [func.count().filter(_has_reached(spent, each)).label(f"reached_{each}") for each in thresholds]
    statement = select(
        owner, spent.c.period, func.count().label("limits"), cast(func.max(ppm), Numeric).label("most"), *reached
    ).group_by(owner, spent.c.period)
    return {
        (row["owner"], row["period"]): Used(
            limits=row["limits"],
            reached={each: row[f"reached_{each}"] for each in thresholds},
            most_ppm=int(row["most"]),
        )
        for row in connection.execute(statement).mappings()
    }


def _spent(first: date, today: date) -> Subquery:
    """Each limit that holds now, and what has been spent of it in its period."""
    booked = _booked(first, today)
    of_period = case((budgets.c.period == "day", booked.c.day), else_=booked.c.month)
    same = and_(booked.c.tenant_id == budgets.c.tenant_id, booked.c.scope == budgets.c.scope)
    return (
        select(
            budgets.c.scope,
            budgets.c.period,
            cast(IN_FORCE, Numeric).label("limit"),
            func.coalesce(of_period, 0).label("spent"),
        )
        .select_from(budgets.outerjoin(booked, same))
        .subquery()
    )


def _booked(first: date, today: date) -> Subquery:
    """What each tenant that has limits, and each of its projects, spent today and since `first`, by budgets' names."""
    whose, project, cost = ledger.c.tenant_id, ledger.c.project, ledger.c.cost_micro_usd
    is_whole = func.grouping(project) == 1
    return (
        select(
            whose,
            case((is_whole, TENANT), else_=literal(project_scope("")) + project).label("scope"),
            func.sum(cost).filter(ledger.c.day == today).label("day"),
            func.sum(cost).label("month"),
        )
        .where(ledger.c.day.between(first, today), whose.in_(select(budgets.c.tenant_id)))
        .group_by(func.grouping_sets(tuple_(whose, project), whose))
        .subquery()
    )


def _has_reached(spent: Subquery, threshold: int) -> ColumnElement[Any]:
    """As announcements see it: see `money/watching.py`."""
    return and_(spent.c.spent * 100 >= spent.c.limit * threshold, or_(spent.c.spent > 0, spent.c.limit == 0))
