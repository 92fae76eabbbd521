"""Seats that are asked about one part of the meeting after the other, and the answers about parts: one each, never
changed.

The answers outlive everything that may become of their seat: a claim, a rung, the job's end. Whoever asks for the seat
next asks about the first part that has none.
"""

from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, func, insert, select

from orchestrator.storage.part_tables import parts
from orchestrator.storage.seats import Claim, fenced
from orchestrator.storage.spares import Spare
from orchestrator.storage.tables import seats
from orchestrator.work.seats import OPEN, SeatStatus
from providers.calls import JsonObject, Value

# Pending, and due: with the wait and the repair that each part may have once.
_ASKED_ANEW: Final[dict[str, object]] = {
    "status": SeatStatus.PENDING,
    "waited": False,
    "claims": 0,
    "lease_until": None,
    "repair": None,
    "next_at": None,
    "published_at": func.clock_timestamp(),
}


class PartRow(Value):
    """The checked answer about one part, from 1, and the call that brought it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    part: int
    attempt_id: str
    served: str
    latency_s: float
    usage: JsonObject
    document: JsonObject


def keep(connection: Connection, claim: Claim, part: int, answer: Spare) -> None:
    """Keep what the claim's seat was answered about a part that has no answer yet."""
    connection.execute(insert(parts).values(job_id=claim.job, seat=claim.seat, part=part, **answer.model_dump()))


def of_seat(connection: Connection, job_id: str, seat: int) -> list[PartRow]:
    """The parts that have an answer, in their order."""
    found = select(parts).where(parts.c.job_id == job_id, parts.c.seat == seat).order_by(parts.c.part)
    return [PartRow.model_validate(dict(row)) for row in connection.execute(found).mappings()]


def answered(connection: Connection, job_id: str, seat: int) -> frozenset[int]:
    """The numbers of the parts that have an answer."""
    found = select(parts.c.part).where(parts.c.job_id == job_id, parts.c.seat == seat)
    return frozenset(connection.execute(found).scalars())


def go_on(connection: Connection, claim: Claim, *, served: str, restarts: bool) -> bool:
    """Make the seat pending again, to be asked about the next part, now that one has its answer.

    Args:
        served: who answered that part.
        restarts: from the top of the ladder; else on the rung that answered.

    Returns:
        False: the claim is no longer the seat's; nothing is written.
    """
    top: dict[str, object] = {"rung": 0} if restarts else {}
    heard = func.array_append(seats.c.parts_served, served)
    return fenced(connection, claim, {**_ASKED_ANEW, **top, "parts_served": heard})


def unite(
    connection: Connection, claim: Claim, *, served: str, latency_s: float, usage: JsonObject, each: list[str]
) -> bool:
    """End a seat whose parts all have an answer, `each` by whom. No call was made under this claim, so it counts as no
    attempt. False: the claim is no longer the seat's; nothing is written.
    """
    values: dict[str, object] = {
        "status": SeatStatus.ANSWERED,
        "served": served,
        "latency_s": latency_s,
        "usage": usage,
        "claims": 0,
        "attempts": seats.c.attempts - 1,
        "parts_served": each,
    }
    return fenced(connection, claim, values)


def most_of_open(connection: Connection, job_id: str) -> int:
    """In how many parts that seat is asked that has the most, of those that have not ended; 1: none has any."""
    count = func.max(func.jsonb_array_length(seats.c.cut))
    found = select(count).where(seats.c.job_id == job_id, seats.c.status.in_(list(OPEN)))
    return connection.execute(found).scalar_one() or 1
