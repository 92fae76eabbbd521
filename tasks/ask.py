"""One seat, one attempt: claim, ask, check, record. The header task of a job's chord.

It never raises at the end and returns one constant, True, when its transaction closed the panel or found it closed;
`orchestrator/chords.py` rings the body then. A seat that must go elsewhere is put on its next rung in the rows and
travels on by `self.retry` to that provider's queue, keeping its place in the chord.
"""

import time
from typing import Any

import structlog
from celery import shared_task
from celery.exceptions import Reject
from sqlalchemy import Connection

from orchestrator import failpoints, names
from orchestrator.analysis import evidence, prompts, replies
from orchestrator.analysis.items import Candidate
from orchestrator.errors import NotFound, Unavailable
from orchestrator.ids import new_id
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing.failover import GiveUp, Retry
from orchestrator.routing.market import MAX_OUTPUT_TOKENS
from orchestrator.routing.rungs import patience_s
from orchestrator.storage import intentions, jobs, seats, spares
from orchestrator.storage.intentions import Intention
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.seats import Bell
from providers.calls import Call, Reply, Target
from providers.catalog import ModelCard
from providers.errors import BadReply, Canceled, ProviderError
from providers.pricing import bound
from tasks import exchanges, keeping, recording, resources, settling
from tasks.booking import shown
from tasks.exchanges import Passage
from tasks.keeping import Kept
from tasks.meeting_facts import people, started_on
from tasks.recording import COMMIT_MARGIN_S
from tasks.work import Work

log = structlog.get_logger()


@shared_task(name=names.ASK, bind=True, max_retries=None)
def ask(self: Any, *, job: str, seat: int, epoch: int, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> bool:
    """Work on a seat. Safe to run twice: a seat that somebody holds or has ended is left alone.

    Raises:
        Reject: this process has been told to stop; the message goes back to its queue.
        Retry: the seat goes on at another provider's queue.
    """
    if resources.current().stopping.is_set():
        raise Reject("told to stop", requeue=True)
    structlog.contextvars.bind_contextvars(job=job, seat=seat, task_id=self.request.id)
    try:
        step = _work(job, seat, epoch)
    except NotFound:
        log.warning("ask.no_such_job")
        return False
    except Unavailable as error:
        # The message is given back by the reconciler once PostgreSQL is here again; nothing was claimed for good.
        log.warning("ask.store_away", error=error.message)
        return False
    finally:
        structlog.contextvars.clear_contextvars()
    if isinstance(step, Bell):
        said = resources.current().dispatch.canvas.ask(step)
        shown = {name: said.options[name] for name in ("argsrepr", "kwargsrepr")}
        moved = self.retry(queue=said.options["queue"], kwargs=said.kwargs, countdown=0, throw=False, **shown)
        failpoints.reach("seat.moved")
        raise moved
    failpoints.reach("seat.done")
    return step


def _work(job: str, seat: int, epoch: int) -> bool | Bell:
    """Returns whether the panel is closed, or the bell by which the seat goes on."""
    work = _claim(job, seat, epoch)
    if work is None:
        return _is_closed(job)
    if isinstance(work, bool):
        return work
    with resources.current().leases.holding(work.claim) as cancel, exchanges.passage(work, cancel) as way:
        began = time.monotonic()
        outcome = way.ask()
        failpoints.reach("attempt.answered")
        step = _conclude(work, outcome, way, took_s=time.monotonic() - began)
        failpoints.reach("attempt.booked")
        return step


def _conclude(work: Work, outcome: Reply | ProviderError, way: Passage, *, took_s: float) -> bool | Bell:
    """Book what came of the call; every end of it is a row."""
    if isinstance(outcome, Canceled):
        if keeping.patiently(lambda: recording.let_go(work, outcome), on_wait=way.give_up_permit):
            _hand_over(work)
        return False
    if isinstance(outcome, ProviderError):
        return _move_on(work, outcome, way)
    try:
        candidate = _read(work, outcome)
    except replies.UnreadableReply as error:
        bad = BadReply(error.message, provider=work.seat.target.provider)
        useless = Kept(paid=work.paid, reply=outcome, latency_s=took_s, error=shown(bad))
        keeping.book(useless, work.account, on_wait=way.give_up_permit)
        return _move_on(work, bad, way)
    kept = Kept(paid=work.paid, reply=outcome, latency_s=took_s, candidate=candidate)
    return keeping.book(kept, work.account, on_wait=way.give_up_permit)


def _claim(job: str, seat: int, epoch: int) -> Work | bool | None:
    """Take the seat and write down the intention to call.

    None: there is nothing to do here. A truth value: the seat has ended with an answer that was paid for already, and
    whether that closed the panel.
    """
    here = resources.current()
    came_to: dict[str, int] = {}
    # The commit of "sent" comes before the first byte and takes this one to disk.
    with here.database.tenant_of(job, durable=False) as connection:
        row = seats.claim(connection, job, seat, epoch, here.settings.lease_s)
        if row is None:
            return None
        if row.claims > 1:
            # Taken from a holder whose lease ran out, before the reconciler came by.
            came_to = recording.write_off_claim(connection, Claim(job=job, seat=seat, epoch=row.epoch - 1))
        work: Work | bool | None = _adopted(connection, row) if row.epoch > 1 else None
        if work is None:
            work = _prepare(connection, row, jobs.read(connection, job))
            failpoints.reach("attempt.before_intended")
    failpoints.reach("attempt.intended")
    settling.settle(came_to)
    return work


def _adopted(connection: Connection, row: SeatRow) -> bool | None:
    """End the seat with an answer that came after an earlier claim of it was lost. None: there is none."""
    spare = spares.of_seat(connection, row.job_id, row.seat)
    if spare is None:
        return None
    recording.started(connection, jobs.read(connection, row.job_id), row)
    return recording.adopt(connection, Claim(job=row.job_id, seat=row.seat, epoch=row.epoch), spare)


def _prepare(connection: Connection, row: SeatRow, job: JobRow) -> Work:
    here = resources.current()
    claim = Claim(job=job.id, seat=row.seat, epoch=row.epoch)
    card = here.catalog.model(row.target) if here.catalog.knows(row.target) else None
    begun_at = here.dispatch.now()
    call = _call(connection, row, job, card)
    # A model that has left the catalog since is not asked: the client says so, and the seat moves on.
    bound_micro_usd = 0 if card is None else bound(call, card, begun_at)
    intention = Intention(
        id=call.call_id,
        rung=row.rung,
        target=row.target,
        bound_micro_usd=bound_micro_usd,
        project=job.project,
        price_version=here.catalog.version,
        service_tier=call.service_tier,
    )
    intended = intentions.intend(connection, claim, intention)
    recording.started(connection, job, row)
    return Work(
        claim=claim,
        seat=row,
        job=job,
        call=call,
        bound_micro_usd=bound_micro_usd,
        begun_at=begun_at,
        intended=intended,
    )


def _call(connection: Connection, row: SeatRow, job: JobRow, card: ModelCard | None) -> Call:
    transcript = resources.transcript_of(job, connection)
    most = MAX_OUTPUT_TOKENS if card is None else min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
    return Call(
        call_id=new_id("atm"),
        messages=prompts.messages(transcript, job.boundary, glossary=_glossary(job), cached=row.cached),
        max_output_tokens=most,
        timeout_s=_patience_s(row, job),
        schema_name=prompts.SCHEMA_NAME,
        json_schema=prompts.SCHEMA,
        # The cheaper tier may have no place: then the next attempt pays the list price rather than wait on.
        service_tier=row.service_tier if row.attempts == 1 else "standard",
    )


def _read(work: Work, reply: Reply) -> Candidate:
    """Raises UnreadableReply."""
    transcript: Transcript = resources.transcript_of(work.job)
    return evidence.check(
        replies.read(reply.text),
        transcript,
        people(work.job),
        started_on(work.job),
        seat=work.seat.seat,
    )


def _move_on(work: Work, error: ProviderError, way: Passage) -> bool | Bell:
    decision = keeping.patiently(lambda: recording.failed(work, error), on_wait=way.give_up_permit)
    match decision:
        case Retry(rung=rung, wait_s=0):
            return _bell(work, work.seat.plan.ladder[rung])
        case Retry():
            return False  # it waits in its row; the reconciler publishes it when it is due
        case GiveUp():
            return _is_closed(work.job.id)
        case None:
            return False  # the seat was somebody else's by now


def _hand_over(work: Work) -> None:
    """Ring for the seat that was just let go, so that another process has it within moments."""
    log.info("seat.let_go", target=str(work.seat.target))
    resources.current().dispatch.repeat_ask(_bell(work, work.seat.target))


def _bell(work: Work, target: Target) -> Bell:
    return Bell(
        job=work.job.id,
        seat=work.seat.seat,
        provider=target.provider,
        epoch=work.claim.epoch,
        lane=work.job.priority,
    )


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
