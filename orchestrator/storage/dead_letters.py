"""Jobs that ended badly: which there are and why, and those that a caller means. All are the transaction's tenant's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Column, ColumnElement, Connection, Text, cast, func, select, text

from orchestrator.storage.tables import jobs, seats
from orchestrator.work.jobs import JobStatus
from providers.calls import Value

UNASKED: Final = (JobStatus.FAILED, JobStatus.EXPIRED)  # what a caller ended itself is told only if it is asked for

# In the words of the index, with which it is found.
_DEAD: Final = text("jobs.status IN ('failed', 'expired', 'canceled')")
_REASON: Final = func.coalesce(jobs.c.error["code"].astext, cast(jobs.c.status, Text)).label("reason")
_SHOWN: Final[tuple[Column[object], ...]] = tuple(
    jobs.c[name]
    for name in ("id", "status", "retries", "spent_micro_usd", "reference", "batch_id", "erased_at", "created_at")
)


class Which(Value):
    """Which of them are meant; None: whatever it is. `status` None: all that nobody canceled. `seat_reason`: why some
    seat of theirs has no answer.
    """

    status: JobStatus | None = None
    reason: str | None = None
    seat_reason: str | None = None
    reference: str | None = None
    tag: str | None = None
    project: str | None = None
    batch_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


class DeadLetter(Value):
    """`reason`: a code, `detail` its sentence."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    status: JobStatus
    reason: str
    detail: str | None
    retries: int
    spent_micro_usd: int
    reference: str | None
    batch_id: str | None
    erased_at: datetime | None
    created_at: datetime
    finished_at: datetime


class LostSeat(Value):
    """How a seat of such a job ended; what has an answer is not asked again."""

    job_id: str
    seat: int
    asked: str
    status: str
    reason: str | None
    attempts: int


class Tally(Value):
    """How many ended so."""

    status: JobStatus
    reason: str
    jobs: int


def page(connection: Connection, which: Which, limit: int, before: str | None = None) -> list[DeadLetter]:
    """The newest `limit` of them, those before that job's id."""
    conditions = [*_conditions(which), *([] if before is None else [jobs.c.id < before])]
    detail = jobs.c.error["detail"].astext.label("detail")
    asked = select(*_SHOWN, jobs.c.finished_at, _REASON, detail).where(*conditions).order_by(jobs.c.id.desc())
    return [DeadLetter.model_validate(dict(row)) for row in connection.execute(asked.limit(limit)).mappings()]


def seats_of(connection: Connection, job_ids: Sequence[str]) -> dict[str, tuple[LostSeat, ...]]:
    """All seats of these jobs, in their order."""
    columns = (seats.c[name] for name in LostSeat.model_fields)
    asked = select(*columns).where(seats.c.job_id.in_(job_ids)).order_by(seats.c.job_id, seats.c.seat)
    found: dict[str, tuple[LostSeat, ...]] = dict.fromkeys(job_ids, ())
    for row in connection.execute(asked).mappings():
        found[row["job_id"]] = (*found[row["job_id"]], LostSeat.model_validate(dict(row)))
    return found


def tallies(connection: Connection, which: Which, most: int) -> list[Tally]:
    """How many there are by status and reason, the most frequent first; of the newest `most` of them alone."""
    newest = select(jobs.c.status, _REASON).where(*_conditions(which)).order_by(jobs.c.id.desc()).limit(most).subquery()
    many = func.count().label("jobs")
    counted = select(newest.c.status, newest.c.reason, many).group_by(newest.c.status, newest.c.reason)
    rows = connection.execute(counted.order_by(many.desc(), newest.c.reason, newest.c.status)).mappings()
    return [Tally.model_validate(dict(row)) for row in rows]


def oldest(
    connection: Connection,
    which: Which,
    limit: int,
    *,
    up_to: str | None = None,
    ended_before: datetime | None = None,
) -> list[str]:
    """The ids of the oldest `limit` of them that can go on, up to that one and of those that had ended by then."""
    conditions = [*_conditions(which), jobs.c.erased_at.is_(None)]
    if up_to is not None:
        conditions.append(jobs.c.id <= up_to)
    if ended_before is not None:
        conditions.append(jobs.c.finished_at <= ended_before)
    return list(connection.execute(select(jobs.c.id).where(*conditions).order_by(jobs.c.id).limit(limit)).scalars())


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    wanted = UNASKED if which.status is None else (which.status,)
    conditions: list[ColumnElement[bool]] = [_DEAD, jobs.c.status.in_(wanted)]  # type: ignore[list-item]
    for name in ("reference", "project", "batch_id"):
        value = getattr(which, name)
        if value is not None:
            conditions.append(jobs.c[name] == value)
    if which.reason is not None:
        conditions.append(func.coalesce(jobs.c.error["code"].astext, cast(jobs.c.status, Text)) == which.reason)
    if which.seat_reason is not None:
        of_job = (seats.c.tenant_id == jobs.c.tenant_id) & (seats.c.job_id == jobs.c.id)
        conditions.append(select(seats.c.seat).where(of_job, seats.c.reason == which.seat_reason).exists())
    if which.tag is not None:
        conditions.append(jobs.c.tags.contains([which.tag]))
    if which.created_after is not None:
        conditions.append(jobs.c.created_at > which.created_after)
    if which.created_before is not None:
        conditions.append(jobs.c.created_at < which.created_before)
    return conditions
