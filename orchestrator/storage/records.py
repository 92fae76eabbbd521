"""What became of each model's items in a tenant's meetings: noted with each result, added up for the next panel."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.analysis.items import Kind
from orchestrator.analysis.records import Tally
from orchestrator.storage.record_tables import seat_records
from orchestrator.storage.tables import jobs
from providers.calls import JsonObject, Value

RECENT: Final = 1_000  # seats: some three hundred meetings of a type; models change, and so do those who speak

# Added up where the rows are: a plan waits for it, and what comes back are five rows a model.
_RECENT: Final = text("""
SELECT model, kind, sum((tally->>'brought')::int) AS brought, sum((tally->>'kept')::int) AS kept,
    sum((tally->>'refused')::int) AS refused
FROM (SELECT model, tallies FROM seat_records WHERE meeting_type = :of_type AND at < :before
      ORDER BY at DESC LIMIT :most) AS newest, jsonb_each(tallies) AS each(kind, tally)
GROUP BY model, kind
""")

_FACTORS: Final = TypeAdapter(dict[int, dict[Kind, float]])


class SeatRecord(Value):
    """What became of one seat's items."""

    seat: int
    model: str
    tallies: Mapping[Kind, Tally]


def note(connection: Connection, job_id: str, meeting_type: str, found: Sequence[SeatRecord]) -> None:
    """Keep them; once noted they stay. Safe to repeat."""
    rows: list[JsonObject] = [
        {
            "job_id": job_id,
            "seat": one.seat,
            "model": one.model,
            "meeting_type": meeting_type,
            "tallies": {kind: tally.model_dump() for kind, tally in one.tallies.items()},
        }
        for one in found
    ]
    if rows:
        connection.execute(upsert(seat_records).on_conflict_do_nothing(), rows)


def tallies(connection: Connection, meeting_type: str, before: datetime) -> dict[str, dict[Kind, Tally]]:
    """By model and kind, over the tenant's most recent seats in meetings of this type up to then."""
    found: defaultdict[str, dict[Kind, Tally]] = defaultdict(dict)
    for row in connection.execute(_RECENT, {"of_type": meeting_type, "before": before, "most": RECENT}):
        found[row.model][row.kind] = Tally(brought=row.brought, kept=row.kept, refused=row.refused)
    return dict(found)


def remember(connection: Connection, job_id: str, factors: Mapping[int, Mapping[Kind, float]]) -> None:
    """Keep the factors that a job's synthesis goes by."""
    plain = {str(seat): dict(kinds) for seat, kinds in factors.items()}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(records=plain))


def factors(kept: JsonObject) -> dict[int, dict[Kind, float]]:
    """Factors as `remember` has kept them."""
    return _FACTORS.validate_python(kept)
