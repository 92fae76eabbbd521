"""Attempt rows: every paid call, from the intention to what it cost. What they cost is never fenced by an epoch."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts, jobs, seats
from orchestrator.work.attempts import AttemptState
from providers.calls import JsonObject, ServiceTier, Usage, Value
from providers.errors import ContentFiltered

_NOW: Final = func.clock_timestamp()
_OPEN: Final = frozenset({AttemptState.INTENDED, AttemptState.SENT})
_UNKNOWN: Final = _OPEN | {AttemptState.AMBIGUOUS}
_UNUSABLE: Final = (
    select(func.count())
    .select_from(attempts)
    .where(
        attempts.c.job_id == bindparam("of_job"),
        attempts.c.state == AttemptState.ANSWERED,
        attempts.c.error.is_not(None),
    )
)


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
    day: date
    price_version: str
    service_tier: ServiceTier
    model_served: str | None
    error: JsonObject | None
    part: int | None = None
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


class Ended(Value):
    """How an attempt stood before it was ended: its state, and what it was booked at."""

    state: AttemptState
    cost_micro_usd: int


def answer(
    connection: Connection,
    attempt_id: str,
    *,
    cost_micro_usd: int,
    model_served: str,
    request_id: str | None,
    usage: Usage,
    reported_micro_usd: int | None = None,
    error: JsonObject | None = None,
) -> Ended | None:
    """The provider replied: what it said and what that costs. None: this was known before.

    An attempt that had been written off is known after all: the caller corrects what was booked.
    """
    return _end(
        connection,
        attempt_id,
        AttemptState.ANSWERED,
        _UNKNOWN,
        reported_micro_usd=reported_micro_usd,
        cost_micro_usd=cost_micro_usd,
        model_served=model_served,
        request_id=request_id,
        usage=usage.model_dump(),
        error=error,
    )


def end(
    connection: Connection, attempt_id: str, state: AttemptState, *, cost_micro_usd: int, error: JsonObject
) -> Ended | None:
    """The attempt brought no reply. None: it had ended before."""
    return _end(connection, attempt_id, state, _OPEN, cost_micro_usd=cost_micro_usd, error=error)


def is_known(connection: Connection, attempt_id: str) -> bool:
    """Whether the rows know it. PostgreSQL may have crashed and forgotten a claim whose commit was not durable, and its
    epoch may be another holder's by now.
    """
    return connection.execute(select(attempts.c.id).where(attempts.c.id == attempt_id)).one_or_none() is not None


def was_sent(connection: Connection, attempt_id: str) -> bool:
    """Whether the first byte may have left."""
    found = connection.execute(select(attempts.c.sent_at).where(attempts.c.id == attempt_id)).scalar_one_or_none()
    return found is not None


def unusable(connection: Connection, job_id: str) -> int:
    """How many answers of a job were paid for and could not be read."""
    return connection.execute(_UNUSABLE, {"of_job": job_id}).scalar_one()


class Tally(Value):
    """What a seat's attempts came to: how many there were, how many may have to be paid, how many ended because content
    was refused, and of how many the fate is unknown.
    """

    made: int
    billed: int
    filtered: int
    ambiguous: int


def tally(connection: Connection, job_id: str, seat: int, part: int | None = None) -> Tally:
    """Count a seat's attempts, those of its earlier claims included, but none from before the job was retried.

    Args:
        part: that they are about, where the seat is asked in several: each may be tried as often as a whole.
    """
    paid = attempts.c.state.in_([AttemptState.SENT, AttemptState.ANSWERED, AttemptState.AMBIGUOUS])
    refused = attempts.c.error["code"].astext == ContentFiltered.code
    unknown = attempts.c.state == AttemptState.AMBIGUOUS
    statement = select(
        func.count().label("made"),
        func.count().filter(paid).label("billed"),
        func.count().filter(refused).label("filtered"),
        func.count().filter(unknown).label("ambiguous"),
    )
    since = select(seats.c.since_epoch).where(seats.c.job_id == job_id, seats.c.seat == seat).scalar_subquery()
    of_seat = (attempts.c.job_id == job_id, attempts.c.seat == seat, attempts.c.epoch > since)
    alike = attempts.c.part.is_not_distinct_from(part)
    row = connection.execute(statement.where(*of_seat, alike)).one()
    return Tally(made=row.made, billed=row.billed, filtered=row.filtered, ambiguous=row.ambiguous)


class LeftBehind(Value):
    """An attempt that its holder never ended, with what its booking needs to know of the job."""

    tenant_id: str
    id: str
    job_id: str
    seat: int
    epoch: int
    target: str
    state: AttemptState
    bound_micro_usd: int
    day: date
    service_tier: ServiceTier
    created_at: datetime
    project: str | None
    policy: str

    @property
    def claim(self) -> Claim:
        return Claim(job=self.job_id, seat=self.seat, epoch=self.epoch)


def abandoned(connection: Connection, job_id: str, seat: int, epoch: int) -> Sequence[LeftBehind]:
    """The attempts of a claim that its holder never ended."""
    of_attempt = [attempts.c[name] for name in LeftBehind.model_fields if name in attempts.c]
    policy = func.coalesce(jobs.c.policy_planned, jobs.c.policy).label("policy")
    of_its_job = (jobs.c.tenant_id == attempts.c.tenant_id) & (jobs.c.id == attempts.c.job_id)
    rows = connection.execute(
        select(*of_attempt, jobs.c.project, policy)
        .join(jobs, of_its_job)
        .where(
            attempts.c.job_id == job_id,
            attempts.c.seat == seat,
            attempts.c.epoch == epoch,
            attempts.c.state.in_(sorted(_OPEN)),
        )
    ).mappings()
    return [LeftBehind.model_validate(dict(row)) for row in rows]


def of_job(connection: Connection, job_id: str) -> Sequence[AttemptRow]:
    """All attempts of a job, oldest first."""
    rows = connection.execute(
        select(attempts).where(attempts.c.job_id == job_id).order_by(attempts.c.created_at)
    ).mappings()
    return [AttemptRow.model_validate(dict(row)) for row in rows]


def costs(connection: Connection, call_ids: Sequence[str]) -> dict[str, int | None]:
    """What these calls came to; None: not over. Those that no row knows are absent: their intention was undone."""
    rows = connection.execute(
        select(attempts.c.id, attempts.c.state, attempts.c.cost_micro_usd).where(attempts.c.id.in_(call_ids))
    )
    return {row.id: None if row.state in _OPEN else row.cost_micro_usd for row in rows}


def _end(
    connection: Connection,
    attempt_id: str,
    state: AttemptState,
    standing: frozenset[AttemptState],
    **values: object,
) -> Ended | None:
    given = {f"new_{name}": value for name, value in {**values, "state": state}.items()}
    row = connection.execute(_ending(standing, tuple(values)), {**given, "of_attempt": attempt_id}).one_or_none()
    return None if row is None else Ended(state=row.state, cost_micro_usd=row.cost_micro_usd)


@cache
def _ending(standing: frozenset[AttemptState], columns: tuple[str, ...]) -> ReturningUpdate[tuple[str, int]]:
    """The statement that ends an attempt that stands in one of these states. Built once for each set of columns."""
    before = (
        select(attempts.c.id, attempts.c.tenant_id, attempts.c.state, attempts.c.cost_micro_usd)
        .where(attempts.c.id == bindparam("of_attempt"), attempts.c.state.in_(sorted(standing)))
        .with_for_update()
        .cte("before")
    )
    values = {name: bindparam(f"new_{name}", type_=attempts.c[name].type) for name in ("state", *columns)}
    return (
        update(attempts)
        .where(attempts.c.tenant_id == before.c.tenant_id, attempts.c.id == before.c.id)
        .values(ended_at=_NOW, **values)
        .returning(before.c.state, before.c.cost_micro_usd)
    )
