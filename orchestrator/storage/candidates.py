"""Candidates: the checked output of answered seats, one each, never changed."""

from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import candidates
from providers.calls import JsonObject

# Built once, not at each call.
_ADD: Final = insert(candidates)
_READ: Final = (
    select(candidates.c.seat, candidates.c.document)
    .where(candidates.c.job_id == bindparam("job"))
    .order_by(candidates.c.seat)
)


def add(connection: Connection, claim: Claim, attempt_id: str, document: JsonObject) -> None:
    """Keep a seat's checked output; it is never changed."""
    row = {"job_id": claim.job, "seat": claim.seat, "attempt_id": attempt_id, "document": document}
    connection.execute(_ADD, row)


def seats_with(connection: Connection, job_id: str) -> frozenset[int]:
    """The seats that have one."""
    return frozenset(connection.execute(select(candidates.c.seat).where(candidates.c.job_id == job_id)).scalars())


def read(connection: Connection, job_id: str) -> dict[int, JsonObject]:
    """Seat -> document, for the seats that answered."""
    rows = connection.execute(_READ, {"job": job_id})
    return {row.seat: row.document for row in rows}
