"""What becomes of many jobs of a batch at once: held back, let wait again, picked to be canceled or retried.

Each is a step over a few of them, to be repeated until one finds nothing left, so that no transaction holds thousands
of rows. A step goes by how its batch stands in its own transaction, which holds it (`batches.hold`): a step that comes
late does nothing. All across the tenant's jobs but `unsettled` and `abandoned`, which look at everybody's.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select, text

from orchestrator.storage.batch_tables import batches
from orchestrator.storage.tables import jobs
from orchestrator.work.jobs import RETRIABLE

STEP: Final = 500  # rows whose one column changes

# The job's row decides whether it was held back or let go first. One that somebody has locked, who may be letting go
# many, is looked at again in the next step: two who lock many rows in two orders would wait for each other.
_PAUSE: Final = text("""
UPDATE jobs SET paused_at = clock_timestamp()
WHERE id IN (SELECT id FROM jobs
             WHERE batch_id = :batch AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
             ORDER BY id LIMIT :step FOR NO KEY UPDATE SKIP LOCKED)
""")
_STILL_WAITING: Final = text("""
SELECT count(*) FROM jobs
WHERE batch_id = :batch AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
""")
# It has as much time left as it had when it was held back; of one whose moment comes later than that, all of it.
_RELEASE: Final = text("""
UPDATE jobs SET paused_at = NULL,
    deadline_at = deadline_at + greatest(interval '0', clock_timestamp() - greatest(paused_at, not_before))
WHERE paused_at IS NOT NULL AND finished_at IS NULL
AND id IN (SELECT id FROM jobs WHERE batch_id = :batch AND finished_at IS NULL AND paused_at IS NOT NULL
           ORDER BY id LIMIT :step)
""")
# Whoever holds a seat of such a job is at work on it: it is left to the next look, and nobody waits in a circle.
_TAKE: Final = text("""
SELECT job_id, seat FROM seats WHERE job_id = ANY(:jobs) AND status IN ('pending', 'running')
ORDER BY job_id, seat FOR UPDATE SKIP LOCKED
""")
_OPEN_SEATS: Final = text("""
SELECT job_id, count(*) AS seats FROM seats
WHERE job_id = ANY(:jobs) AND status IN ('pending', 'running') GROUP BY job_id
""")


def pause(connection: Connection, batch_id: str) -> int:
    """Hold back jobs that wait for their turn; how many there were in this step, those that were locked included."""
    held = connection.execute(_PAUSE, {"batch": batch_id, "step": STEP}).rowcount
    return held or int(connection.execute(_STILL_WAITING, {"batch": batch_id}).scalar_one())


def release(connection: Connection, batch_id: str) -> int:
    """Let jobs that were held back wait for their turn; how many there were in this step."""
    return connection.execute(_RELEASE, {"batch": batch_id, "step": STEP}).rowcount


def let_go(connection: Connection, batch_id: str) -> Sequence[str]:
    """Its jobs that have left the rows, and have not ended. Few: a window's worth of them."""
    under_way = jobs.c.dispatched_at.is_not(None) & jobs.c.finished_at.is_(None)
    return connection.execute(select(jobs.c.id).where(jobs.c.batch_id == batch_id, under_way)).scalars().all()


def take_held_back(connection: Connection, batch_id: str, limit: int) -> Sequence[str]:
    """Lock the seats of some of its jobs that are held back, to end them; those at which somebody is are left out."""
    held = jobs.c.paused_at.is_not(None) & jobs.c.finished_at.is_(None) & jobs.c.dispatched_at.is_(None)
    wanted = select(jobs.c.id).where(jobs.c.batch_id == batch_id, held).order_by(jobs.c.id).limit(limit)
    found = list(connection.execute(wanted).scalars())
    whole = {row.job_id: row.seats for row in connection.execute(_OPEN_SEATS, {"jobs": found})}
    taken: dict[str, int] = {}
    for row in connection.execute(_TAKE, {"jobs": found}):
        taken[row.job_id] = taken.get(row.job_id, 0) + 1
    return [job for job in found if taken.get(job) == whole.get(job)]


def retriable(connection: Connection, batch_id: str, after: str, limit: int) -> Sequence[str]:
    """Its jobs that ended badly, by their ids."""
    badly = jobs.c.status.in_(sorted(RETRIABLE))
    wanted = select(jobs.c.id).where(jobs.c.batch_id == batch_id, badly, jobs.c.id > after)
    return connection.execute(wanted.order_by(jobs.c.id).limit(limit)).scalars().all()


def unsettled(connection: Connection, limit: int) -> Sequence[tuple[str, str]]:
    """Tenant and id of batches of which not all jobs know yet what their caller wishes. Needs `system`."""
    rows = connection.execute(select(batches.c.tenant_id, batches.c.id).where(batches.c.unsettled).limit(limit))
    return [(row.tenant_id, row.id) for row in rows]


def abandoned(connection: Connection, quiet_s: float, limit: int) -> Sequence[tuple[str, str]]:
    """Tenant and id of batches into which nobody has brought a line for that long, and not the last. Needs `system`."""
    quiet = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, quiet_s)
    rows = connection.execute(
        select(batches.c.tenant_id, batches.c.id)
        .where(batches.c.finished_at.is_(None), batches.c.received_at.is_(None), batches.c.touched_at < quiet)
        .limit(limit)
    )
    return [(row.tenant_id, row.id) for row in rows]
