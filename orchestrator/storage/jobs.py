"""Job rows. Every change of a job raises its version and writes the event of that number in the same transaction (a
seat's answer two of them): versions never go back, and a job's events have no gaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from pydantic import ConfigDict, JsonValue
from sqlalchemy import ColumnElement, Connection, Float, Select, bindparam, func, insert, select, update

from orchestrator.errors import Erased, NotFound
from orchestrator.ids import new_id
from orchestrator.storage import batch_ends
from orchestrator.storage import changes as statements
from orchestrator.storage.changes import Change
from orchestrator.storage.tables import attempts, events, jobs
from orchestrator.work import schedule
from orchestrator.work.attempts import AttemptState
from orchestrator.work.events import JobEventType
from orchestrator.work.jobs import OPEN, TERMINAL, JobStatus, may_become
from orchestrator.work.lanes import Lane
from providers.calls import JsonObject, Value

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
_NOTE: Final = insert(events).inline()
_UNHELD: Final = jobs.c.synthesis_lease_until.is_(None) | (jobs.c.synthesis_lease_until < _NOW)
_CLAIM_SYNTHESIS: Final = (
    update(jobs)
    .where(
        jobs.c.id == bindparam("of_job"),
        jobs.c.open_seats == 0,
        (jobs.c.status == JobStatus.RUNNING) | ((jobs.c.status == JobStatus.SYNTHESIZING) & _UNHELD),
    )
    .values(
        status=JobStatus.SYNTHESIZING,
        version=jobs.c.version + 1,
        synthesis_epoch=jobs.c.synthesis_epoch + 1,
        synthesis_lease_until=_NOW + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease_s", type_=Float)),
    )
    .returning(jobs)
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
    callers: list[JsonValue]
    records: JsonObject | None
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
    replay_of: str | None = None
    may_call: bool = False
    batch_id: str | None = None
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    finished_at: datetime | None
    deadline_at: datetime
    not_before: datetime | None = None
    erased_at: datetime | None = None


def add(
    connection: Connection,
    values: Mapping[str, object],
    *,
    deadline_s: float,
    dispatched: bool = True,
    paused: bool = False,
    due: datetime | None = None,
) -> None:
    """Insert a queued job and its first event. Not `dispatched`: it waits for its turn. `paused`: not even that; `due`:
    not before that moment, from which `deadline_s` counts.
    """
    goes = {
        "dispatched_at": _NOW if dispatched else None,
        "paused_at": _NOW if paused else None,
        "not_before": due,
        "scheduled_for": due,
        "deadline_at": _in(deadline_s) if due is None else due + timedelta(seconds=deadline_s),
    }
    connection.execute(insert(jobs).values(**values, **goes, status=JobStatus.QUEUED))
    _note(connection, str(values["id"]), 1, "job.queued", {} if due is None else {"not_before": schedule.told(due)})


def read(connection: Connection, job_id: str) -> JobRow:
    """Raises NotFound: the transaction's tenant has no such job."""
    row = connection.execute(_READ, {"job": job_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return JobRow.model_validate(dict(row))


def whole(connection: Connection, job_id: str) -> JobRow:
    """A job whose content is there.

    Raises:
        NotFound: the transaction's tenant has no such job.
        Erased: there is nothing left of what was said.
    """
    row = read(connection, job_id)
    if row.erased_at is not None:
        raise Erased("What was said in this job has been erased.")
    return row


def hold(connection: Connection, job_id: str) -> JobRow:
    """Read a job and keep its row until the transaction ends: content that comes for it meanwhile waits, too.

    Raises:
        NotFound: the transaction's tenant has no such job.
    """
    connection.execute(select(jobs.c.id).where(jobs.c.id == job_id).with_for_update())
    return read(connection, job_id)


def blank(connection: Connection, job_id: str, **changes: object) -> Change | None:
    """Note that an ended job's content has been erased. None: it has not ended."""
    return _change(connection, job_id, statements.setting(TERMINAL, tuple(changes)), "job.erased", {}, changes)


def page(connection: Connection, conditions: Iterable[ColumnElement[bool]], limit: int) -> list[JobRow]:
    """The newest `limit` jobs of the transaction's tenant that meet all conditions."""
    rows = connection.execute(select(jobs, _HELD).where(*conditions).order_by(jobs.c.id.desc()).limit(limit)).mappings()
    return [JobRow.model_validate(dict(row)) for row in rows]


def note(
    connection: Connection, job_id: str, event: JobEventType, data: JsonObject, **changes: object
) -> Change | None:
    """Change an open job without moving it, and write the event. None: the job has ended meanwhile."""
    return _change(connection, job_id, statements.setting(OPEN, tuple(changes)), event, data, changes)


def move(
    connection: Connection, job_id: str, to: JobStatus, event: JobEventType, data: JsonObject, **changes: object
) -> Change | None:
    """Move a job to another state, if it stands in one from which that is legal. None: it does not; nothing changed.

    The end of a batch's last job is the end of the batch.
    """
    moved = {**changes, "status": to}
    changed = _change(connection, job_id, statements.setting(may_become(to), tuple(moved)), event, data, moved)
    if changed is not None and changed.batch_id is not None and to in TERMINAL:
        batch_ends.count_out(connection, changed.batch_id)
    return changed


def reopen(connection: Connection, job_id: str, *, missing: int, dispatched: bool) -> Change | None:
    """Have an ended job go on with its `missing` seats open, as long again as it had. None: it has not ended, or well.

    One with no seat missing has its panel closed, and waits for its synthesis.
    """
    statement = statements.reopening(whole=not missing, dispatched=dispatched)
    changed = _change(connection, job_id, statement, "job.queued", {}, {"missing": missing})
    if changed is not None and changed.batch_id is not None:
        batch_ends.count_in(connection, changed.batch_id)
    return changed


def count_out(
    connection: Connection,
    job_id: str,
    event: JobEventType,
    data: JsonObject,
    *,
    answered: bool = False,
    cost_micro_usd: int = 0,
    found: JsonObject | None = None,
) -> Change | None:
    """Count one ended seat, and what its answer cost, out of an open job's panel. The row tells how many are left.

    Exact under concurrency: the decrement waits for the row's lock and reads the row as it then stands.

    Args:
        found: the data of an `items.found` that follows the event at once, in the same statement.
    """
    sums: dict[str, object] = {"answered": int(answered), "cost": cost_micro_usd}
    also = None if found is None else {"also": new_id("evt"), "also_type": "items.found", "also_data": found}
    return _change(connection, job_id, statements.counting(found=found is not None), event, data, sums, also or {})


def set_late(connection: Connection, job_id: str, after_s: float) -> None:
    """From then on its seats that have not ended are late."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(late_at=_in(after_s)))


def claim_synthesis(connection: Connection, job_id: str, lease_s: float) -> JobRow | None:
    """Take the synthesis of a closed panel, or take it over from a process whose lease ran out, or go on with it once
    its question has been answered.

    The compare-and-set that lets one ring of the chord win. `synthesis_epoch` tells the claims apart.
    """
    row = connection.execute(_CLAIM_SYNTHESIS, {"of_job": job_id, "lease_s": lease_s}).mappings().one_or_none()
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


def unannounced(connection: Connection, job_id: str) -> Sequence[int]:
    """Mark the job's news as announced; returns the numbers of the events that were not.

    They are locked in their order: whoever gives numbers to the tenant's events locks them in the same (see feed.py).
    """
    mine = events.c.job_id == job_id, events.c.announced_at.is_(None)
    locked = select(events.c.id).where(*mine).order_by(events.c.sequence).with_for_update().cte("locked")
    marked = update(events).where(events.c.id == locked.c.id).values(announced_at=_NOW).returning(events.c.sequence)
    return connection.execute(marked).scalars().all()


def _change(
    connection: Connection,
    job_id: str,
    statement: Select[Any],
    event: JobEventType,
    data: JsonObject,
    values: Mapping[str, object],
    also: Mapping[str, object] = MappingProxyType({}),
) -> Change | None:
    noted = {"of_job": job_id, "event": new_id("evt"), "event_type": event, "event_data": data, **also}
    row = connection.execute(statement, {**{f"new_{name}": value for name, value in values.items()}, **noted})
    found = row.mappings().one_or_none()
    return None if found is None else Change.model_validate(dict(found))


def _note(connection: Connection, job_id: str, sequence: int, event: JobEventType, data: JsonObject) -> None:
    row = {"job_id": job_id, "sequence": sequence, "id": new_id("evt"), "type": event, "data": data}
    connection.execute(_NOTE, row)


def _in(seconds: float) -> ColumnElement[datetime]:
    return _NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
