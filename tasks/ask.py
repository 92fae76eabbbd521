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
from orchestrator.analysis import replies
from orchestrator.analysis.items import Candidate
from orchestrator.analysis.repairs import Repair
from orchestrator.errors import NotFound, Unavailable
from orchestrator.routing.failover import GiveUp, Retry
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.storage import jobs, seats, spares
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Bell
from providers.calls import Reply, Target
from providers.errors import BadReply, Canceled, ProviderError
from tasks import exchanges, hedging, keeping, mending, parted, preparing, recording, resources, settling
from tasks.booking import shown
from tasks.exchanges import Passage
from tasks.keeping import Kept
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
    here = resources.current()
    with (
        here.leases.holding(work.claim) as cancel,
        exchanges.passage(work, cancel) as way,
        hedging.beside(work, cancel) as second,
    ):
        began = time.monotonic()
        outcome = way.ask()
        took_s = time.monotonic() - began
        failpoints.reach("attempt.answered")
        if isinstance(outcome, ProviderError):
            second.settle(outcome)
        step = _conclude(work, outcome, way, took_s=took_s)
        failpoints.reach("attempt.booked")
        if isinstance(outcome, Reply):
            here.hedges.answered(work.seat.target, took_s)
            second.settle(outcome)
        return step or second.closed


def _conclude(work: Work, outcome: Reply | ProviderError, way: Passage, *, took_s: float) -> bool | Bell:
    """Book what came of the call; every end of it is a row."""
    if isinstance(outcome, Canceled):
        if keeping.patiently(lambda: recording.let_go(work, outcome), on_wait=way.give_up_permit):
            _hand_over(work)
        return False
    if isinstance(outcome, ProviderError):
        return _move_on(work, outcome, way)
    try:
        said = preparing.read(work, outcome)
    except replies.UnreadableReply as error:
        bad = BadReply(error.message, provider=work.seat.target.provider)
        return _do_without(work, outcome, bad, mending.wish(work, outcome, error.problems), way, took_s=took_s)
    foreign = mending.complaint(work, said) if isinstance(said, Candidate) else None
    wish = None if foreign is None else mending.wish(work, outcome, (foreign,))
    if foreign is not None and wish is not None:
        bad = BadReply(foreign, provider=work.seat.target.provider)
        if recording.would_mend(work, outcome, bad, wish):
            return _do_without(work, outcome, bad, wish, way, took_s=took_s)
    kept = Kept(paid=work.paid, reply=outcome, latency_s=took_s, document=said.model_dump(mode="json"))
    closed = keeping.book(kept, work.account, on_wait=way.give_up_permit)
    return closed if work.part is None else work.bell(_next_target(work))


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
        work = _of_whole(connection, row) if row.cut is None else _of_part(connection, row)
        failpoints.reach("attempt.before_intended")
    failpoints.reach("attempt.intended")
    settling.settle(came_to)
    return work


def _of_whole(connection: Connection, row: SeatRow) -> Work | bool:
    adopted = _adopted(connection, row) if row.epoch > 1 else None
    return preparing.prepare(connection, row, jobs.read(connection, row.job_id)) if adopted is None else adopted


def _of_part(connection: Connection, row: SeatRow) -> Work | bool:
    """The call about the next part, or what it means that there is none."""
    job, part = jobs.read(connection, row.job_id), parted.next_part(connection, row)
    if part is None:
        return parted.unite(connection, row, job)
    return preparing.prepare(connection, row, job, part=part)


def _next_target(work: Work) -> Target:
    """Who is asked about the next part: see `parted.answered`."""
    stood_in = work.seat.target.provider == EXTRACTIVE
    return work.seat.plan.ladder[0] if stood_in else work.seat.target


def _adopted(connection: Connection, row: SeatRow) -> bool | None:
    """End the seat with an answer that came after an earlier claim of it was lost. None: there is none."""
    spare = spares.of_seat(connection, row.job_id, row.seat)
    if spare is None:
        return None
    recording.started(connection, jobs.read(connection, row.job_id), row)
    return recording.adopt(connection, Claim(job=row.job_id, seat=row.seat, epoch=row.epoch), row.role, spare)


def _do_without(
    work: Work, reply: Reply, bad: BadReply, wish: Repair | None, way: Passage, *, took_s: float
) -> bool | Bell:
    """Book an answer that is of no use; the seat goes on, to have it mended if that may be."""
    useless = Kept(paid=work.paid, reply=reply, latency_s=took_s, error=shown(bad))
    keeping.book(useless, work.account, on_wait=way.give_up_permit)
    failpoints.reach("attempt.useless")
    return _move_on(work, bad, way, wish)


def _move_on(work: Work, error: ProviderError, way: Passage, wish: Repair | None = None) -> bool | Bell:
    decision = keeping.patiently(lambda: recording.failed(work, error, wish), on_wait=way.give_up_permit)
    match decision:
        case Retry(rung=rung, wait_s=0):
            return work.bell(work.seat.plan.ladder[rung])
        case Retry():
            return False  # it waits in its row; the reconciler publishes it when it is due
        case GiveUp():
            return _is_closed(work.job.id)
        case None:
            return False  # the seat was somebody else's by now


def _hand_over(work: Work) -> None:
    """Ring for the seat that was just let go, so that another process has it within moments."""
    log.info("seat.let_go", target=str(work.seat.target))
    resources.current().dispatch.repeat_ask(work.bell(work.seat.target))


def _is_closed(job: str) -> bool:
    """Whether the panel is complete and waits for its synthesis: then ring, again if need be."""
    with resources.current().database.tenant_of(job) as connection:
        row = jobs.read(connection, job)
        return row.open_seats == 0 and row.status in (JobStatus.RUNNING, JobStatus.SYNTHESIZING)
