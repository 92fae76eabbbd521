"""Erasure: what was said in a job's meeting, and all that was made of it, is deleted or emptied, and stays so.

What stays is what was paid: the job's row without a word of the meeting, seats, attempts and ledger. Every table of
tenants is in one of the two lists below, or is named by a function here; a test asks for it, so that whoever adds a
table decides. An answer that comes later finds the job erased (see 0019_erasure.sql): it is booked, and not kept.

A job's replays hold copies, so they are erased with it. Its transcript may be shared with other jobs of the tenant:
it is emptied with the last of them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from orchestrator.storage import feed, idempotency, interventions, jobs, transcripts
from orchestrator.storage.caller_tables import feedback
from orchestrator.storage.delivery_tables import deliveries
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.money_tables import spare_answers
from orchestrator.storage.part_tables import parts
from orchestrator.storage.prompt_tables import prompts
from orchestrator.storage.record_tables import seat_records
from orchestrator.storage.tables import attempts, candidates, questions, results, seats
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject, Target, Value

# Rows that are content, or stand for it.
DELETED: Final = (feedback, results, questions, seat_records, spare_answers, candidates, parts, prompts)

# Tables without a word of a meeting, and why they are left as they are.
KEPT: Final = {
    "api_keys": "who may call",
    "audit_entries": "who changed what: ids, names, limits and states, never words",
    "batch_lines": "which line of a batch became which job, and what was wrong with the others",
    "batches": "counts and states",
    "budget_events": "sums and names of budgets",
    "budget_versions": "limits that were",
    "budgets": "limits",
    "delivery_attempts": "statuses and times; those of a job's deliveries go with them",
    "events": "ids, states, targets and codes, by which what was done can be proved; not the ids of items",
    "feeds": "how far events are numbered",
    "ledger": "what was paid, to whom and when",
    "prompt_templates": "the tenant's own words, for all of its meetings",
    "webhooks": "endpoints and their sealed secrets",
}

# Emptied here: what the caller wrote beside the transcript, and what was found in it.
EMPTIED: Final = ("jobs", "seats", "attempts", "transcripts", "idempotency_keys", "deliveries")

_STAYS: Final = ("words", "duration_s")  # of a job's context


class Recipient(Value):
    """A model that was sent the meeting, so often."""

    target: Target
    calls: int


class Erasure(Value):
    """What was done. `jobs`: the one that was asked for, then its replays. `users`: jobs that keep the transcript.

    `anew`: something was there to be erased.
    """

    job_id: str
    at: datetime
    jobs: tuple[str, ...]
    transcript_id: str
    users: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    anew: bool


def erase(connection: Connection, job_id: str, at: datetime) -> Erasure:
    """End the job and its replays if need be, and erase them, within the tenant's transaction. Safe to repeat.

    Raises:
        NotFound: the transaction's tenant has no such job.
    """
    erased = list(_each(connection, job_id, at))
    done = [job.id for job in erased]
    idempotency.forget_bodies(connection, done)
    users = transcripts.erase_unused(connection, erased[0].transcript_id)
    return Erasure(
        job_id=job_id,
        at=erased[0].erased_at or at,
        jobs=tuple(done),
        transcript_id=erased[0].transcript_id,
        users=tuple(users),
        recipients=_recipients(connection, done),
        anew=any(job.erased_at is None for job in erased),
    )


def _each(connection: Connection, job_id: str, at: datetime) -> Iterator[JobRow]:
    """A job before its replays: nobody can make another of it once it is held."""
    left = [job_id]
    while left:
        one = left.pop(0)
        yield _one(connection, one, at)
        made_of_it = select(job_table.c.id).where(job_table.c.replay_of == one).order_by(job_table.c.id)
        left += connection.execute(made_of_it).scalars()


def _one(connection: Connection, job_id: str, at: datetime) -> JobRow:
    """The job as it was found."""
    # Seats before the job, the order in which every task locks them.
    interventions.cancel_open(connection, job_id)
    connection.execute(update(seats).where(seats.c.job_id == job_id).values(repair=None))
    job = jobs.hold(connection, job_id)
    if job.erased_at is None:
        jobs.move(connection, job_id, JobStatus.CANCELED, "job.canceled", {}, finished_at=at)
        jobs.blank(connection, job_id, erased_at=at, context=_bare(job.context), **_NOTHING)
        for table in DELETED:
            connection.execute(delete(table).where(table.c.job_id == job_id))
        # Their bodies hold the caller's reference. What happens from now on is told all the same, without it.
        connection.execute(delete(deliveries).where(deliveries.c.job_id == job_id))
        _forget_complaints(connection, job_id)
        _forget_url(connection, job_id)
        feed.forget_items(connection, job_id)
    return job


_NOTHING: Final[dict[str, object]] = {
    "boundary": "",
    "strategy_reason": "",
    "reference": None,
    "tags": [],
    "metadata": {},
    "records": None,
}


def _bare(context: JsonObject) -> JsonObject:
    return {name: context[name] for name in _STAYS if name in context}


def _forget_complaints(connection: Connection, job_id: str) -> None:
    """Providers may quote in an error what they were sent."""
    told = (attempts.c.job_id == job_id, attempts.c.error.has_key("message"))
    connection.execute(update(attempts).where(*told).values(error=attempts.c.error.op("-")("message")))


def _forget_url(connection: Connection, job_id: str) -> None:
    """It may name the caller's affairs. The endpoint is another table's, and goes when it is idle."""
    named = (job_table.c.id == job_id, job_table.c.webhook.is_not(None))
    connection.execute(update(job_table).where(*named).values(webhook=job_table.c.webhook.op("-")("url")))


def _recipients(connection: Connection, job_ids: list[str]) -> tuple[Recipient, ...]:
    statement = (
        select(attempts.c.target, func.count().label("calls"))
        .where(attempts.c.job_id.in_(job_ids), attempts.c.sent_at.is_not(None))
        .group_by(attempts.c.target)
        .order_by(attempts.c.target)
    )
    rows = connection.execute(statement)
    return tuple(Recipient(target=Target.parse(row.target), calls=row.calls) for row in rows)
