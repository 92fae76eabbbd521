"""The checker: joins the emulator's bank and log with the rows, call by call, once a run of faults is at rest."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from orchestrator.storage.engine import Database
from orchestrator.storage.money_tables import ledger
from orchestrator.storage.tables import attempts, jobs, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL

_BOOKED = func.sum(ledger.c.cost_micro_usd).label("sum")


@dataclass(frozen=True)
class Call:
    """One attempt as the rows have it, and what the provider says of it.

    `was_unknown`: its fate was once not known, and it was booked at its worst case; its answer may have come since.
    """

    id: str
    job: str
    seat: int
    state: AttemptState
    bound: int
    cost: int
    booked: int
    billed: int
    requests: int
    was_unknown: bool


def calls_of(database: Database, statement: dict[str, int], requests: list[dict[str, Any]]) -> list[Call]:
    """Args: statement, the bank's sums by client request id; requests, the emulator's log."""
    asked = Counter(request["call_id"] for request in requests)
    with database.system() as connection:
        booked = {
            row.attempt_id: int(row.sum)
            for row in connection.execute(select(ledger.c.attempt_id, _BOOKED).group_by(ledger.c.attempt_id))
        }
        unknown = set(connection.execute(select(ledger.c.attempt_id).where(ledger.c.kind == "ambiguous")).scalars())
        rows = connection.execute(select(attempts).order_by(attempts.c.id)).all()
    return [
        Call(
            id=row.id,
            job=row.job_id,
            seat=row.seat,
            state=AttemptState(row.state),
            bound=row.bound_micro_usd,
            cost=row.cost_micro_usd,
            booked=booked.get(row.id, 0),
            billed=statement.get(row.id, 0),
            requests=asked.get(row.id, 0),
            was_unknown=row.id in unknown,
        )
        for row in rows
    ]


def books_agree(calls: list[Call]) -> None:
    """The bank is the ledger, to the micro-dollar, but for calls of unknown fate, which are booked at their bound."""
    for call in calls:
        assert call.booked == call.cost, call
        if call.state is AttemptState.AMBIGUOUS:
            assert call.cost == call.bound, call
            assert call.billed <= call.bound, call
        else:
            assert call.cost == call.billed, call
        assert call.state not in {AttemptState.INTENDED, AttemptState.SENT}, call


def nothing_is_paid_twice(calls: list[Call], *, repeats: int = 1) -> None:
    """Each call went out once, and each seat paid one call and one for each of unknown fate, `repeats` at most.

    A call whose answer was booked after another had been made was of unknown fate when that was decided.
    """
    paid = Counter((call.job, call.seat) for call in calls if call.billed)
    unknown = Counter((call.job, call.seat) for call in calls if call.was_unknown)
    for call in calls:
        assert call.requests <= 1, call
    for seat, count in paid.items():
        assert count <= 1 + min(unknown[seat], repeats), (seat, count, unknown[seat])


def every_job_ended_within_its_bound(database: Database) -> None:
    with database.system() as connection:
        rows = connection.execute(select(jobs)).all()
        of_seats = {
            row.job_id: int(row.sum)
            for row in connection.execute(
                select(seats.c.job_id, func.sum(seats.c.cost_micro_usd).label("sum")).group_by(seats.c.job_id)
            )
        }
        of_ledger = {
            row.job_id: int(row.sum)
            for row in connection.execute(select(ledger.c.job_id, _BOOKED).group_by(ledger.c.job_id))
        }
    for row in rows:
        assert row.status in TERMINAL, row
        assert row.spent_micro_usd <= row.bound_micro_usd, row
        assert row.spent_micro_usd == of_seats[row.id] == of_ledger.get(row.id, 0), row
