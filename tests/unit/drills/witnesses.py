"""A small run that kept every promise, to be doctored: two jobs of one seat, one with a call of unknown fate."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ops.drills.storm.evidence import Call, Event, Evidence, Job
from ops.drills.storm.upstream import Log, Posted, Seen
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject

BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN: Final = ("job.queued", "job.started", "seat.attempted", "seat.answered", "job.synthesizing", "job.succeeded")


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def event(job: str, sequence: int, kind: str, seconds: float, **data: object) -> Event:
    told: JsonObject = {"seat": 0, **data} if kind.startswith("seat.") else {**data}  # type: ignore[dict-item]
    return Event(job, sequence, kind, at(seconds), 0 if kind.startswith("seat.") else None, told)


def story(job: str, *kinds: str) -> tuple[Event, ...]:
    """One event a second."""
    return tuple(event(job, number, kind, number) for number, kind in enumerate(kinds, start=1))


def a_job(name: str, events: tuple[Event, ...], spent: int, status: JobStatus = JobStatus.SUCCEEDED) -> Job:
    return Job(
        id=name,
        status=status,
        version=len(events),
        spent=spent,
        bound=1_000,
        of_seats=spent,
        of_ledger=spent,
        results=int(status is JobStatus.SUCCEEDED),
        dispatched_at=BEGAN,
        events=events,
    )


def call(name: str, job: str, **changes: object) -> Call:
    paid = Call(name, job, 0, AttemptState.ANSWERED, bound=400, cost=100, booked=100, billed=100, requests=1)
    return replace(paid, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Sound:
    evidence: Evidence
    log: Log


def sound() -> Sound:
    lost = call("c2", "j2", state=AttemptState.AMBIGUOUS, cost=400, booked=400, billed=100, unknown=True)
    again = (*PLAIN[:3], "seat.attempted", *PLAIN[3:])
    return Sound(
        Evidence(
            jobs={"j1": a_job("j1", story("j1", *PLAIN), 100), "j2": a_job("j2", story("j2", *again), 500)},
            calls=(call("c1", "j1"), lost, call("c3", "j2")),
            keys={"k1": "j1", "k2": "j2"},
            strangers={},
        ),
        Log(
            posted=[
                Posted("k1", BEGAN, 0.1, None),
                Posted("k1", BEGAN, 0.1, 202, job="j1"),
                Posted("k2", BEGAN, 0.1, 503, "2"),
                Posted("k2", BEGAN, 0.1, 202, job="j2"),
            ],
            seen=[
                Seen("j1", 2, "running", result=False),
                Seen("j1", 6, "succeeded", result=True),
                Seen("j2", 7, "succeeded", result=True),
            ],
        ),
    )
