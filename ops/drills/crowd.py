"""A crowd of accepted jobs, put into the rows as copies of one that has run: posting them takes many minutes.

A copy has what a submit that found no room would have written.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Table, insert, text

from orchestrator.ids import new_id
from orchestrator.storage.tables import events, jobs, seats, tenants, transcripts
from orchestrator.work.jobs import JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.seats import SeatStatus

MOST_AT_ONCE: Final = 2_000

# What a copy takes over from the job that has run; all else is as in a new row.
_OF_JOB: Final = (
    "boundary", "strategy_asked", "strategy_planned", "strategy_reason", "policy", "quorum", "context",
    "catalog_version", "prompt_version", "bound_micro_usd", "expected_micro_usd", "tags", "metadata",
)  # fmt: skip
_OF_SEAT: Final = ("seat", "role", "asked", "ladder", "service_tier", "cached", "follows")

_MODEL: Final = text(
    "SELECT jobs.tenant_id, transcript_id, (SELECT count(*) FROM seats WHERE job_id = jobs.id) AS panel"
    " FROM jobs WHERE id = :like"
)


def add_tenant(connection: Connection, name: str) -> str:
    tenant = new_id("ten")
    connection.execute(insert(tenants).values(id=tenant, name=name))
    return tenant


def add(connection: Connection, like: str, tenant: str, lane: Lane, count: int) -> None:
    """Let `count` jobs of this tenant wait in this lane, each like the job `like`. Needs a transaction of `system`."""
    model = connection.execute(_MODEL, {"like": like}).one()
    source = {"owner": model.tenant_id, "job": like, "transcript": model.transcript_id}
    body = new_id("trn")
    copied = {"tenant_id": tenant, "id": body}
    _copy(connection, transcripts, ("body", "words"), copied, {}, "id = :transcript", {**source, "ids": [""]})
    for first in range(0, count, MOST_AT_ONCE):
        ids = [new_id("job") for _ in range(min(MOST_AT_ONCE, count - first))]
        given = {**source, "ids": ids}
        queued = {"tenant_id": tenant, "transcript_id": body, "priority": lane, "status": JobStatus.QUEUED}
        made = {"id": "copy", "open_seats": str(model.panel), "deadline_at": "clock_timestamp() + interval '1 day'"}
        _copy(connection, jobs, _OF_JOB, queued, made, "id = :job", given)
        seated = {"tenant_id": tenant, "lane": lane, "status": SeatStatus.PENDING}
        _copy(connection, seats, _OF_SEAT, seated, {"job_id": "copy"}, "job_id = :job", given)
        rows = [{"tenant_id": tenant, "job_id": job, "id": new_id("evt")} for job in ids]
        connection.execute(insert(events).values(sequence=1, type="job.queued", data={}), rows)


def _copy(
    connection: Connection,
    table: Table,
    kept: Sequence[str],
    values: Mapping[str, str],
    made: Mapping[str, str],
    source: str,
    given: Mapping[str, object],
) -> None:
    """`kept` columns come from the source row, `values` are the same for all, `made` is SQL; `copy` is the id there."""
    shown = {**{name: f"it.{name}" for name in kept}, **{name: f":{name}" for name in values}, **made}
    statement = (  # names of columns and SQL of our own, no word of a caller's
        f"INSERT INTO {table.name} ({', '.join(shown)}) SELECT {', '.join(shown.values())} FROM {table.name} AS it"  # noqa: S608
        f" CROSS JOIN unnest(CAST(:ids AS text[])) AS copy WHERE it.tenant_id = :owner AND it.{source}"
    )
    connection.execute(text(statement), {**given, **values})
