"""The log of events, read by job and by tenant.

A job's events are numbered by its versions when they are written. In its tenant's feed an event has another number,
given after the commit by whoever looks: to count while a change is made, each transaction of a tenant would lock the
tenant's count until it has reached the disk. Nobody sees an event without a number, so nobody can tell.

Why the numbers have no gaps and stay: only what is committed gets one, under the lock of the tenant's row in `feeds`,
by a statement that begins once the lock is had, so that it sees all that was numbered before. What commits late is seen
late and gets a later number. What was committed before another change began is numbered before it; a job's events come
in the order of its versions, even if PostgreSQL's clock went back between them (ADR 0050).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, bindparam, select, text, update

from orchestrator.storage.tables import events, jobs
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject, Value

BATCH: Final = 1_000  # numbered in one statement: some 50 ms, during which announcements of their jobs wait

# In the order of their times. Of each job that is among the first come all earlier events too, and each as late as the
# latest of them: else a clock that was set back would turn a job's story round. Rows are locked in the order in which
# an announcement locks them (see jobs.py), so that the two never wait for each other.
_GIVE: Final = text("""
WITH first AS (
    SELECT id, job_id, sequence
    FROM events
    WHERE tenant_id = current_setting('meetingmind.tenant_id') AND number IS NULL
    ORDER BY at, id
    LIMIT :most
), reached AS (
    SELECT job_id, max(sequence) AS sequence FROM first WHERE job_id IS NOT NULL GROUP BY job_id
), due AS (
    SELECT id FROM first WHERE job_id IS NULL
    UNION ALL
    SELECT told.id
    FROM reached CROSS JOIN LATERAL (
        -- Fenced off by the OFFSET, and without the number: else the planner, which takes what has none for a few rows,
        -- looks through all of them for each job.
        SELECT e.id, e.number
        FROM events AS e
        WHERE e.tenant_id = current_setting('meetingmind.tenant_id') AND e.job_id = reached.job_id
          AND e.sequence <= reached.sequence
        OFFSET 0
    ) AS told
    WHERE told.number IS NULL
), locked AS (
    SELECT e.id, e.job_id, e.sequence, e.at
    FROM events AS e JOIN due ON due.id = e.id
    WHERE e.tenant_id = current_setting('meetingmind.tenant_id')
    ORDER BY e.job_id, e.sequence
    FOR UPDATE OF e
), timed AS (
    SELECT id, job_id, sequence, max(at) OVER (PARTITION BY coalesce(job_id, id) ORDER BY sequence) AS turn FROM locked
), placed AS (
    SELECT id, row_number() OVER (ORDER BY turn, job_id, sequence, id) AS place FROM timed
), given AS (
    UPDATE events AS e SET number = :last + placed.place
    FROM placed
    WHERE e.id = placed.id AND e.tenant_id = current_setting('meetingmind.tenant_id')
    RETURNING e.number
)
UPDATE feeds SET last = :last + (SELECT count(*) FROM given)
WHERE tenant_id = current_setting('meetingmind.tenant_id')
RETURNING last - :last
""")
_LOCK: Final = text(
    "INSERT INTO feeds (last) VALUES (0) ON CONFLICT (tenant_id) DO UPDATE SET last = feeds.last RETURNING last"
)
_LAST: Final = text("SELECT last FROM feeds WHERE tenant_id = current_setting('meetingmind.tenant_id')")
_ANY: Final = text("SELECT EXISTS (SELECT FROM events WHERE number IS NULL)")

# From one tenant to the next in the index, however many events each of them has.
_BEHIND: Final = text("""
WITH RECURSIVE behind AS (
    (SELECT tenant_id FROM events WHERE number IS NULL ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.tenant_id FROM events AS e WHERE e.number IS NULL AND e.tenant_id > behind.tenant_id
            ORDER BY e.tenant_id LIMIT 1)
    FROM behind WHERE behind.tenant_id IS NOT NULL
)
SELECT tenant_id FROM behind
WHERE tenant_id IS NOT NULL
  AND EXISTS (SELECT FROM events AS e WHERE e.tenant_id = behind.tenant_id AND e.number IS NULL
              AND e.at < clock_timestamp() - make_interval(secs => :quiet_s))
LIMIT :most
""")

_KEPT: Final = (
    events.c.number,
    events.c.id,
    events.c.type,
    events.c.job_id,
    events.c.sequence,
    events.c.at,
    events.c.data,
)
_PAGE: Final = (
    select(*_KEPT).where(events.c.number > bindparam("after")).order_by(events.c.number).limit(bindparam("most"))
)
_OF_JOB: Final = (
    select(*_KEPT)
    .where(events.c.job_id == bindparam("job"), events.c.sequence > bindparam("after"))
    .order_by(events.c.sequence)
)
_STANDS: Final = select(jobs.c.version, jobs.c.status).where(jobs.c.id == bindparam("job"))


class EventRow(Value):
    """An event as it was written. `number` is its place in the tenant's feed, `sequence` the version that it made of
    its job; neither job nor sequence: it concerns the tenant.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: int | None
    id: str
    type: str
    job_id: str | None
    sequence: int | None
    at: datetime
    data: JsonObject


class Standing(Value):
    """Where a job's story has come to."""

    version: int
    status: JobStatus


def page(connection: Connection, after: int, limit: int) -> Sequence[EventRow]:
    """The next events of the transaction's tenant after that number, at most `limit`: without gaps, and ever the same.

    All that was committed before is in it or in the pages that follow. Needs a transaction that commits, since what has
    no number is given one.
    """
    found = _read(connection, after, limit)
    if len(found) < limit and number(connection, max(BATCH, limit)):
        found = _read(connection, after, limit)
    return found


def number(connection: Connection, most: int = BATCH) -> int:
    """Give numbers to about `most` events of the transaction's tenant that have none. Returns to how many.

    Safe from any number of processes: they wait for each other, tenant by tenant.
    """
    if not connection.execute(_ANY).scalar_one():
        return 0
    last: int = connection.execute(_LOCK).scalar_one()
    given: int = connection.execute(_GIVE, {"last": last, "most": most}).scalar_one()
    return given


def last(connection: Connection) -> int:
    """The last number that was given in the transaction's tenant's feed; 0: none was."""
    return connection.execute(_LAST).scalar_one_or_none() or 0


def behind(connection: Connection, quiet_s: float, limit: int) -> Sequence[str]:
    """Tenants with events that have had no number for that long. Needs the system's transaction."""
    return connection.execute(_BEHIND, {"quiet_s": quiet_s, "most": limit}).scalars().all()


def of_job(connection: Connection, job_id: str, after: int) -> Sequence[EventRow]:
    """A job's events after that version, in their order."""
    rows = connection.execute(_OF_JOB, {"job": job_id, "after": after}).mappings()
    return [EventRow.model_validate(dict(row)) for row in rows]


def forget_items(connection: Connection, job_id: str) -> None:
    """Take the ids of items out of a job's events: an id is made of the words that prove the item, and would tell who
    guesses them that they were said. How many there were stays. Safe to repeat.

    Locked in their order, as by whoever gives numbers or announces.
    """
    mine = events.c.job_id == job_id, events.c.type == "items.found"
    locked = select(events.c.id).where(*mine).order_by(events.c.sequence).with_for_update().cte("locked")
    without = events.c.data.op("-")("items")
    connection.execute(update(events).where(events.c.id == locked.c.id).values(data=without))


def standing(connection: Connection, job_id: str) -> Standing | None:
    """None: the transaction's tenant has no such job."""
    row = connection.execute(_STANDS, {"job": job_id}).mappings().one_or_none()
    return None if row is None else Standing.model_validate(dict(row))


def versions(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """How far each of these jobs has come, whosever they are. Needs the system's transaction."""
    found = connection.execute(select(jobs.c.id, jobs.c.version).where(jobs.c.id.in_(job_ids)))
    return {row.id: row.version for row in found}


def _read(connection: Connection, after: int, limit: int) -> Sequence[EventRow]:
    rows = connection.execute(_PAGE, {"after": after, "most": limit}).mappings()
    return [EventRow.model_validate(dict(row)) for row in rows]
