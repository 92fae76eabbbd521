"""How many jobs of a batch are open, counted where they end: whoever ends the last one ends the batch with it.

Exact under concurrency: each count waits for the batch's row and reads it as it then stands, in the transaction that
ends the job. The row is locked last, after seats and job, so that nobody waits in a circle; it is free again in a
moment.
"""

from typing import Final

from sqlalchemy import Connection, Row, func, insert, text

from orchestrator.ids import new_id
from orchestrator.storage.tables import events
from providers.calls import JsonObject

_COUNT_OUT: Final = text("""
UPDATE batches SET version = version + 1, open_jobs = open_jobs - 1,
    finished_at = CASE WHEN open_jobs = 1 AND received_at IS NOT NULL THEN clock_timestamp() ELSE finished_at END
WHERE id = :batch
RETURNING version, jobs, refused, canceled_at IS NOT NULL AS canceled,
    open_jobs = 0 AND finished_at IS NOT NULL AS ended
""")
# One that has ended goes on as if it had never been canceled; one that is being canceled still is.
_COUNT_IN: Final = text("""
UPDATE batches SET version = version + 1, open_jobs = open_jobs + 1, finished_at = NULL,
    canceled_at = CASE WHEN finished_at IS NULL THEN canceled_at END
WHERE id = :batch
""")
# One time for both, which tells an end that comes with this from one that has been.
_RECEIVE: Final = text("""
UPDATE batches SET version = version + 1, received_at = statement_timestamp(), unsettled = unsettled OR atomic,
    finished_at = CASE WHEN open_jobs = 0 THEN coalesce(finished_at, statement_timestamp()) END
WHERE id = :batch AND received_at IS NULL
RETURNING version, jobs, refused, canceled_at IS NOT NULL AS canceled,
    coalesce(finished_at = received_at, false) AS ended
""")


def count_out(connection: Connection, batch_id: str) -> None:
    """A job of the batch has ended, in this transaction."""
    _tell_of_end(connection, batch_id, connection.execute(_COUNT_OUT, {"batch": batch_id}).one_or_none())


def count_in(connection: Connection, batch_id: str) -> None:
    """An ended job of the batch goes on, in this transaction; so does the batch."""
    connection.execute(_COUNT_IN, {"batch": batch_id})


def receive(connection: Connection, batch_id: str) -> None:
    """Its last line was taken in. If all of its jobs have ended by then, or it has none, so has the batch."""
    _tell_of_end(connection, batch_id, connection.execute(_RECEIVE, {"batch": batch_id}).one_or_none())


def _tell_of_end(connection: Connection, batch_id: str, row: Row[tuple[int, int, int, bool, bool]] | None) -> None:
    if row is not None and row.ended:
        data: JsonObject = {"jobs": row.jobs, "refused": row.refused, "canceled": row.canceled}
        _note(connection, batch_id, row.version, data)


def _note(connection: Connection, batch_id: str, version: int, data: JsonObject) -> None:
    """In the tenant's feed; no job's stream tells of it, so nobody waits to be told that it is there."""
    told = {**data, "batch_id": batch_id, "version": version}
    row = {"id": new_id("evt"), "type": "batch.finished", "data": told}
    connection.execute(insert(events).values(**row, announced_at=func.clock_timestamp()))
