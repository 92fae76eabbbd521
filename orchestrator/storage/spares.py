"""Answers that were paid for and came when their seat was no longer their holder's. The next claim of the seat adopts
one.

They are evidence too: what was paid is kept, whatever became of it.
"""

from pydantic import ConfigDict
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.storage.money_tables import spare_answers
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts
from providers.calls import JsonObject, Value


class Spare(Value):
    """A checked answer that waits for its seat."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    attempt_id: str
    served: str
    latency_s: float
    usage: JsonObject
    document: JsonObject


def keep(connection: Connection, claim: Claim, spare: Spare) -> None:
    """Safe to repeat."""
    statement = upsert(spare_answers).values(job_id=claim.job, seat=claim.seat, **spare.model_dump())
    connection.execute(statement.on_conflict_do_nothing())


def of_seat(connection: Connection, job_id: str, seat: int) -> Spare | None:
    """The first that came, if any did."""
    statement = (
        select(spare_answers)
        .where(spare_answers.c.job_id == job_id, spare_answers.c.seat == seat)
        .order_by(spare_answers.c.created_at)
        .limit(1)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Spare.model_validate(dict(row))


def of_parts(connection: Connection, job_id: str, seat: int) -> dict[int, Spare]:
    """The first that came about each part of a seat, by its number."""
    of_attempt = (attempts.c.tenant_id == spare_answers.c.tenant_id) & (attempts.c.id == spare_answers.c.attempt_id)
    statement = (
        select(spare_answers, attempts.c.part)
        .join(attempts, of_attempt)
        .where(spare_answers.c.job_id == job_id, spare_answers.c.seat == seat, attempts.c.part.is_not(None))
        .order_by(spare_answers.c.created_at.desc())  # so that the first of several comes last, and stays
    )
    return {row["part"]: Spare.model_validate(dict(row)) for row in connection.execute(statement).mappings()}
