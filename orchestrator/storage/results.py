"""The one analysis of a job that succeeded; never changed."""

from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from orchestrator.storage.tables import results
from providers.calls import JsonObject

_ADD: Final = insert(results)
_READ_RESULT: Final = select(results.c.analysis).where(results.c.job_id == bindparam("job"))


def add_result(connection: Connection, job_id: str, analysis: JsonObject) -> None:
    """One result per job: a second one breaks the primary key."""
    connection.execute(_ADD, {"job_id": job_id, "analysis": analysis})


def read_result(connection: Connection, job_id: str) -> JsonObject | None:
    found: JsonObject | None = connection.execute(_READ_RESULT, {"job": job_id}).scalar_one_or_none()
    return found
