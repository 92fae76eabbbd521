"""A job over the stored answers of another. Its seats and candidates are copies: it stands by itself, whatever becomes
of the job that it was made from (ADR 0045).

All rows are written in one transaction. Its panel is closed from the start, so what is left to do is its synthesis, and
the reconciler finds it like that of any other job whose ring was lost. One that may call models has copies of what was
replied to its questions before, and asks what is left (ADR 0049).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, insert, literal, select

from orchestrator.errors import QueueFull
from orchestrator.routing.consultation import Consulted
from orchestrator.routing.replays import ReplayPlan, Source
from orchestrator.storage import candidates as documents
from orchestrator.storage import jobs, seats
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.questions import Heard
from orchestrator.storage.tables import attempts, candidates, questions
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import ANALYST
from providers.calls import JsonObject, Target

# What the result is a function of, and what its label is told by; and to whom it belongs.
COPIED: Final = (
    "transcript_id",
    "boundary",
    "policy",
    "policy_planned",
    "cheaper_because",
    "project",
    "priority",
    "context",
    "catalog_version",
    "prompt_version",
    "records",
)
COPIED_OF_SEATS: Final = ("role", "status", "asked", "ladder", "served", "reason", "lane", "cut", "parts_served")

DEADLINE_S: Final = 300.0  # what the contract grants a job that says nothing; a synthesis takes well under a second
# Of a tenant: they stand in one queue with the syntheses of everybody, and these are a second of one process' work.
MOST_OPEN: Final = 32
RETRY_AFTER_S: Final = 1.0  # by then many of those are done


@dataclass(frozen=True)
class Held:
    """A job that is to be replayed: its row, what a plan goes by, who served its panel, the seats beside that."""

    job: JobRow
    facts: Source
    served: Mapping[int, Target]
    beside: tuple[int, ...]


def require_room(connection: Connection) -> None:
    """Raises QueueFull: the transaction's tenant has as many replays under way as it may."""
    under_way = job_table.c.replay_of.is_not(None) & job_table.c.finished_at.is_(None)
    found = connection.execute(select(func.count()).where(under_way)).scalar_one()
    if found >= MOST_OPEN:
        raise QueueFull(f"{found} of your replays are under way already.", retry_after_s=RETRY_AFTER_S)


def hold(connection: Connection, job_id: str) -> Held:
    """Read a job and keep it as it is until the transaction ends: nobody reopens it meanwhile.

    Raises:
        NotFound: the transaction's tenant has no such job.
        Erased: there is nothing to make it from.
    """
    connection.execute(select(job_table.c.id).where(job_table.c.id == job_id).with_for_update(read=True))
    job = jobs.whole(connection, job_id)
    rows = seats.of_job(connection, job_id)
    panel = [seat.seat for seat in rows if seat.role == ANALYST]
    found = documents.seats_with(connection, job_id)
    facts = Source(
        id=job_id,
        status=job.status,
        quorum=job.quorum,
        panel=tuple(panel),
        answered=tuple(seat for seat in panel if seat in found),
    )
    return Held(
        job=job,
        facts=facts,
        served={seat.seat: Target.parse(seat.served) for seat in rows if seat.role == ANALYST and seat.served},
        beside=tuple(seat.seat for seat in rows if seat.role != ANALYST),
    )


def add(
    connection: Connection,
    job_id: str,
    source: Held,
    plan: ReplayPlan,
    *,
    at: datetime,
    consulted: Consulted | None = None,
    heard: Sequence[Heard] = (),
) -> None:
    """Insert the replay: a job that runs with its panel closed.

    Args:
        job_id: of the new job.
        source: what it is made from.
        plan: made from its facts.
        at: when its panel was closed.
        consulted: whom it has for its questions; None: it may ask nobody, and has what the source has, if it is of the
            same panel.
        heard: the replies that are not asked for again.
    """
    whole = plan.seats == source.facts.panel
    callers = source.job.callers if whole else []
    if consulted is not None:
        callers = [caller.model_dump(mode="json") for caller in consulted.callers]
    values = {
        "id": job_id,
        "replay_of": source.job.id,
        "strategy_asked": plan.strategy,
        "strategy_planned": plan.strategy,
        "strategy_reason": plan.reason,
        "quorum": plan.quorum,
        "open_seats": 0,
        "callers": callers,
        "may_call": consulted is not None and consulted.asks,
        "answered_seats": len(plan.answered),
        "bound_micro_usd": 0 if consulted is None else consulted.bound_micro_usd,
        "expected_micro_usd": 0 if consulted is None else consulted.expected_micro_usd,
        "tags": [],
        "metadata": {},
        **{name: getattr(source.job, name) for name in COPIED},
    }
    jobs.add(connection, values, deadline_s=DEADLINE_S)
    _copy_seats(connection, job_id, plan.seats, source.job.id)
    _copy_candidates(connection, job_id, plan, source.job.id)
    for number, one in enumerate(heard, max(plan.seats) + 1):
        _copy_heard(connection, job_id, one, number)
    if consulted is None and whole:
        # Of the same panel a strategy asks the same, and finds what was replied, or that nobody could be had.
        _copy_seats(connection, job_id, source.beside, source.job.id)
        _copy_questions(connection, job_id, source.job.id)
    told: JsonObject = {"replay_of": source.job.id}
    jobs.move(connection, job_id, JobStatus.RUNNING, "job.started", told, started_at=at, closed_at=at)


def _copy_seats(connection: Connection, job_id: str, copied: Sequence[int], source_id: str) -> None:
    """As they ended, but without what their calls took and cost."""
    copies = _ended(job_id, seat_table.c.seat).where(seat_table.c.job_id == source_id, seat_table.c.seat.in_(copied))
    connection.execute(insert(seat_table).from_select(["job_id", "unreadable", "seat", *COPIED_OF_SEATS], copies))


def _ended(job_id: str, number: ColumnElement[int]) -> Select[Any]:
    """Seats as a replay has them, under this number."""
    spoiled = (
        select(func.count())
        .where(
            attempts.c.job_id == seat_table.c.job_id,
            attempts.c.seat == seat_table.c.seat,
            attempts.c.state == AttemptState.ANSWERED,
            attempts.c.error.is_not(None),
        )
        .scalar_subquery()
    )
    copied = (seat_table.c[name] for name in COPIED_OF_SEATS)
    return select(literal(job_id), seat_table.c.unreadable + spoiled, number, *copied)


def _copy_heard(connection: Connection, job_id: str, heard: Heard, number: int) -> None:
    """A question with its reply, and the seat that gave it, under a number of this job."""
    source = seat_table.c.job_id == heard.job_id, seat_table.c.seat == heard.plan.seat
    copy = _ended(job_id, literal(number)).where(*source)
    connection.execute(insert(seat_table).from_select(["job_id", "unreadable", "seat", *COPIED_OF_SEATS], copy))
    said = select(literal(job_id), questions.c.digest, literal(number), questions.c.document, questions.c.reply).where(
        questions.c.job_id == heard.job_id, questions.c.digest == heard.digest
    )
    names = ["job_id", "digest", "seat", "document", "reply"]
    connection.execute(insert(questions).from_select(names, said))


def _copy_questions(connection: Connection, job_id: str, source_id: str) -> None:
    names = ("digest", "seat", "document", "reply")
    copies = select(literal(job_id), *(questions.c[name] for name in names)).where(questions.c.job_id == source_id)
    connection.execute(insert(questions).from_select(["job_id", *names], copies))


def _copy_candidates(connection: Connection, job_id: str, plan: ReplayPlan, source_id: str) -> None:
    """The attempt that brought a candidate is still the one that was paid for."""
    copies = select(literal(job_id), candidates.c.seat, candidates.c.attempt_id, candidates.c.document).where(
        candidates.c.job_id == source_id, candidates.c.seat.in_(plan.answered)
    )
    connection.execute(insert(candidates).from_select(["job_id", "seat", "attempt_id", "document"], copies))
