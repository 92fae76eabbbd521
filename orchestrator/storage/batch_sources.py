"""Stored meetings that a batch is to analyse anew: found by the jobs that they were handed in with."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from orchestrator.storage.batch_tables import batch_lines
from orchestrator.storage.tables import jobs
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject, Value


class Which(Value):
    """Of which jobs the meetings are taken; None: whatever they have there."""

    created_after: datetime | None = None
    created_before: datetime | None = None
    status: JobStatus | None = None
    reference: str | None = None
    tag: str | None = None
    project: str | None = None
    batch_id: str | None = None


class SourceRow(Value):
    """A job whose meeting is analysed anew, as far as the new one is to know of it."""

    id: str
    transcript_id: str
    project: str | None
    reference: str | None
    tags: tuple[str, ...]
    metadata: dict[str, str]
    context: JsonObject


def meetings(connection: Connection, which: Which, most: int) -> int:
    """How many different meetings there are among them, counted up to `most`."""
    found = select(jobs.c.transcript_id).where(*_conditions(which)).distinct().limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def after(connection: Connection, which: Which, job_id: str, limit: int) -> Sequence[SourceRow]:
    """Of those the next, the oldest first."""
    names = [jobs.c[name] for name in SourceRow.model_fields]
    statement = select(*names).where(*_conditions(which), jobs.c.id > job_id).order_by(jobs.c.id).limit(limit)
    return [SourceRow.model_validate(dict(row)) for row in connection.execute(statement).mappings()]


def taken(connection: Connection, batch_id: str, among: Sequence[str]) -> set[str]:
    """Transcripts of which the batch has a job."""
    wanted = (jobs.c.batch_id == batch_id) & jobs.c.transcript_id.in_(list(among))
    return set(connection.execute(select(jobs.c.transcript_id).where(wanted)).scalars())


def last(connection: Connection, batch_id: str) -> str:
    """The custom id of the line that was taken in last; "" before the first."""
    newest = select(batch_lines.c.custom_id).where(batch_lines.c.batch_id == batch_id)
    found: str | None = connection.execute(newest.order_by(batch_lines.c.line.desc()).limit(1)).scalar_one_or_none()
    return found or ""


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    """A replay has no meeting of its own: the job that it was made from stands for it."""
    conditions: list[ColumnElement[bool]] = [jobs.c.replay_of.is_(None)]
    for name in ("status", "reference", "project", "batch_id"):
        wanted = getattr(which, name)
        if wanted is not None:
            conditions.append(jobs.c[name] == wanted)
    if which.tag is not None:
        conditions.append(jobs.c.tags.contains([which.tag]))
    if which.created_after is not None:
        conditions.append(jobs.c.created_at > which.created_after)
    if which.created_before is not None:
        conditions.append(jobs.c.created_at < which.created_before)
    return conditions
