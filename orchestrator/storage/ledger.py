"""The ledger: one row for each attempt that may have cost something, never changed. Every sum of money is a sum of
these.

An attempt whose outcome was not known is booked at its worst case; if the answer comes after all, a correction is
added.
"""

from datetime import date
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.ids import new_id
from orchestrator.storage.money_tables import TOKEN_CLASSES, ledger
from orchestrator.storage.tables import attempts, jobs
from orchestrator.work.attempts import AttemptState
from orchestrator.work.scopes import Scope, after_last_day
from providers.calls import Target, Usage, Value
from providers.comparison import Comparison

# What an adoption repeats of the row that it is about: all that savings are made of, but no tokens, which were counted.
_ADOPTED: Final = (
    "tenant_id",
    "attempt_id",
    "job_id",
    "seat",
    "project",
    "day",
    "policy",
    "provider",
    "model",
    "reference",
    "reference_micro_usd",
    "direct_micro_usd",
    "cached_micro_usd",
    "tier_micro_usd",
    "price_version",
)

_BOOK: Final = upsert(ledger).on_conflict_do_nothing().returning(ledger.c.id)

Kind: TypeAlias = Literal["answer", "ambiguous", "correction", "adoption"]


class Entry(Value):
    """What is booked of one attempt.

    `used`: its answer became the seat's candidate. `usage` and `comparison` are None where nothing is known of its
    tokens. An adoption costs nothing: it tells that an answer which was booked before has been of use after all.
    """

    attempt_id: str
    kind: Kind
    job_id: str
    seat: int
    project: str | None
    day: date
    policy: str
    served: Target
    used: bool
    cost_micro_usd: int
    usage: Usage | None = None
    reference: str | None = None
    comparison: Comparison | None = None
    price_version: str


class Standing(Value):
    """What a scope's rows say: spent, and the calls under way with their bounds, in one look."""

    spent_micro_usd: int
    under_way: tuple[tuple[str, int], ...]


def book(connection: Connection, entry: Entry) -> bool:
    """Write the row. False: this attempt has a row of that kind already, and nothing is written."""
    values: dict[str, object] = {
        "id": new_id("led"),
        "attempt_id": entry.attempt_id,
        "kind": entry.kind,
        "job_id": entry.job_id,
        "seat": entry.seat,
        "project": entry.project,
        "day": entry.day,
        "policy": entry.policy,
        "provider": entry.served.provider,
        "model": entry.served.model,
        "used": entry.used,
        "cost_micro_usd": entry.cost_micro_usd,
        "price_version": entry.price_version,
        "reference": entry.reference,
        **_tokens(entry.usage),
        **_compared(entry.comparison),
    }
    return connection.execute(_BOOK, values).one_or_none() is not None


def adopt(connection: Connection, attempt_id: str) -> None:
    """Tell that an answer which was booked as of no use has become a candidate. Costs nothing; safe to repeat."""
    copied = [ledger.c[name] for name in _ADOPTED]
    told = {"id": new_id("led"), "kind": "adoption", "used": True, "cost_micro_usd": 0}
    found = (
        select(*(literal(value).label(name) for name, value in told.items()), *copied)
        .where(ledger.c.attempt_id == attempt_id, ledger.c.kind.in_(["answer", "correction"]))
        .limit(1)
    )
    connection.execute(upsert(ledger).from_select([*told, *_ADOPTED], found).on_conflict_do_nothing())


def standing(connection: Connection, scope: Scope) -> Standing:
    """Spent and under way in this scope; needs a transaction that sees all of its rows. One statement, one snapshot."""
    spent = select(func.coalesce(func.sum(ledger.c.cost_micro_usd), 0)).where(_booked_in(scope)).scalar_subquery()
    row = connection.execute(select(spent.label("spent"), _under_way(scope).scalar_subquery().label("calls"))).one()
    return Standing(
        spent_micro_usd=int(row.spent),
        under_way=tuple((call_id, int(bound)) for call_id, bound in row.calls or ()),
    )


def _under_way(scope: Scope) -> Select[tuple[object]]:
    pair = func.jsonb_build_array(attempts.c.id, attempts.c.bound_micro_usd)
    statement = select(func.jsonb_agg(pair)).where(
        attempts.c.state == AttemptState.SENT, attempts.c.bound_micro_usd > 0, _counts_in(scope)
    )
    if scope.owner != "project":
        return statement
    of_job = and_(jobs.c.tenant_id == attempts.c.tenant_id, jobs.c.id == attempts.c.job_id)
    return statement.join(jobs, of_job).where(jobs.c.project == scope.of)


def _counts_in(scope: Scope) -> ColumnElement[bool]:
    if scope.owner == "job":
        return and_(attempts.c.tenant_id == scope.tenant, attempts.c.job_id == scope.of)
    whose = () if scope.owner == "platform" else (attempts.c.tenant_id == scope.tenant,)
    first, after = _days(scope)
    return and_(*whose, attempts.c.day >= first, attempts.c.day < after)


def _booked_in(scope: Scope) -> ColumnElement[bool]:
    if scope.owner == "job":
        return and_(ledger.c.tenant_id == scope.tenant, ledger.c.job_id == scope.of)
    whose: list[ColumnElement[bool]] = [] if scope.owner == "platform" else [ledger.c.tenant_id == scope.tenant]
    if scope.owner == "project":
        whose.append(ledger.c.project == scope.of)
    first, after = _days(scope)
    return and_(*whose, ledger.c.day >= first, ledger.c.day < after)


def _days(scope: Scope) -> tuple[date, date]:
    assert scope.start is not None  # noqa: S101 - every scope but a job's has a period
    assert scope.period is not None  # noqa: S101 - likewise
    return scope.start, after_last_day(scope.period, scope.start)


def _tokens(usage: Usage | None) -> dict[str, object]:
    if usage is None:
        return {}
    return {name: getattr(usage, name) for name in TOKEN_CLASSES} | {"estimated": usage.estimated}


def _compared(comparison: Comparison | None) -> dict[str, object]:
    if comparison is None:
        return {}
    return {
        "reference_micro_usd": comparison.reference_micro_usd,
        "direct_micro_usd": comparison.direct_micro_usd,
        "cached_micro_usd": comparison.cached_micro_usd,
        "tier_micro_usd": comparison.tier_micro_usd,
    }
