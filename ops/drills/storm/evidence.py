"""What the witnesses say when a run is at rest: the rows, the emulator's log and bank, and what Redis still holds.

The emulator is the witness of what was asked and billed; it shares no code with the product. Everything is read once,
into frozen values, so that judging is pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel
from sqlalchemy import Connection, func, select

from orchestrator.storage.caller_tables import idempotency_keys
from orchestrator.storage.engine import Database
from orchestrator.storage.money_tables import ledger
from orchestrator.storage.tables import attempts, events, jobs, results, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject
from providers.http import Http

_BOOKED: Final = func.sum(ledger.c.cost_micro_usd).label("sum")
_FREE: Final = frozenset({"models"})  # the product's looks that cost nothing


@dataclass(frozen=True)
class Call:
    """One attempt as the rows have it, and what the provider says of it. Money in micro-dollars.

    `unknown`: its fate was not known at some time, and it was booked at its bound, whatever came later. `unusable`: it
    was paid for and could not be read. `requests`: how often the provider was asked under its id. `part` of the meeting
    that it is about; None: all of it.
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
    unknown: bool = False
    unusable: bool = False
    part: int | None = None


@dataclass(frozen=True)
class Event:
    """One line of a job's story. `seat` is None where it concerns the whole job."""

    job: str
    sequence: int
    type: str
    at: datetime
    seat: int | None
    data: JsonObject


@dataclass(frozen=True)
class Job:
    """A job's row with what hangs on it: sums of its seats and of the ledger, results, and its story in order."""

    id: str
    status: JobStatus
    version: int
    spent: int
    bound: int
    of_seats: int
    of_ledger: int
    results: int
    dispatched_at: datetime | None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """All of it. `strangers`: what the bank billed under ids that no row knows, and without any id."""

    jobs: Mapping[str, Job]
    calls: tuple[Call, ...]
    keys: Mapping[str, str]
    strangers: Mapping[str, int]
    holds: tuple[str, ...] = ()


class _Request(BaseModel):
    call_id: str
    endpoint: str


class _Log(BaseModel):
    requests: tuple[_Request, ...]
    waiting: int


class Bank(BaseModel):
    """What the emulator has billed; `by_client_request_id` has the product's own ids of calls."""

    total_micro_usd: int
    by_client_request_id: dict[str, int]


def read(database: Database, emulator: Http, holds: Sequence[str]) -> Evidence:
    """Raises Unavailable, ConnectionError."""
    log = _Log.model_validate_json(emulator.get("/_control/log").body)
    bank = Bank.model_validate_json(emulator.get("/_control/bank").body)
    asked = Counter(request.call_id for request in log.requests if request.endpoint not in _FREE)
    with database.system() as connection:
        calls = calls_of(connection, bank.by_client_request_id, asked)
        known = {call.id for call in calls}
        nameless = bank.total_micro_usd - sum(bank.by_client_request_id.values())
        strangers = {name: cost for name, cost in bank.by_client_request_id.items() if name not in known and cost}
        return Evidence(
            jobs=jobs_of(connection),
            calls=calls,
            keys={row.key: row.job_id for row in connection.execute(select(idempotency_keys))},
            strangers=strangers | ({"": nameless} if nameless else {}),
            holds=tuple(holds),
        )


def calls_of(connection: Connection, billed: Mapping[str, int], asked: Mapping[str, int]) -> tuple[Call, ...]:
    """Args: billed, the bank's sums by our ids; asked, how many requests for an answer came under each."""
    sums = select(ledger.c.attempt_id, _BOOKED).group_by(ledger.c.attempt_id)
    booked = {row.attempt_id: int(row.sum) for row in connection.execute(sums)}
    lost = select(ledger.c.attempt_id).where(ledger.c.kind == "ambiguous")
    unknown = frozenset(connection.execute(lost).scalars())
    return tuple(
        Call(
            id=row.id,
            job=row.job_id,
            seat=row.seat,
            state=AttemptState(row.state),
            bound=row.bound_micro_usd,
            cost=row.cost_micro_usd,
            booked=booked.get(row.id, 0),
            billed=billed.get(row.id, 0),
            requests=asked.get(row.id, 0),
            unknown=row.state == AttemptState.AMBIGUOUS or row.id in unknown,
            unusable=row.state == AttemptState.ANSWERED and row.error is not None,
            part=row.part,
        )
        for row in connection.execute(select(attempts).order_by(attempts.c.id))
    )


def jobs_of(connection: Connection) -> dict[str, Job]:
    of_seats = select(seats.c.job_id, func.sum(seats.c.cost_micro_usd).label("sum")).group_by(seats.c.job_id)
    by_seats = {row.job_id: int(row.sum) for row in connection.execute(of_seats)}
    of_ledger = select(ledger.c.job_id, _BOOKED).group_by(ledger.c.job_id)
    by_ledger = {row.job_id: int(row.sum) for row in connection.execute(of_ledger)}
    found = Counter(connection.execute(select(results.c.job_id)).scalars())
    told = _stories(connection)
    return {
        row.id: Job(
            id=row.id,
            status=JobStatus(row.status),
            version=row.version,
            spent=row.spent_micro_usd,
            bound=row.bound_micro_usd,
            of_seats=by_seats.get(row.id, 0),
            of_ledger=by_ledger.get(row.id, 0),
            results=found[row.id],
            dispatched_at=row.dispatched_at,
            events=tuple(told.get(row.id, ())),
        )
        for row in connection.execute(select(jobs).order_by(jobs.c.id))
    }


def _stories(connection: Connection) -> dict[str, list[Event]]:
    told: dict[str, list[Event]] = {}
    for row in connection.execute(select(events).order_by(events.c.job_id, events.c.sequence)):
        event = Event(row.job_id, row.sequence, row.type, row.at, row.data.get("seat"), row.data)
        told.setdefault(row.job_id, []).append(event)
    return told
