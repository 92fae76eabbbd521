"""How models have fared of late, over all tenants: counts and medians of the newest calls, never what they were about.

A plan may be some seconds behind, so that each process looks once in a while, and never while somebody waits for a
transaction: a look needs a connection of its own.
"""

import threading
from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy import text

from orchestrator.errors import Unavailable
from orchestrator.routing.live import FEWEST_CALLS, NOTHING_KNOWN, Live, Vitals
from orchestrator.storage.engine import Database
from providers.calls import Target

log = structlog.get_logger()

KEPT_S: Final = 5.0  # a circuit stays open for at least as long
RECENT_S: Final = 600.0  # latencies: what was ten minutes ago says little of the next one
SICK_FOR_S: Final = 30.0  # failures: as long as a circuit remembers them, so that who is well again has his place back
MOST_CALLS: Final = 1_000  # so that a look costs milliseconds, however many calls are made
OPEN_FOR_S: Final = 30.0  # so long it counts that a call was held back: circuits open for 5 to 120 s at a time

# A fault is what tells of the model's health, or that it has no room; a refused request, key or content is neither.
# What never left (`sent_at` null) was held back here: by an open circuit, whose last word counts until an answer comes.
_RECENT: Final = text("""
SELECT target,
    count(*) FILTER (WHERE lately) AS calls,
    count(*) FILTER (WHERE lately AND fault) AS faults,
    count(*) FILTER (WHERE answered) AS answers,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY took_s) FILTER (WHERE answered) AS latency_s,
    count(*) FILTER (WHERE state = 'sent') AS in_flight,
    coalesce(max(ended_at) FILTER (WHERE held_back) > clock_timestamp() - make_interval(secs => :open_for)
        AND max(ended_at) FILTER (WHERE held_back) > coalesce(max(ended_at) FILTER (WHERE answered), '-infinity'),
        false) AS is_open
FROM (SELECT target, state, ended_at, extract(epoch FROM ended_at - sent_at) AS took_s,
          sent_at IS NOT NULL AND ended_at > clock_timestamp() - make_interval(secs => :sick_for) IS TRUE AS lately,
          state = 'answered' AND error IS NULL AS answered,
          sent_at IS NULL AND error->>'code' = 'circuit_open' AS held_back,
          error->>'type' IN ('overloaded', 'api_error', 'network_error', 'timeout', 'rate_limit') IS TRUE AS fault
      FROM attempts WHERE created_at > clock_timestamp() - make_interval(secs => :recent)
      ORDER BY created_at DESC LIMIT :most) AS newest
GROUP BY target
""")


def recent(database: Database) -> Live:
    """Look at the newest calls. Raises Unavailable."""
    asked = {"open_for": OPEN_FOR_S, "sick_for": SICK_FOR_S, "recent": RECENT_S, "most": MOST_CALLS}
    with database.system() as connection:
        rows = connection.execute(_RECENT, asked).mappings().all()
    return Live(
        {
            Target.parse(row["target"]): Vitals(
                calls=row["calls"],
                faults=row["faults"],
                latency_s=float(row["latency_s"]) if row["answers"] >= FEWEST_CALLS else None,
                in_flight=row["in_flight"],
                is_open=row["is_open"],
            )
            for row in rows
        }
    )


class Watch:
    """The newest look, some `KEPT_S` seconds old. May be used from any thread: one looks, the others take the last."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._looking = threading.Lock()
        self._due = clock()
        self._seen = NOTHING_KNOWN

    def live(self) -> Live:
        """Needs a connection once in a while: not to be called within a transaction."""
        if self._clock() >= self._due and self._looking.acquire(blocking=False):
            try:
                self._due = self._clock() + KEPT_S
                self._seen = recent(self._database)
            except Unavailable as error:
                # Whoever plans needs the store too and will say so; without figures a plan is as good as any.
                log.warning("vitals.not_seen", error=error.message)
                self._seen = NOTHING_KNOWN
            finally:
                self._looking.release()
        return self._seen
