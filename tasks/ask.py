"""One seat, one attempt: claim, ask, check, record. The header task of a job's chord.

It never raises at the end and returns one constant, True, when its transaction closed the panel or found it closed;
`orchestrator/chords.py` rings the body then. A seat that must go elsewhere is put on its next rung in the rows and
travels on by `self.retry` to that provider's queue, keeping its place in the chord.
"""

import time
from typing import Any

import structlog
from celery import shared_task
from sqlalchemy import Connection

from orchestrator import names, queues
from orchestrator.analysis import evidence, prompts, replies
from orchestrator.analysis.items import Candidate
from orchestrator.errors import NotFound, Unavailable
from orchestrator.ids import new_id
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing.failover import GiveUp, Retry
from orchestrator.routing.planning import MAX_OUTPUT_TOKENS
from orchestrator.routing.rungs import patience_s
from orchestrator.storage import jobs, seats
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from providers.calls import Call, Reply
from providers.errors import BadReply, Canceled, ProviderError
from providers.pricing import bound
from providers.sockets import Cancel
from tasks import recording, resources
from tasks.exchanges import exchange
from tasks.meeting_facts import people, started_on
from tasks.recording import COMMIT_MARGIN_S, Work

log = structlog.get_logger()


@shared_task(name=names.ASK, bind=True, max_retries=None)
def ask(self: Any, *, job: str, seat: int, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> bool:
    """Work on a seat. Safe to run twice: a seat that somebody holds or has ended is left alone."""
    structlog.contextvars.bind_contextvars(job=job, seat=seat, task_id=self.request.id)
    try:
        step = _work(job, seat)
    except NotFound:
        log.warning("ask.no_such_job")
        return False
    except Unavailable as error:
        # The message is given back by the reconciler once PostgreSQL is here again; nothing was claimed for good.
        log.warning("ask.store_away", error=error.message)
        return False
    finally:
        structlog.contextvars.clear_contextvars()
    if isinstance(step, str):
        raise self.retry(queue=step, countdown=0)
    return step


def _work(job: str, seat: int) -> bool | str:
    """Returns whether the panel is closed, or the queue on which the seat goes on."""
    work = _claim(job, seat)
    if work is None:
        return _is_closed(job)
    with resources.current().leases.holding(work.claim) as cancel:
        started = time.monotonic()
        outcome = _ask(work, cancel)
    if isinstance(outcome, Canceled):
        return _let_go(work, outcome)
    if isinstance(outcome, ProviderError):
        return _move_on(work, outcome)
    reply, candidate = outcome
    return recording.answered(work, reply, candidate, latency_s=time.monotonic() - started)


def _claim(job: str, seat: int) -> Work | None:
    """Take the seat and write down the intention to call. None: there is nothing to do here."""
    here = resources.current()
    # The commit of "sent" comes before the first byte and takes this one to disk.
    with here.database.tenant_of(job, durable=False) as connection:
        row = seats.claim(connection, job, seat, here.settings.lease_s)
        if row is None:
            return None
        if row.claims > 1:
            # Taken from a holder whose lease ran out, before the reconciler came by.
            recording.write_off(connection, Claim(job=job, seat=seat, epoch=row.epoch - 1))
        work = _prepare(connection, row, jobs.read(connection, job))
        recording.intended(connection, work)
        return work


def _prepare(connection: Connection, row: SeatRow, job: JobRow) -> Work:
    here = resources.current()
    transcript = resources.transcript_of(job, connection)
    card = here.catalog.model(row.target) if here.catalog.knows(row.target) else None
    most = MAX_OUTPUT_TOKENS if card is None else min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
    call = Call(
        call_id=new_id("atm"),
        messages=prompts.messages(transcript, job.boundary, glossary=_glossary(job)),
        max_output_tokens=most,
        timeout_s=_patience_s(row, job),
        schema_name=prompts.SCHEMA_NAME,
        json_schema=prompts.SCHEMA,
    )
    return Work(
        claim=Claim(job=job.id, seat=row.seat, epoch=row.epoch),
        seat=row,
        job=job,
        call=call,
        # A model that has left the catalog since is not asked: the client says so, and the seat moves on.
        bound_micro_usd=0 if card is None else bound(call, card, here.dispatch.now()),
    )


def _ask(work: Work, cancel: Cancel) -> tuple[Reply, Candidate] | ProviderError:
    """The call and the reading of its answer; every failure is a value."""
    reply = exchange(work, cancel)
    if isinstance(reply, ProviderError):
        return reply
    try:
        return reply, _read(work, reply)
    except replies.UnreadableReply as error:
        return recording.unusable(work, reply, BadReply(error.message, provider=work.seat.target.provider))


def _read(work: Work, reply: Reply) -> Candidate:
    transcript: Transcript = resources.transcript_of(work.job)
    return evidence.check(
        replies.read(reply.text),
        transcript,
        people(work.job),
        started_on(work.job),
        seat=work.seat.seat,
    )


def _move_on(work: Work, error: ProviderError) -> bool | str:
    decision = recording.failed(work, error)
    match decision:
        case Retry(rung=rung, wait_s=0):
            return queues.of_provider(work.seat.plan.ladder[rung].provider)
        case Retry():
            return False  # it waits in its row; the reconciler publishes it when it is due
        case GiveUp():
            return _is_closed(work.job.id)
        case None:
            return False  # the seat was somebody else's by now


def _let_go(work: Work, error: Canceled) -> bool:
    """The seat was lost while we asked: book what the call may cost, touch nothing else."""
    recording.abandoned(work, error)
    return False


def _is_closed(job: str) -> bool:
    """Whether the panel is complete and waits for its synthesis: then ring, again if need be."""
    with resources.current().database.tenant_of(job) as connection:
        row = jobs.read(connection, job)
        return row.open_seats == 0 and row.status == "running"


def _patience_s(row: SeatRow, job: JobRow) -> float:
    """A fair share of what is left of the job's time; the client caps it by the provider's own limit."""
    left_s = (job.deadline_at - resources.current().dispatch.now()).total_seconds() - COMMIT_MARGIN_S
    return max(0.1, patience_s(row.plan, row.rung, left_s))


def _glossary(job: JobRow) -> tuple[str, ...]:
    words = job.context.get("glossary")
    return tuple(str(word) for word in words) if isinstance(words, list) else ()
