"""What a submit must know of a lane: counted and told by the dispatcher, read by everybody who would join.

To count a hundred thousand jobs in each submit is out of the question, and a counter that each submit raises would make
them wait for each other. So one process counts for all, as often as the count is cheap, and a submit reads one row.
"""

import json
from typing import Final

from sqlalchemy import Connection, text

from orchestrator.storage.backlog import SEEN_WITHIN_S
from orchestrator.work.lanes import Lane
from orchestrator.work.pace import Pace
from orchestrator.work.queueing import Line
from providers.calls import Value

FEW: Final = 100  # jobs of one tenant that a submit counts itself; whoever has more in a lane is told there by name

_LINE: Final = text("SELECT * FROM meetingmind_line(:lane, :few, :most, make_interval(secs => :seen))")

# By the index of what waits, tenant after tenant, without touching a row of theirs.
_COUNT: Final = text("""
SELECT coalesce(sum(one.jobs), 0)::bigint AS jobs, coalesce(sum(tenants.weight), 0) AS weights,
    coalesce(jsonb_object_agg(one.tenant_id, one.jobs) FILTER (WHERE one.jobs >= :few), '{}') AS crowds
FROM (SELECT tenant_id, count(*) AS jobs FROM jobs
      WHERE priority = :lane AND dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL
        AND scheduled_for IS NULL
      GROUP BY tenant_id) AS one
JOIN tenants ON tenants.id = one.tenant_id
""")

# Figures that are made anew in a moment: no submit waits for a disk because of them.
_LIGHTLY: Final = text("SET LOCAL synchronous_commit = off")
_TELL: Final = text("""
INSERT INTO lanes (lane, jobs, weights, crowds, jobs_per_s, asks_per_s, call_s)
VALUES (:lane, :jobs, :weights, CAST(:crowds AS jsonb), :jobs_per_s, :asks_per_s, :call_s)
ON CONFLICT (lane) DO UPDATE SET jobs = excluded.jobs, weights = excluded.weights, crowds = excluded.crowds,
    jobs_per_s = excluded.jobs_per_s, asks_per_s = excluded.asks_per_s, call_s = excluded.call_s,
    told_at = clock_timestamp()
""")
_FORGET: Final = text("DELETE FROM lanes WHERE lane = :lane")


class Queue(Value):
    """What waits in a lane. `crowds`: the tenants that have at least `FEW` jobs there, and how many."""

    jobs: int
    weights: float
    crowds: dict[str, int]


def line(connection: Connection, lane: Lane, most: int) -> Line:
    """What a job of the transaction's tenant finds in the lane. `most`: above it nobody cares how many are its own."""
    asked = {"lane": lane, "few": min(FEW, most), "most": most, "seen": SEEN_WITHIN_S}
    return Line.model_validate(dict(connection.execute(_LINE, asked).mappings().one()))


def count(connection: Connection, lane: Lane) -> Queue:
    """Walk the lane's queue: some 20 ms for a hundred thousand jobs. Needs a transaction of `system`."""
    row = connection.execute(_COUNT, {"lane": lane, "few": FEW}).mappings().one()
    return Queue.model_validate(dict(row))


def tell(connection: Connection, lane: Lane, queue: Queue, pace: Pace, call_s: float) -> None:
    """Let everybody know. Needs a transaction of `system`, and makes its commit one that need not reach the disk."""
    connection.execute(_LIGHTLY)
    figures = {"jobs_per_s": pace.jobs_per_s, "asks_per_s": pace.asks_per_s, "call_s": call_s}
    told = {"jobs": queue.jobs, "weights": queue.weights, "crowds": json.dumps(queue.crowds)}
    connection.execute(_TELL, {"lane": lane, **told, **figures})


def forget(connection: Connection, lane: Lane) -> None:
    """Nothing waits in the lane any more."""
    connection.execute(_FORGET, {"lane": lane})
