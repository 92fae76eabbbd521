"""Attempt rows: every paid call, from the intention to what it cost. What they cost is never fenced by an epoch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, func, insert, select, update

from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject, Target, Usage, Value
from providers.errors import ContentFiltered

_NOW: Final = func.clock_timestamp()


class AttemptRow(Value):
    """An attempt as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    job_id: str
    seat: int
    epoch: int
    rung: int
    target: str
    state: AttemptState
    bound_micro_usd: int
    cost_micro_usd: int
    model_served: str | None
    error: JsonObject | None
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


def intend(
    connection: Connection, attempt_id: str, claim: Claim, *, rung: int, target: Target, bound_micro_usd: int
) -> None:
    connection.execute(
        insert(attempts).values(
            id=attempt_id,
            job_id=claim.job,
            seat=claim.seat,
            epoch=claim.epoch,
            rung=rung,
            target=str(target),
            state=AttemptState.INTENDED,
            bound_micro_usd=bound_micro_usd,
        )
    )


def send(connection: Connection, attempt_id: str, claim: Claim) -> bool:
    """Mark it as sent, right before the first byte. False: the seat is not this claim's any more: send nothing.

    The seat's row is locked against change meanwhile: a cancel that has returned is seen here, without a gap.
    """
    held = (
        select(seats.c.seat)
        .where(
            seats.c.job_id == claim.job,
            seats.c.seat == claim.seat,
            seats.c.epoch == claim.epoch,
            seats.c.status == SeatStatus.RUNNING,
            seats.c.lease_until > _NOW,
        )
        .with_for_update(read=True)
        .cte("held")
    )
    sent = connection.execute(
        update(attempts)
        .where(
            attempts.c.id == attempt_id,
            attempts.c.state == AttemptState.INTENDED,
            select(held.c.seat).exists(),
        )
        .values(state=AttemptState.SENT, sent_at=_NOW)
    )
    return sent.rowcount == 1


def answer(
    connection: Connection,
    attempt_id: str,
    *,
    cost_micro_usd: int,
    model_served: str,
    request_id: str | None,
    usage: Usage,
    error: JsonObject | None = None,
) -> bool:
    """The provider replied: what it said and what that costs. False: the attempt had been written off meanwhile."""
    return _end(
        connection,
        attempt_id,
        AttemptState.ANSWERED,
        cost_micro_usd=cost_micro_usd,
        model_served=model_served,
        request_id=request_id,
        usage=usage.model_dump(),
        error=error,
    )


def end(
    connection: Connection, attempt_id: str, state: AttemptState, *, cost_micro_usd: int, error: JsonObject
) -> bool:
    """The attempt brought no reply. False: it had ended before."""
    return _end(connection, attempt_id, state, cost_micro_usd=cost_micro_usd, error=error)


def was_sent(connection: Connection, attempt_id: str) -> bool:
    """Whether the first byte may have left."""
    found = connection.execute(select(attempts.c.sent_at).where(attempts.c.id == attempt_id)).scalar_one_or_none()
    return found is not None


def unusable(connection: Connection, job_id: str) -> int:
    """How many answers of a job were paid for and could not be read."""
    return connection.execute(
        select(func.count())
        .select_from(attempts)
        .where(attempts.c.job_id == job_id, attempts.c.state == AttemptState.ANSWERED, attempts.c.error.is_not(None))
    ).scalar_one()


class Tally(Value):
    """What a seat's attempts came to: how many may have to be paid, how many ended because content was refused."""

    billed: int
    filtered: int


def tally(connection: Connection, job_id: str, seat: int) -> Tally:
    """Count a seat's attempts, those of its earlier claims included."""
    paid = attempts.c.state.in_([AttemptState.SENT, AttemptState.ANSWERED, AttemptState.AMBIGUOUS])
    refused = attempts.c.error["code"].astext == ContentFiltered.code
    statement = select(func.count().filter(paid).label("billed"), func.count().filter(refused).label("filtered"))
    row = connection.execute(statement.where(attempts.c.job_id == job_id, attempts.c.seat == seat)).one()
    return Tally(billed=row.billed, filtered=row.filtered)


def abandoned(connection: Connection, job_id: str, seat: int, epoch: int) -> Sequence[AttemptRow]:
    """The attempts of a claim that its holder never ended."""
    rows = connection.execute(
        select(attempts).where(
            attempts.c.job_id == job_id,
            attempts.c.seat == seat,
            attempts.c.epoch == epoch,
            attempts.c.state.in_([AttemptState.INTENDED, AttemptState.SENT]),
        )
    ).mappings()
    return [AttemptRow.model_validate(dict(row)) for row in rows]


def of_job(connection: Connection, job_id: str) -> Sequence[AttemptRow]:
    """All attempts of a job, oldest first."""
    rows = connection.execute(
        select(attempts).where(attempts.c.job_id == job_id).order_by(attempts.c.created_at)
    ).mappings()
    return [AttemptRow.model_validate(dict(row)) for row in rows]


def _end(connection: Connection, attempt_id: str, state: AttemptState, **values: object) -> bool:
    changed = connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt_id, attempts.c.state.in_([AttemptState.INTENDED, AttemptState.SENT]))
        .values(state=state, ended_at=_NOW, **values)
    )
    return changed.rowcount == 1
