"""Candidates: the checked output of answered seats, one each, never changed."""

from sqlalchemy import Connection, insert, select

from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import candidates
from providers.calls import JsonObject


def add(connection: Connection, claim: Claim, attempt_id: str, document: JsonObject) -> None:
    """Keep a seat's checked output; it is never changed."""
    connection.execute(
        insert(candidates).values(job_id=claim.job, seat=claim.seat, attempt_id=attempt_id, document=document)
    )


def seats_with(connection: Connection, job_id: str) -> frozenset[int]:
    """The seats that have one."""
    return frozenset(connection.execute(select(candidates.c.seat).where(candidates.c.job_id == job_id)).scalars())


def read(connection: Connection, job_id: str) -> dict[int, JsonObject]:
    """Seat -> document, for the seats that answered."""
    rows = connection.execute(
        select(candidates.c.seat, candidates.c.document)
        .where(candidates.c.job_id == job_id)
        .order_by(candidates.c.seat)
    )
    return {row.seat: row.document for row in rows}
