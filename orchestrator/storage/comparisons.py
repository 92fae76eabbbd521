"""Sums of what calls would have cost otherwise, as savings are told by (see providers/comparison.py for the figures).

An attempt has one row or several: of those of unknown fate a correction, of those that came late an adoption. They are
added up by attempt, the attempts by job, and the jobs by how many answers of theirs can be compared: few rows, however
many jobs there were.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Label, Subquery, cast, func, select

from orchestrator.storage.money_tables import ledger
from orchestrator.work.sums import Span
from providers.calls import Value

_FIGURES: Final = ("reference_micro_usd", "direct_micro_usd", "cached_micro_usd", "tier_micro_usd")


class Compared(Value):
    """The sums of all jobs of which `used` answers can be compared with the reference.

    The figures and `cost_micro_usd` are of these answers alone; `wasted_micro_usd` is what calls cost that brought
    nothing. `left_out` answers, and what they cost, are in no sum: nothing is known of them, or by another reference.
    """

    used: int
    reference_micro_usd: int
    direct_micro_usd: int
    cached_micro_usd: int
    tier_micro_usd: int
    cost_micro_usd: int
    wasted_micro_usd: int
    left_out: int


def compared(connection: Connection, span: Span, reference: str, without: Collection[str] = ()) -> list[Compared]:
    """Those of calls that counted in these days.

    Args:
        reference: the target against which savings are told.
        without: providers that are no part of it, such as the built-in one: it costs nothing and replaces nothing.
    """
    of_jobs = _of_jobs(_of_attempts(span, reference, without))
    amounts = (*_FIGURES, "cost_micro_usd", "wasted_micro_usd", "left_out")
    statement = (
        select(of_jobs.c.used, *(_sum(of_jobs.c[name], name) for name in amounts))
        .group_by(of_jobs.c.used)
        .order_by(of_jobs.c.used)
    )
    return [Compared.model_validate(dict(row)) for row in connection.execute(statement).mappings()]


def _of_attempts(span: Span, reference: str, without: Collection[str]) -> Subquery:
    """One row an attempt. What an adoption repeats of it counts once: all rows that compare say the same."""
    by_reference = ledger.c.reference == reference
    return (
        select(
            ledger.c.job_id,
            func.bool_or(ledger.c.used).label("used"),
            _sum(ledger.c.cost_micro_usd, "cost_micro_usd"),
            *(func.max(ledger.c[name]).filter(by_reference).label(name) for name in _FIGURES),
        )
        .where(ledger.c.day.between(span.first, span.last), ledger.c.provider.not_in(without))
        .group_by(ledger.c.job_id, ledger.c.attempt_id)
        .subquery()
    )


def _of_jobs(attempts: Subquery) -> Subquery:
    is_known = attempts.c.reference_micro_usd.is_not(None)
    counts = (attempts.c.used, is_known)
    return (
        select(
            func.count().filter(*counts).label("used"),
            *(_sum(attempts.c[name], name, *counts) for name in (*_FIGURES, "cost_micro_usd")),
            _sum(attempts.c.cost_micro_usd, "wasted_micro_usd", ~attempts.c.used),
            func.count().filter(attempts.c.used, ~is_known).label("left_out"),
        )
        .group_by(attempts.c.job_id)
        .subquery()
    )


def _sum(amount: ColumnElement[Any], name: str, *of: ColumnElement[bool]) -> Label[int]:
    """Of those rows for which all of that holds, 0 if there are none. PostgreSQL's sum of bigints is a numeric."""
    added = func.sum(amount)
    return cast(func.coalesce(added.filter(*of) if of else added, 0), BigInteger).label(name)
