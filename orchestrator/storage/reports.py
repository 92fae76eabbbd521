"""Sums over the ledger, for people: every number is a sum of rows, over those that the transaction may see.

Days are those that calls count in, in UTC; both ends of a span belong to it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Label, RowMapping, case, cast, func, literal, null, select

from orchestrator.storage.money_tables import TOKEN_CLASSES, ledger
from orchestrator.work.sums import Group, GroupBy, Span, Sums, Tokens

MAX_GROUPS: Final = 1_000  # callers name their projects, so that there may be any number of them

_KEYS: Final[dict[GroupBy, ColumnElement[Any]]] = {
    "day": func.to_char(ledger.c.day, "YYYY-MM-DD"),
    "model": ledger.c.provider + "/" + ledger.c.model,
    "provider": ledger.c.provider,
    "project": ledger.c.project,
    "policy": ledger.c.policy,
}


def now(connection: Connection) -> datetime:
    """PostgreSQL's clock, in UTC: it decides which period a call counts in."""
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found


def grouped(connection: Connection, by: GroupBy, span: Span, most: int = MAX_GROUPS) -> list[Group]:
    """The sums of each group: days in their order, all others the dearest first.

    Nothing is left out: what is beyond the first `most` groups stands in one row at the end, so that the rows together
    are the whole.
    """
    key = _KEYS[by].label("key")
    each = select(key, *_SUMS).where(_within(span)).group_by(key).subquery()
    order = (each.c.key,) if by == "day" else (each.c.cost_micro_usd.desc(), each.c.key)
    ranked = select(each, func.row_number().over(order_by=order).label("rank")).subquery()
    place = func.least(ranked.c.rank, most + 1)
    shown = case((place > most, null()), else_=ranked.c.key).label("key")
    statement = (
        select(shown, func.count().label("groups"), *(_whole(func.sum(ranked.c[name]), name) for name in _NAMES))
        .group_by(place, shown)
        .order_by(place)
    )
    return [_group(row) for row in connection.execute(statement).mappings()]


def total(connection: Connection, span: Span) -> Sums:
    """All calls together."""
    return _sums_of(connection.execute(select(*_SUMS).where(_within(span))).mappings().one())


def history(connection: Connection, span: Span) -> dict[date, int]:
    """What was spent on each day, in micro-dollars; a day without a row spent nothing."""
    statement = select(ledger.c.day, _COST).where(_within(span)).group_by(ledger.c.day)
    return {row.day: row.cost_micro_usd for row in connection.execute(statement)}


def histories(connection: Connection, span: Span, projects: Sequence[str]) -> dict[str, dict[date, int]]:
    """`history` of each of these projects; one that spent nothing is absent."""
    found: defaultdict[str, dict[date, int]] = defaultdict(dict)
    statement = (
        select(ledger.c.project, ledger.c.day, _COST)
        .where(_within(span), ledger.c.project.in_(projects))
        .group_by(ledger.c.project, ledger.c.day)
    )
    for row in connection.execute(statement):
        found[row.project][row.day] = row.cost_micro_usd
    return dict(found)


def _within(span: Span) -> ColumnElement[bool]:
    return ledger.c.day.between(span.first, span.last)


def _whole(amount: ColumnElement[Any], name: str) -> Label[int]:
    """PostgreSQL's sum of bigints is a numeric."""
    return cast(func.coalesce(amount, 0), BigInteger).label(name)


def _group(row: RowMapping) -> Group:
    return Group(key=row["key"], groups=row["groups"], sums=_sums_of(row))


def _sums_of(row: RowMapping) -> Sums:
    tokens = Tokens(**{name: row[name] for name in TOKEN_CLASSES})
    return Sums(tokens=tokens, **{name: row[name] for name in _COUNTED})


_corrected: Final = ledger.alias("corrected")
_IS_KNOWN: Final = (
    select(literal(1))
    .where(
        _corrected.c.tenant_id == ledger.c.tenant_id,
        _corrected.c.attempt_id == ledger.c.attempt_id,
        _corrected.c.kind == "correction",
    )
    .correlate(ledger)
    .exists()
)
_COST: Final = _whole(func.sum(ledger.c.cost_micro_usd), "cost_micro_usd")
_COUNTED: Final = ("cost_micro_usd", "calls", "unknown", "estimated")
_NAMES: Final = (*_COUNTED, *TOKEN_CLASSES)

# Each call has one row that says what it cost; corrections and adoptions only say more of it.
_SUMS: Final = (
    _COST,
    func.count().filter(ledger.c.kind.in_(["answer", "ambiguous"])).label("calls"),
    func.count().filter(ledger.c.kind == "ambiguous", ~_IS_KNOWN).label("unknown"),
    func.count().filter(ledger.c.estimated).label("estimated"),
    *(_whole(func.sum(ledger.c[name]), name) for name in TOKEN_CLASSES),
)
