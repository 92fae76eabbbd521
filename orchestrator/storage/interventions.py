"""What becomes of seats by others than their holders: taken from the dead, canceled, opened again.

Whoever works on such a seat loses its claim: its writes are fenced, its call is cut within a second.
"""

from typing import Final

from sqlalchemy import Connection, func, select, update

from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import jobs, seats
from orchestrator.work.jobs import RETRIABLE
from orchestrator.work.seats import ANALYST, OPEN, Bell, Reason, SeatStatus
from providers.calls import Target

_NOW: Final = func.clock_timestamp()


def take_from(connection: Connection, claim: Claim) -> bool:
    """Take a seat from a holder whose lease ran out; it is pending again. False: it was renewed or ended meanwhile."""
    changed = connection.execute(
        update(seats)
        .where(
            seats.c.job_id == claim.job,
            seats.c.seat == claim.seat,
            seats.c.epoch == claim.epoch,
            seats.c.status == SeatStatus.RUNNING,
            seats.c.lease_until < _NOW,
        )
        .values(status=SeatStatus.PENDING, lease_until=None)
    )
    return changed.rowcount == 1


def give_up(connection: Connection, claim: Claim, reason: Reason) -> None:
    """End a seat that was just taken from its holder, in the same transaction."""
    connection.execute(
        update(seats)
        .where(seats.c.job_id == claim.job, seats.c.seat == claim.seat, seats.c.epoch == claim.epoch)
        .values(status=SeatStatus.FAILED, reason=reason, repair=None)
    )


def cancel_open(connection: Connection, job_id: str) -> None:
    """End every seat that has not ended. Whoever works on one loses its claim."""
    connection.execute(
        update(seats)
        .where(seats.c.job_id == job_id, seats.c.status.in_(list(OPEN)))
        .values(status=SeatStatus.CANCELED, lease_until=None, next_at=None, repair=None)
    )


def cancel_late(connection: Connection, job_id: str) -> list[int]:
    """End every seat that has not ended, as late; their numbers. Whoever works on one loses its claim."""
    rows = connection.execute(
        update(seats)
        .where(seats.c.job_id == job_id, seats.c.status.in_(list(OPEN)))
        .values(status=SeatStatus.CANCELED, reason=Reason.LATE, lease_until=None, next_at=None, repair=None)
        .returning(seats.c.seat)
    )
    return sorted(rows.scalars())


def reopen(connection: Connection, job_id: str, *, published: bool) -> list[Bell]:
    """Open the seats of an ended job's panel that brought no answer, from the top of their ladders; whom to ask.

    A job that has not ended, or has succeeded, keeps its seats as they are. Nobody follows another seat any more: what
    that sent is out of the provider's cache by now. Leads and judges are asked anew by the synthesis, if it still wants
    to know.
    """
    ended = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.status.in_(list(RETRIABLE))).exists()
    rows = connection.execute(
        update(seats)
        .where(
            seats.c.job_id == job_id,
            seats.c.role == ANALYST,
            seats.c.status.in_([SeatStatus.FAILED, SeatStatus.CANCELED]),
            ended,
        )
        .values(
            status=SeatStatus.PENDING,
            reason=None,
            rung=0,
            waited=False,
            repair=None,
            claims=0,
            since_epoch=seats.c.epoch,
            follows=None,
            next_at=None,
            published_at=_NOW if published else None,
        )
        .returning(seats.c.seat, seats.c.ladder, seats.c.epoch, seats.c.lane)
    )
    return [
        Bell(job=job_id, seat=row.seat, provider=Target.parse(row.ladder[0]).provider, epoch=row.epoch, lane=row.lane)
        for row in sorted(rows, key=lambda row: row.seat)
    ]
