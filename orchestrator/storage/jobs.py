"""Job rows. Every change of a job raises its version by one and writes the event of that number in the same
transaction: versions never go back, and a job's events have no gaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, JsonValue
from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.errors import NotFound
from orchestrator.ids import new_id
from orchestrator.storage.tables import attempts, events, idempotency_keys, jobs, results
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import OPEN, JobStatus, may_become
from orchestrator.work.lanes import Lane
from providers.calls import JsonObject, Value

EventType: TypeAlias = Literal[
    "job.queued",
    "job.started",
    "seat.attempted",
    "seat.failed_over",
    "seat.answered",
    "seat.failed",
    "job.synthesizing",
    "job.succeeded",
    "job.failed",
    "job.canceled",
    "job.expired",
]

_NOW: Final = func.clock_timestamp()

# Built once, not at each call: every job reads these several times.
_HELD: Final = (
    select(func.coalesce(func.sum(attempts.c.bound_micro_usd), 0))
    .where(
        attempts.c.tenant_id == jobs.c.tenant_id,
        attempts.c.job_id == jobs.c.id,
        attempts.c.state == AttemptState.SENT,
    )
    .scalar_subquery()
    .label("held_micro_usd")
)
_READ: Final = select(jobs, _HELD).where(jobs.c.id == bindparam("job"))
_READ_RESULT: Final = select(results.c.analysis).where(results.c.job_id == bindparam("job"))
_NOTE: Final = insert(events).inline()
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
)


class JobRow(Value):
    """A job as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant_id: str
    id: str
    version: int
    status: JobStatus
    transcript_id: str
    boundary: str
    strategy_asked: str
    strategy_planned: str
    strategy_ran: str | None
    strategy_reason: str
    policy: str
    policy_planned: str | None
    cheaper_because: str | None
    project: str | None
    priority: Lane
    quorum: int
    open_seats: int
    context: JsonObject
    catalog_version: str
    prompt_version: str
    label: str | None
    degradations: list[JsonValue]
    bound_micro_usd: int
    expected_micro_usd: int
    spent_micro_usd: int
    held_micro_usd: int = 0  # the bounds of its calls under way, where it was asked for
    reference: str | None
    tags: list[str]
    metadata: dict[str, str]
    error: JsonObject | None
    synthesis_epoch: int
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    finished_at: datetime | None
    deadline_at: datetime


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
    at: datetime


def add(connection: Connection, values: Mapping[str, object], *, deadline_s: float, dispatched: bool = True) -> None:
    """Insert a queued job and its first event. Not `dispatched`: it waits for its turn."""
    deadline = _in(deadline_s)
    goes = {"dispatched_at": _NOW if dispatched else None}
    connection.execute(insert(jobs).values(**values, **goes, status=JobStatus.QUEUED, deadline_at=deadline))
    _note(connection, str(values["id"]), 1, "job.queued", {})


def read(connection: Connection, job_id: str) -> JobRow:
    """Raises NotFound: the transaction's tenant has no such job."""
    row = connection.execute(_READ, {"job": job_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return JobRow.model_validate(dict(row))


def page(connection: Connection, conditions: Iterable[ColumnElement[bool]], limit: int) -> list[JobRow]:
    """The newest `limit` jobs of the transaction's tenant that meet all conditions."""
    rows = connection.execute(select(jobs, _HELD).where(*conditions).order_by(jobs.c.id.desc()).limit(limit)).mappings()
    return [JobRow.model_validate(dict(row)) for row in rows]


def note(connection: Connection, job_id: str, event: EventType, data: JsonObject, **changes: object) -> Change | None:
    """Change an open job without moving it, and write the event. None: the job has ended meanwhile."""
    return _change(connection, job_id, _changing(OPEN, tuple(changes)), event, data, changes)


def move(
    connection: Connection, job_id: str, to: JobStatus, event: EventType, data: JsonObject, **changes: object
) -> Change | None:
    """Move a job to another state, if it stands in one from which that is legal. None: it does not; nothing changed."""
    moved = {**changes, "status": to}
    return _change(connection, job_id, _changing(may_become(to), tuple(moved)), event, data, moved)


def count_out(
    connection: Connection,
    job_id: str,
    event: EventType,
    data: JsonObject,
    *,
    answered: bool = False,
    cost_micro_usd: int = 0,
) -> Change | None:
    """Count one ended seat, and what its answer cost, out of an open job's panel. The row tells how many are left.

    Exact under concurrency: the decrement waits for the row's lock and reads the row as it then stands.
    """
    sums = {"answered": int(answered), "cost": cost_micro_usd}
    return _change(connection, job_id, _counting(), event, data, sums)


def set_late(connection: Connection, job_id: str, after_s: float) -> None:
    """From then on its seats that have not ended are late."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(late_at=_in(after_s)))


def claim_synthesis(connection: Connection, job_id: str, lease_s: float) -> JobRow | None:
    """Take the synthesis of a closed panel, or take it over from a process whose lease ran out.

    The compare-and-set that lets one ring of the chord win. `synthesis_epoch` tells the claims apart.
    """
    taken = (jobs.c.status == JobStatus.RUNNING) | (
        (jobs.c.status == JobStatus.SYNTHESIZING) & (jobs.c.synthesis_lease_until < _NOW)
    )
    statement = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.open_seats == 0, taken)
        .values(
            status=JobStatus.SYNTHESIZING,
            version=jobs.c.version + 1,
            synthesis_epoch=jobs.c.synthesis_epoch + 1,
            synthesis_lease_until=_in(lease_s),
        )
        .returning(jobs)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    job = JobRow.model_validate(dict(row))
    _note(connection, job.id, job.version, "job.synthesizing", {})
    return job


def spend(connection: Connection, job_id: str, cost_micro_usd: int) -> None:
    """Add to what the job has cost, whatever state it is in: a paid answer is a fact."""
    connection.execute(
        update(jobs).where(jobs.c.id == job_id).values(spent_micro_usd=jobs.c.spent_micro_usd + cost_micro_usd)
    )


def spent(connection: Connection, job_id: str) -> int:
    """What the job has cost so far, this transaction's own changes included."""
    found: int = connection.execute(select(jobs.c.spent_micro_usd).where(jobs.c.id == job_id)).scalar_one()
    return found


def add_result(connection: Connection, job_id: str, analysis: JsonObject) -> None:
    """One result per job: a second one breaks the primary key."""
    connection.execute(insert(results).values(job_id=job_id, analysis=analysis))


def read_result(connection: Connection, job_id: str) -> JsonObject | None:
    found: JsonObject | None = connection.execute(_READ_RESULT, {"job": job_id}).scalar_one_or_none()
    return found


def remember_key(connection: Connection, key: str, request_digest: bytes, job_id: str) -> tuple[str, bytes] | None:
    """Bind an Idempotency-Key to a job; None if it was free, else the job and the digest that it is bound to.

    Waits for a transaction that is binding the same key, so that of two at once one makes the job.
    """
    row = {"key": key, "request_digest": request_digest, "job_id": job_id}
    statement = upsert(idempotency_keys).values(**row).on_conflict_do_nothing().returning(idempotency_keys.c.key)
    if connection.execute(statement).one_or_none() is not None:
        return None
    return of_key(connection, key)


def of_key(connection: Connection, key: str) -> tuple[str, bytes] | None:
    """The job and the digest that an Idempotency-Key is bound to; None: it is free."""
    held = connection.execute(select(idempotency_keys).where(idempotency_keys.c.key == key)).one_or_none()
    return None if held is None else (held.job_id, bytes(held.request_digest))


def unannounced(connection: Connection, job_id: str) -> Sequence[int]:
    """Mark the job's news as announced; returns the numbers of the events that were not."""
    return (
        connection.execute(
            update(events)
            .where(events.c.job_id == job_id, events.c.announced_at.is_(None))
            .values(announced_at=_NOW)
            .returning(events.c.sequence)
        )
        .scalars()
        .all()
    )


def _change(
    connection: Connection,
    job_id: str,
    statement: Select[Any],
    event: EventType,
    data: JsonObject,
    values: Mapping[str, object],
) -> Change | None:
    noted = {"of_job": job_id, "event": new_id("evt"), "event_type": event, "event_data": data}
    row = connection.execute(statement, {**{f"new_{name}": value for name, value in values.items()}, **noted})
    found = row.mappings().one_or_none()
    return None if found is None else Change.model_validate(dict(found))


@cache
def _changing(standing: frozenset[JobStatus], columns: tuple[str, ...]) -> Select[Any]:
    """The statement that sets these columns of a job that stands in one of those states. Few differ; each is kept."""
    values = {name: bindparam(f"new_{name}", type_=jobs.c[name].type) for name in columns}
    return _with_event(standing, values)


@cache
def _counting() -> Select[Any]:
    values: dict[str, ColumnElement[object]] = {
        "open_seats": jobs.c.open_seats - 1,
        "answered_seats": jobs.c.answered_seats + bindparam("new_answered", type_=jobs.c.answered_seats.type),
        "closed_at": case((jobs.c.open_seats == 1, _NOW), else_=jobs.c.closed_at),
        "spent_micro_usd": jobs.c.spent_micro_usd + bindparam("new_cost", type_=jobs.c.spent_micro_usd.type),
    }
    return _with_event(OPEN, values)


def _with_event(standing: frozenset[JobStatus], values: Mapping[str, ColumnElement[object]]) -> Select[Any]:
    """Change and event in one statement: half the round trips while the job's row is locked."""
    changed = (
        update(jobs)
        .where(jobs.c.id == bindparam("of_job"), jobs.c.status.in_(sorted(standing)))
        .values(version=jobs.c.version + 1, **values)
        .returning(*_KEPT, _NOW.label("at"))
        .cte("changed")
    )
    event = select(
        changed.c.id,
        changed.c.version,
        bindparam("event", type_=events.c.id.type),
        bindparam("event_type", type_=events.c.type.type),
        bindparam("event_data", type_=events.c.data.type),
    )
    noted = insert(events).from_select(["job_id", "sequence", "id", "type", "data"], event).cte("noted")
    return select(*changed.c).add_cte(noted)


def _note(connection: Connection, job_id: str, sequence: int, event: EventType, data: JsonObject) -> None:
    row = {"job_id": job_id, "sequence": sequence, "id": new_id("evt"), "type": event, "data": data}
    connection.execute(_NOTE, row)


def _in(seconds: float) -> ColumnElement[datetime]:
    return _NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
