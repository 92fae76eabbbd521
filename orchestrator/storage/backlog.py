"""The jobs that wait for their turn, and how much room there is for them in the broker."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from orchestrator.storage.seats import HEAD_START_S
from orchestrator.work.fairness import Waiting
from orchestrator.work.lanes import Lane, window
from orchestrator.work.seats import Bell
from providers.calls import Target, Value

CHANNEL: Final = "meetingmind_waiting"  # a notice on it: a job has begun to wait

SEEN_WITHIN_S: Final = 30.0  # a worker that has not been seen for that long has no slots

_ROOM: Final = text("SELECT * FROM meetingmind_room(:lane, make_interval(secs => :seen))")
_KNOCK: Final = text(f"SELECT pg_notify('{CHANNEL}', '')")

# From tenant to tenant by the index, however many jobs each has.
_TENANTS: Final = text("""
WITH RECURSIVE found AS (
    (SELECT tenant_id FROM jobs
     WHERE priority = :lane AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
       AND scheduled_for IS NULL
     ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT jobs.tenant_id FROM jobs
            WHERE priority = :lane AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
              AND scheduled_for IS NULL AND jobs.tenant_id > found.tenant_id ORDER BY jobs.tenant_id LIMIT 1)
    FROM found WHERE found.tenant_id IS NOT NULL
)
SELECT tenant_id FROM found WHERE tenant_id IS NOT NULL
""")

_WAITING: Final = text("""
SELECT job.id, job.tenant_id, tenants.weight, ARRAY(
    SELECT seats.ladder[seats.rung + 1] FROM seats
    WHERE seats.tenant_id = job.tenant_id AND seats.job_id = job.id AND seats.follows IS NULL
      AND seats.status = 'pending' ORDER BY seats.seat
) AS targets
FROM unnest(CAST(:tenants AS text[])) AS whose
JOIN tenants ON tenants.id = whose
CROSS JOIN LATERAL (
    SELECT jobs.id, jobs.tenant_id FROM jobs
    WHERE priority = :lane AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
      AND scheduled_for IS NULL AND jobs.tenant_id = whose
    ORDER BY jobs.id LIMIT :each
) AS job
""")

_UNDER_WAY: Final = text("""
SELECT tenant_id, count(*) AS asks FROM seats
WHERE status IN ('pending', 'running') AND published_at IS NOT NULL AND tenant_id = ANY(:tenants) GROUP BY tenant_id
""")

# Seats before their job, the order in which everybody locks them. A job that has ended meanwhile has no pending seat.
_PUBLISH: Final = text("""
UPDATE seats SET published_at = clock_timestamp(),
    next_at = CASE WHEN follows IS NULL THEN NULL ELSE clock_timestamp() + make_interval(secs => :head_start) END
FROM unnest(CAST(:tenants AS text[]), CAST(:jobs AS text[])) AS going (tenant_id, job_id)
WHERE seats.tenant_id = going.tenant_id AND seats.job_id = going.job_id
  AND seats.status = 'pending' AND seats.published_at IS NULL
RETURNING seats.job_id, seats.seat, seats.ladder[seats.rung + 1] AS target, seats.epoch, seats.lane, seats.follows
""")
_DISPATCH: Final = text("""
UPDATE jobs SET dispatched_at = clock_timestamp()
FROM unnest(CAST(:tenants AS text[]), CAST(:jobs AS text[])) AS going (tenant_id, job_id)
WHERE jobs.tenant_id = going.tenant_id AND jobs.id = going.job_id AND jobs.dispatched_at IS NULL
  AND jobs.paused_at IS NULL
RETURNING jobs.id
""")
# Of jobs that were paused between the look and the mark. The job's row decides: whoever pauses it waits for this one.
_TAKE_BACK: Final = text(
    "UPDATE seats SET published_at = NULL, next_at = NULL WHERE job_id = ANY(:jobs) AND status = 'pending'"
)


class Room(Value):
    """What stands in the broker of a lane, what could take it, and what the transaction's tenant has under way.

    `waits`: jobs of this lane wait already.
    """

    standing: int
    slots: int
    waits: bool
    own: int

    @property
    def left(self) -> int:
        """Messages that may still go out; below zero after a worker has left."""
        return window(self.slots) - self.standing


def room(connection: Connection, lane: Lane) -> Room:
    """One statement; it tells a tenant nothing of others but numbers."""
    row = connection.execute(_ROOM, {"lane": lane, "seen": SEEN_WITHIN_S}).mappings().one()
    return Room.model_validate(dict(row))


def knock(connection: Connection) -> None:
    """Tell the dispatcher, once this transaction is committed, that a job has begun to wait."""
    connection.execute(_KNOCK)


def waiting(connection: Connection, lane: Lane, room: int) -> list[Waiting]:
    """Of each tenant that has jobs waiting in the lane its oldest, enough of them all to fill the room."""
    tenants = connection.execute(_TENANTS, {"lane": lane}).scalars().all()
    if not tenants:
        return []
    each = 1 - (-room // len(tenants))
    rows = connection.execute(_WAITING, {"lane": lane, "tenants": list(tenants), "each": each})
    return [Waiting(job=row.id, tenant=row.tenant_id, weight=row.weight, targets=tuple(row.targets)) for row in rows]


def under_way(connection: Connection, tenants: Sequence[str]) -> dict[str, int]:
    """How many asks of each stand in the broker or run; a tenant with none is absent."""
    rows = connection.execute(_UNDER_WAY, {"tenants": list(tenants)})
    return {row.tenant_id: row.asks for row in rows}


def dispatch(connection: Connection, going: Sequence[Waiting]) -> dict[str, tuple[Bell, ...]]:
    """Mark these jobs as handed to the broker; what must be published for each. One that has ended is left out, and one
    that was paused meanwhile.
    """
    asked = {"tenants": [one.tenant for one in going], "jobs": [one.job for one in going]}
    bells: dict[str, tuple[Bell, ...]] = {}
    for row in connection.execute(_PUBLISH, {**asked, "head_start": HEAD_START_S}):
        if row.follows is None:
            provider = Target.parse(row.target).provider
            bell = Bell(job=row.job_id, seat=row.seat, provider=provider, epoch=row.epoch, lane=row.lane)
            bells[row.job_id] = (*bells.get(row.job_id, ()), bell)
    gone = set(connection.execute(_DISPATCH, asked).scalars())
    if paused := bells.keys() - gone:
        connection.execute(_TAKE_BACK, {"jobs": sorted(paused)})
    return {job: bells[job] for job in bells if job in gone}
