"""Batch rows, and the lines that were taken into them.

Whoever takes in lines, or changes what a batch's jobs shall do, holds the batch: an advisory lock, taken before any
row, so that the batch's row itself is locked only for the moment in which it is written.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, func, insert, select, text, update

from orchestrator.errors import NotFound
from orchestrator.storage.batch_tables import batch_lines, batches
from orchestrator.storage.locks import OF_BATCH
from orchestrator.storage.tables import jobs
from orchestrator.work.batches import Facts, Tally
from providers.calls import JsonObject, Value

_NOW: Final = func.clock_timestamp()
_HOLD: Final = text(f"SELECT pg_advisory_xact_lock({OF_BATCH}, hashtext(:batch))")


class BatchRow(Facts):
    """A batch as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant_id: str
    id: str
    version: int
    lines: int
    jobs: int
    refused: int
    open_jobs: int
    unsettled: bool
    created_at: datetime


class LineRow(Value):
    """A line that was taken in: the job that it became, or else the problem that it was."""

    line: int
    custom_id: str | None
    digest: bytes
    job_id: str | None = None
    error: JsonObject | None = None


def add(connection: Connection, batch_id: str, *, atomic: bool) -> None:
    connection.execute(insert(batches).values(id=batch_id, atomic=atomic))


def read(connection: Connection, batch_id: str) -> BatchRow:
    """Raises NotFound: the transaction's tenant has no such batch."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return BatchRow.model_validate(dict(row))


def hold(connection: Connection, batch_id: str) -> BatchRow:
    """Let nobody else take lines into it or change its jobs together until the transaction ends; the batch as it is.

    Raises:
        NotFound: the transaction's tenant has no such batch.
    """
    connection.execute(_HOLD, {"batch": batch_id})
    return read(connection, batch_id)


def page(connection: Connection, before: str | None, limit: int) -> list[BatchRow]:
    """The newest batches of the transaction's tenant, below an id if one is named."""
    older = () if before is None else (batches.c.id < before,)
    rows = connection.execute(select(batches).where(*older).order_by(batches.c.id.desc()).limit(limit)).mappings()
    return [BatchRow.model_validate(dict(row)) for row in rows]


def open_jobs(connection: Connection) -> int:
    """Of all open batches of the transaction's tenant together."""
    found = select(func.coalesce(func.sum(batches.c.open_jobs), 0)).where(batches.c.finished_at.is_(None))
    return int(connection.execute(found).scalar_one())


def change(connection: Connection, batch_id: str, **values: object) -> None:
    """Set columns; the version goes up by one."""
    connection.execute(update(batches).where(batches.c.id == batch_id).values(version=batches.c.version + 1, **values))


def set_wish(connection: Connection, batch_id: str, *, paused: bool) -> None:
    """What its caller wishes for its jobs from now on; none of them knows of it yet."""
    change(connection, batch_id, paused_at=_NOW if paused else None, unsettled=True)


def set_open(connection: Connection, batch_id: str) -> None:
    """Until it is received again, it does not end, whatever becomes of its jobs."""
    change(connection, batch_id, received_at=None, touched_at=_NOW)


def set_canceled(connection: Connection, batch_id: str) -> None:
    """From now on it takes nothing in and lets nothing go; none of its jobs knows of it yet."""
    change(connection, batch_id, canceled_at=_NOW, unsettled=True)


def set_settled(connection: Connection, batch_id: str) -> None:
    change(connection, batch_id, unsettled=False)


def digests(connection: Connection, batch_id: str, first: int, last: int) -> Mapping[int, bytes]:
    """Of the lines of that range that were taken in; both ends included."""
    rows = connection.execute(
        select(batch_lines.c.line, batch_lines.c.digest).where(
            batch_lines.c.batch_id == batch_id, batch_lines.c.line.between(first, last)
        )
    )
    return {row.line: bytes(row.digest) for row in rows}


def custom_ids(connection: Connection, batch_id: str, among: Collection[str]) -> set[str]:
    """Those that a line of the batch has already."""
    if not among:
        return set()
    wanted = batch_lines.c.custom_id.in_(sorted(among))
    rows = connection.execute(select(batch_lines.c.custom_id).where(batch_lines.c.batch_id == batch_id, wanted))
    return set(rows.scalars())


def add_lines(connection: Connection, batch_id: str, lines: Sequence[LineRow], *, through: int) -> None:
    """Keep lines whose jobs were stored in this transaction. `through`: no line up to there will be looked at again."""
    if lines:
        rows = [{"batch_id": batch_id, **line.model_dump(mode="python")} for line in lines]
        connection.execute(insert(batch_lines), rows)
    taken = sum(line.job_id is not None for line in lines)
    change(
        connection,
        batch_id,
        lines=func.greatest(batches.c.lines, through),
        jobs=batches.c.jobs + taken,
        refused=batches.c.refused + len(lines) - taken,
        open_jobs=batches.c.open_jobs + taken,
        touched_at=_NOW,
    )


def refused(connection: Connection, batch_id: str, after: int, limit: int) -> list[LineRow]:
    """Lines that became no job, in their order."""
    rows = connection.execute(
        select(batch_lines)
        .where(batch_lines.c.batch_id == batch_id, batch_lines.c.job_id.is_(None), batch_lines.c.line > after)
        .order_by(batch_lines.c.line)
        .limit(limit)
    ).mappings()
    return [LineRow.model_validate({name: row[name] for name in LineRow.model_fields}) for row in rows]


def tallies(connection: Connection, batch_id: str) -> tuple[Tally, ...]:
    """Its jobs, counted by how they stand."""
    waits = (jobs.c.dispatched_at.is_(None) & jobs.c.finished_at.is_(None)).label("waits")
    scheduled = (jobs.c.scheduled_for.is_not(None) & jobs.c.finished_at.is_(None)).label("scheduled")
    alike = (jobs.c.status, jobs.c.priority.label("lane"), waits, scheduled)
    money = ("bound_micro_usd", "expected_micro_usd", "spent_micro_usd")
    sums = (func.sum(jobs.c[name]).label(name) for name in money)
    rows = connection.execute(
        select(*alike, func.count().label("jobs"), *sums)
        .where(jobs.c.batch_id == batch_id)
        .group_by(jobs.c.status, jobs.c.priority, waits, scheduled)
    ).mappings()
    return tuple(Tally.model_validate({name: _plain(value) for name, value in row.items()}) for row in rows)


def _plain(value: object) -> object:
    """A sum as an integer: PostgreSQL's are decimals."""
    return value if isinstance(value, (str, bool)) else int(str(value))
