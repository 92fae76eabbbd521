"""What becomes of an attempt, each end in one transaction: attempt, seat, job, event."""

from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection

from orchestrator.analysis.items import Candidate
from orchestrator.routing.failover import Decision, GiveUp, Retry, Standing, decide
from orchestrator.routing.planning import Market
from orchestrator.routing.rungs import usable
from orchestrator.storage import attempts, jobs, seats
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.attempts import AttemptState, end_of
from orchestrator.work.jobs import JobStatus
from providers.calls import Call, Finish, JsonObject, Reply, Target
from providers.errors import Canceled, ProviderError
from providers.pricing import cost
from tasks import resources

log = structlog.get_logger()

COMMIT_MARGIN_S: Final = 2.0  # kept back from the job's deadline for checking, synthesis and the commits


@dataclass(frozen=True)
class Work:
    """A claimed seat with the call it is about to make. `call.call_id` is the attempt's id."""

    claim: Claim
    seat: SeatRow
    job: JobRow
    call: Call
    bound_micro_usd: int


def intended(connection: Connection, work: Work) -> None:
    """Write down the intention, and that the job has started if this is its first."""
    attempts.intend(
        connection,
        work.call.call_id,
        work.claim,
        rung=work.seat.rung,
        target=work.seat.target,
        bound_micro_usd=work.bound_micro_usd,
    )
    job = work.claim.job
    if work.job.status is JobStatus.QUEUED:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {}, started_at=resources.current().dispatch.now())
    jobs.note(connection, job, "seat.attempted", {"seat": work.seat.seat, "target": str(work.seat.target)})


def sent(work: Work) -> None:
    """Commit that the call leaves now.

    Raises:
        Canceled: the seat was lost meanwhile; nothing may be sent.
    """
    with resources.current().database.tenant(work.job.tenant_id) as connection:
        if not attempts.send(connection, work.call.call_id, work.claim):
            raise Canceled("The seat was lost before the call left.", provider=work.seat.target.provider)


def answered(work: Work, reply: Reply, candidate: Candidate, *, latency_s: float) -> bool:
    """Keep a checked answer. Returns whether that closed the panel."""
    price = _price(work, reply)
    with resources.current().database.tenant(work.job.tenant_id) as connection:
        owed = price if _note_reply(connection, work, reply, price) else 0
        ended = seats.answer(
            connection,
            work.claim,
            served=str(_served(work, reply)),
            latency_s=round(latency_s, 3),
            usage=reply.usage.model_dump(),
            cost_micro_usd=owed,
        )
        if not ended:
            _pay(connection, work.claim, owed)
            log.info("seat.answered_late", cost_micro_usd=owed)
            return False
        seats.add_candidate(connection, work.claim, work.call.call_id, candidate.model_dump(mode="json"))
        # The job's row is touched once and last: seats that end together wait for each other no longer than that.
        return _close_seat(connection, work, "seat.answered", _who(work, reply), cost_micro_usd=owed)


def unusable(work: Work, reply: Reply, error: ProviderError) -> ProviderError:
    """Book an answer that was paid for and cannot be read; returns the error, for the failover to decide on."""
    with resources.current().database.tenant(work.job.tenant_id) as connection:
        _book(connection, work, reply, _price(work, reply), error=_shown(error))
    return error


def failed(work: Work, error: ProviderError) -> Decision | None:
    """Book a failed attempt and decide where the seat goes. None: the seat is somebody else's by now."""
    with resources.current().database.tenant(work.job.tenant_id) as connection:
        _book_failure(connection, work, error)
        decision = decide(work.seat.plan, _standing(connection, work), error)
        log.info("attempt.failed", target=str(work.seat.target), code=error.code, decision=type(decision).__name__)
        return decision if _apply(connection, work, decision, error) else None


def _standing(connection: Connection, work: Work) -> Standing:
    here = resources.current()
    now = here.dispatch.now()
    market = Market(here.catalog, here.dispatch.reachable, now, work.call.messages)
    count = attempts.tally(connection, work.claim.job, work.seat.seat)
    return Standing(
        rung=work.seat.rung,
        waited=work.seat.waited,
        attempts=work.seat.attempts,
        billed=count.billed,
        filtered=count.filtered,
        spare_key=len(here.key_names.get(work.seat.target.provider, ())) > 1,
        usable=usable(work.seat.plan, market, work.job.bound_micro_usd),
        left_s=(work.job.deadline_at - now).total_seconds() - COMMIT_MARGIN_S,
    )


def abandoned(work: Work, error: ProviderError) -> None:
    """Book a call that was cut because its seat was lost."""
    with resources.current().database.tenant(work.job.tenant_id) as connection:
        _book_failure(connection, work, error)


def write_off(connection: Connection, lost: Claim) -> None:
    """Book what a lost holder left: a call that had left counts at its worst case, one that had not costs nothing."""
    for attempt in attempts.abandoned(connection, lost.job, lost.seat, lost.epoch):
        left = attempt.state is AttemptState.SENT
        state = AttemptState.AMBIGUOUS if left else AttemptState.REFUSED
        price = attempt.bound_micro_usd if left else 0
        error: JsonObject = {"code": "holder_lost", "message": "The process that held the seat is gone."}
        if attempts.end(connection, attempt.id, state, cost_micro_usd=price, error=error):
            _pay(connection, lost, price)


def _apply(connection: Connection, work: Work, decision: Decision, error: ProviderError) -> bool:
    match decision:
        case Retry(rung=rung, wait_s=wait_s):
            moved = rung != work.seat.rung
            if not seats.put_back(connection, work.claim, rung=rung, wait_s=wait_s, moved=moved):
                return False
            data: JsonObject = {
                "seat": work.seat.seat,
                "from": str(work.seat.target),
                "to": str(work.seat.plan.ladder[rung]),
                "because": error.code,
                "wait_s": wait_s,
            }
            jobs.note(connection, work.claim.job, "seat.failed_over", data)
        case GiveUp(reason=reason):
            if not seats.fail(connection, work.claim, reason):
                return False
            _close_seat(connection, work, "seat.failed", {"reason": reason, "because": error.code})
    return True


def _close_seat(
    connection: Connection, work: Work, event: jobs.EventType, data: JsonObject, *, cost_micro_usd: int = 0
) -> bool:
    """Count the seat out of the panel; the row's lock makes the count exact. True: it was the last."""
    seat: JsonObject = {"seat": work.seat.seat, **data}
    job = jobs.count_out(connection, work.claim.job, event, seat, cost_micro_usd=cost_micro_usd)
    if job is None and cost_micro_usd:
        jobs.spend(connection, work.claim.job, cost_micro_usd)  # the job has ended; what was paid stays a fact
    return job is not None and job.open_seats == 0


def _book(connection: Connection, work: Work, reply: Reply, price_micro_usd: int, error: JsonObject) -> None:
    """Book a reply that brings the seat no further."""
    if _note_reply(connection, work, reply, price_micro_usd, error):
        _pay(connection, work.claim, price_micro_usd)


def _note_reply(
    connection: Connection, work: Work, reply: Reply, price_micro_usd: int, error: JsonObject | None = None
) -> bool:
    """Write what the provider said and asks for. False: the attempt had ended before, and is booked."""
    return attempts.answer(
        connection,
        work.call.call_id,
        cost_micro_usd=price_micro_usd,
        model_served=reply.model_served,
        request_id=reply.request_id,
        usage=reply.usage,
        error=error,
    )


def _book_failure(connection: Connection, work: Work, error: ProviderError) -> None:
    """Book what a failure costs: what the provider said, else the worst case if it may bill, else nothing."""
    if error.usage is not None:
        said = Reply(
            text="",
            finish=Finish.STOP,
            model_served=error.model_served,
            usage=error.usage,
            request_id=error.request_id,
        )
        _book(connection, work, said, _price(work, said), error=_shown(error))
        return
    state = end_of(error, was_sent=attempts.was_sent(connection, work.call.call_id))
    price = work.bound_micro_usd if state is AttemptState.AMBIGUOUS else 0
    if attempts.end(connection, work.call.call_id, state, cost_micro_usd=price, error=_shown(error)):
        _pay(connection, work.claim, price)


def _pay(connection: Connection, claim: Claim, cost_micro_usd: int) -> None:
    if cost_micro_usd:
        seats.pay(connection, claim, cost_micro_usd)
        jobs.spend(connection, claim.job, cost_micro_usd)


def _price(work: Work, reply: Reply) -> int:
    """By the model that served, where the catalog knows it; else by the one that was asked."""
    here = resources.current()
    card = here.catalog.model(_served(work, reply))
    return cost(reply.usage, card, here.dispatch.now(), service_tier=reply.tier_served)


def _served(work: Work, reply: Reply) -> Target:
    """The model that answered, where the catalog knows it; else the one that was asked."""
    card = resources.current().catalog.served(work.seat.target.provider, reply.model_served)
    return work.seat.target if card is None else card.target


def _who(work: Work, reply: Reply) -> JsonObject:
    """Whom we asked and who answered. A provider that served another model says so in this event, and in the log."""
    served = _served(work, reply)
    if served != work.seat.target:
        log.warning("attempt.other_model", asked=str(work.seat.target), served=str(served))
    return {"target": str(work.seat.target), "served": str(served), "model_served": reply.model_served}


def _shown(error: ProviderError) -> JsonObject:
    return {
        "code": error.code,
        "type": error.type,
        "message": error.message,
        "provider": error.provider,
        "retryable": error.retryable,
        "status": error.status,
    }
