"""The statements by which a job's row changes: each raises its version and writes the event of that number at once, in
half the round trips while the row is locked. Each is built once and kept.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, case, func, insert, literal, select, union_all, update

from orchestrator.storage.tables import events, jobs, seats
from orchestrator.work.jobs import OPEN, RETRIABLE, JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.seats import ANALYST, SeatStatus
from providers.calls import Value

_NOW: Final = func.clock_timestamp()
_KEPT: Final = (
    jobs.c.id,
    jobs.c.version,
    jobs.c.open_seats,
    jobs.c.answered_seats,
    jobs.c.quorum,
    jobs.c.priority,
    jobs.c.started_at,
    jobs.c.deadline_at,
    jobs.c.late_at,
    jobs.c.batch_id,
)


class Change(Value):
    """What is left of a job's row after a change: enough to go on by. `at` is when, on the database's clock."""

    id: str
    version: int
    open_seats: int
    answered_seats: int
    quorum: int
    priority: Lane
    started_at: datetime | None
    deadline_at: datetime
    late_at: datetime | None
    batch_id: str | None = None
    at: datetime


@cache
def setting(standing: frozenset[JobStatus], columns: tuple[str, ...]) -> Select[Any]:
    """The statement that sets these columns of a job that stands in one of those states. Few differ; each is kept."""
    values = {name: bindparam(f"new_{name}", type_=jobs.c[name].type) for name in columns}
    return _with_event(standing, values)


@cache
def counting(*, found: bool) -> Select[Any]:
    """`found`: a second event is written behind the first, and the version raised by two."""
    values: dict[str, ColumnElement[object]] = {
        "open_seats": jobs.c.open_seats - 1,
        "answered_seats": jobs.c.answered_seats + bindparam("new_answered", type_=jobs.c.answered_seats.type),
        "closed_at": case((jobs.c.open_seats == 1, _NOW), else_=jobs.c.closed_at),
        "spent_micro_usd": jobs.c.spent_micro_usd + bindparam("new_cost", type_=jobs.c.spent_micro_usd.type),
    }
    return _with_event(OPEN, values, ("event", "also") if found else ("event",))


@cache
def reopening(*, whole: bool, dispatched: bool) -> Select[Any]:
    answered = (seats.c.status == SeatStatus.ANSWERED) & (seats.c.role == ANALYST)
    seats_with_answer = select(func.count()).select_from(seats).where(seats.c.job_id == jobs.c.id, answered)
    values: dict[str, ColumnElement[Any] | None] = {
        "status": literal(JobStatus.RUNNING if whole else JobStatus.QUEUED),
        "retries": jobs.c.retries + 1,
        "open_seats": bindparam("new_missing", type_=jobs.c.open_seats.type),
        "answered_seats": seats_with_answer.scalar_subquery(),
        "deadline_at": _NOW + (jobs.c.deadline_at - func.greatest(jobs.c.created_at, jobs.c.not_before)),
        # It goes at once: a moment that is yet to come is now.
        "not_before": case((jobs.c.not_before > _NOW, _NOW), else_=jobs.c.not_before),
        "scheduled_for": None,
        "dispatched_at": _NOW if dispatched else None,
        "paused_at": None,
        "closed_at": _NOW if whole else None,
        "synthesis_epoch": literal(0),
        **dict.fromkeys(("finished_at", "late_at", "rung_at", "synthesis_lease_until", "error"), None),
    }
    return _with_event(RETRIABLE, values)


def _with_event(
    standing: frozenset[JobStatus], values: Mapping[str, ColumnElement[Any] | None], told: tuple[str, ...] = ("event",)
) -> Select[Any]:
    """Change and events in one statement: half the round trips while the job's row is locked. Nothing erased changes.

    Args:
        told: what the parameters of each event's id, type and data begin with, in the order of their numbers.
    """
    changed = (
        update(jobs)
        .where(jobs.c.id == bindparam("of_job"), jobs.c.status.in_(sorted(standing)), jobs.c.erased_at.is_(None))
        .values(version=jobs.c.version + len(told), **values)
        .returning(*_KEPT, _NOW.label("at"))
        .cte("changed")
    )
    each = [
        select(
            changed.c.id,
            changed.c.version - behind,
            bindparam(name, type_=events.c.id.type),
            bindparam(f"{name}_type", type_=events.c.type.type),
            bindparam(f"{name}_data", type_=events.c.data.type),
        )
        for behind, name in enumerate(reversed(told))
    ]
    rows = each[0] if len(each) == 1 else union_all(*each)
    noted = insert(events).from_select(["job_id", "sequence", "id", "type", "data"], rows).cte("noted")
    return select(*changed.c).add_cte(noted)
