"""Looks across all tenants for jobs on which nobody works although somebody should. Reads only, but for one mark."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    TableValuedAlias,
    Text,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.storage.tables import attempts, events, jobs, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import OPEN, JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.seats import OPEN as OPEN_SEATS
from orchestrator.work.seats import Ask, SeatStatus

_NOW: Final = func.clock_timestamp()
_STEADY_NOW: Final = func.statement_timestamp()  # one that PostgreSQL can look up in an index
_PROVIDER: Final = func.split_part(seats.c.ladder[seats.c.rung + 1], "/", 1)
_ASK: Final = (seats.c.job_id, seats.c.seat, seats.c.epoch)


def unclaimed(connection: Connection, unclaimed_after_s: float) -> Sequence[tuple[str, Lane]]:
    """Provider and lane of the queues in which asks should stand that nobody has claimed for that long."""
    statement = select(_PROVIDER, seats.c.lane).where(_published_before(unclaimed_after_s)).distinct()
    return [(provider, lane) for provider, lane in connection.execute(statement)]


def unheard(
    connection: Connection, unclaimed_after_s: float, standing: Collection[Ask] | None, limit: int
) -> Sequence[SeatRow]:
    """Seats of open jobs that nobody works on, the longest forgotten first. Not those of jobs that wait for their turn.

    Due but unclaimed since their ask was published, or running under a lease that ran out.

    Args:
        standing: asks that stand in their queues; they are left out here and not by the caller, as many of them would
            leave no place for those that need help. None: nobody can tell, and each is taken to stand there.
    """
    gone = false() if standing is None else tuple_(*_ASK).not_in(select(_unnested(standing)))
    due = or_(
        and_(_published_before(unclaimed_after_s), gone),
        and_(seats.c.status == SeatStatus.PENDING, seats.c.next_at <= _NOW, seats.c.published_at < seats.c.next_at),
        and_(seats.c.status == SeatStatus.RUNNING, seats.c.lease_until < _NOW),
    )
    rows = connection.execute(
        select(seats)
        .join(jobs, and_(jobs.c.tenant_id == seats.c.tenant_id, jobs.c.id == seats.c.job_id))
        .where(
            seats.c.published_at.is_not(None), seats.c.status.in_(list(OPEN_SEATS)), jobs.c.status.in_(list(OPEN)), due
        )
        .order_by(seats.c.published_at)
        .limit(limit)
    ).mappings()
    return [SeatRow.model_validate(dict(row)) for row in rows]


def _published_before(seconds: float) -> ColumnElement[bool]:
    return and_(
        seats.c.status == SeatStatus.PENDING,
        seats.c.published_at < _NOW - func.make_interval(0, 0, 0, 0, 0, 0, seconds),
        or_(seats.c.next_at.is_(None), seats.c.next_at <= _NOW),
    )


def _unnested(asks: Collection[Ask]) -> TableValuedAlias:
    arrays = func.unnest(
        literal([ask.job for ask in asks], ARRAY(Text)),
        literal([ask.seat for ask in asks], ARRAY(Integer)),
        literal([ask.epoch for ask in asks], ARRAY(Integer)),
    )
    return arrays.table_valued("job_id", "seat", "epoch").render_derived()


def unsynthesised(connection: Connection, quiet_s: float, limit: int) -> Sequence[str]:
    """Jobs whose panel closed a while ago and whose synthesis nobody holds, the oldest first."""
    quiet = _NOW - func.make_interval(0, 0, 0, 0, 0, 0, quiet_s)
    unheld = or_(jobs.c.synthesis_lease_until.is_(None), jobs.c.synthesis_lease_until < _NOW)
    statement = (
        select(jobs.c.id)
        .where(
            jobs.c.finished_at.is_(None),
            jobs.c.status.in_([JobStatus.RUNNING, JobStatus.SYNTHESIZING]),
            jobs.c.open_seats == 0,
            jobs.c.closed_at < quiet,
            unheld,
            or_(jobs.c.rung_at.is_(None), jobs.c.rung_at < quiet),
        )
        .order_by(jobs.c.closed_at)
        .limit(limit)
    )
    return connection.execute(statement).scalars().all()


def overdue(connection: Connection, limit: int) -> Sequence[str]:
    """Open jobs past their deadline, the most overdue first. While one is paused, its deadline does not count."""
    statement = (
        select(jobs.c.id)
        .where(
            jobs.c.finished_at.is_(None),
            jobs.c.paused_at.is_(None),
            jobs.c.status.in_(list(OPEN)),
            jobs.c.deadline_at < _STEADY_NOW,
        )
        .order_by(jobs.c.deadline_at)
        .limit(limit)
    )
    return connection.execute(statement).scalars().all()


def late(connection: Connection, limit: int) -> Sequence[str]:
    """Open panels whose quorum has waited long enough for the rest, the latest first."""
    statement = (
        select(jobs.c.id)
        .where(jobs.c.finished_at.is_(None), jobs.c.closed_at.is_(None), jobs.c.late_at < _STEADY_NOW)
        .order_by(jobs.c.late_at)
        .limit(limit)
    )
    return connection.execute(statement).scalars().all()


def silent(connection: Connection, quiet_s: float, limit: int) -> Sequence[str]:
    """Ended jobs with news that nobody announced."""
    quiet = _NOW - func.make_interval(0, 0, 0, 0, 0, 0, quiet_s)
    statement = (
        select(events.c.job_id)
        .join(jobs, (jobs.c.tenant_id == events.c.tenant_id) & (jobs.c.id == events.c.job_id))
        .where(
            events.c.announced_at.is_(None),
            events.c.at < quiet,
            jobs.c.finished_at.is_not(None),
            # An announcement that is on its way is not sent again: a delivery worker that is away finds one, not many.
            or_(jobs.c.rung_at.is_(None), jobs.c.rung_at < quiet),
        )
        .distinct()
        .limit(limit)
    )
    return connection.execute(statement).scalars().all()


def left_behind(connection: Connection, quiet_s: float, limit: int) -> Sequence[Claim]:
    """Claims with an attempt that nobody will end: their seat has ended or is somebody else's, the oldest first."""
    quiet = _NOW - func.make_interval(0, 0, 0, 0, 0, 0, quiet_s)
    same_seat = (
        (seats.c.tenant_id == attempts.c.tenant_id)
        & (seats.c.job_id == attempts.c.job_id)
        & (seats.c.seat == attempts.c.seat)
    )
    held = (seats.c.status == SeatStatus.RUNNING) & (seats.c.epoch == attempts.c.epoch)
    statement = (
        select(attempts.c.job_id, attempts.c.seat, attempts.c.epoch)
        .join(seats, same_seat)
        .where(attempts.c.state.in_([AttemptState.INTENDED, AttemptState.SENT]), attempts.c.created_at < quiet, ~held)
        .order_by(attempts.c.created_at)
        .limit(limit)
    )
    rows = connection.execute(statement)
    return [Claim(job=row.job_id, seat=row.seat, epoch=row.epoch) for row in rows]


def mark_rung(connection: Connection, job_id: str) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(rung_at=_NOW))
