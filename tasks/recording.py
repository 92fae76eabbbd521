"""What becomes of a seat whose call is over, each end in one transaction: attempt, ledger, seat, job, event."""

from typing import Final

import structlog
from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.analysis import partials, repairs
from orchestrator.analysis.repairs import Repair
from orchestrator.errors import Unavailable
from orchestrator.routing.failover import Decision, GiveUp, Retry, Standing, decide
from orchestrator.routing.rungs import usable
from orchestrator.storage import attempts, candidates, intentions, jobs, ledger, parts, questions, seats, spares
from orchestrator.storage.intentions import Leave
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.storage.spares import Spare
from orchestrator.work.jobs import JobStatus
from orchestrator.work.quorum import late_after_s
from orchestrator.work.seats import ANALYST
from providers.calls import JsonObject, Reply, Target
from providers.errors import Canceled, ProviderError
from tasks import markets, mending, resources
from tasks.booking import booking, price_of, served_by, write_off
from tasks.work import Account, Paid, Work

log = structlog.get_logger()

COMMIT_MARGIN_S: Final = 2.0  # kept back from the job's deadline for checking, synthesis and the commits


class HeldBefore(Exception):
    """The counters were set anew after the call had been held; nothing was sent. Hold it again."""


def started(connection: Connection, job: jobs.JobRow, seat: SeatRow, part: int | None = None) -> None:
    """Tell of an attempt, and that the job has started if this is its first."""
    if job.status is JobStatus.QUEUED:
        now = resources.current().dispatch.now()
        jobs.move(connection, job.id, JobStatus.RUNNING, "job.started", {}, started_at=now)
    data: JsonObject = {"seat": seat.seat, "target": str(seat.target)}
    if part is not None:
        data |= {"part": part, "parts": len(seat.plan.cut)}
    jobs.note(connection, job.id, "seat.attempted", data)


def sent(work: Work) -> None:
    """Commit that the call leaves now.

    Raises:
        Canceled: the seat was lost meanwhile; nothing may be sent.
        HeldBefore: nothing may be sent under this hold.
    """
    with resources.current().database.sending(work.job.tenant_id) as connection:
        leave = intentions.send(connection, work.call.call_id, work.claim, generation=work.account.generation)
    failpoints.reach("attempt.sent")
    if leave is Leave.LOST:
        raise Canceled("The seat was lost before the call left.", provider=work.seat.target.provider)
    if leave is Leave.STALE:
        raise HeldBefore


def answered(paid: Paid, account: Account, reply: Reply, document: JsonObject, *, latency_s: float) -> bool:
    """Keep a checked answer. Returns whether that closed the panel. Safe to repeat: it is booked once."""
    served = served_by(paid, reply)
    with booking(paid, account) as made:
        connection = made.connection
        is_news = made.reply(reply)
        ended = seats.answer(
            connection,
            paid.claim,
            served=str(served),
            latency_s=round(latency_s, 3),
            usage=reply.usage.model_dump(),
            cost_micro_usd=made.owed,
        )
        if is_news:
            made.enter(reply, used=ended)
        if not ended:
            made.pay()
            if is_news:
                put_by(connection, paid, spare_of(paid, reply, document, latency_s))
            return False
        _keep(connection, paid.claim, paid.role, paid.call_id, document)
        if paid.cached:
            seats.release(connection, paid.claim)
        # The job's row is touched once and last: seats that end together wait for each other no longer than that.
        return close_answered(connection, paid.claim, paid.role, document, _who(paid, reply), cost_micro_usd=made.owed)


def adopt(connection: Connection, claim: Claim, role: str, spare: Spare) -> bool:
    """End a seat that was just claimed with an answer that is paid for. Returns whether that closed the panel."""
    served = Target.parse(spare.served)
    seats.answer(connection, claim, served=spare.served, latency_s=spare.latency_s, usage=spare.usage, cost_micro_usd=0)
    _keep(connection, claim, role, spare.attempt_id, spare.document)
    ledger.adopt(connection, spare.attempt_id)
    log.info("seat.adopted", attempt=spare.attempt_id)
    data: JsonObject = {"target": str(served), "served": str(served), "adopted": spare.attempt_id}
    return close_answered(connection, claim, role, spare.document, data)


def close_answered(
    connection: Connection, claim: Claim, role: str, document: JsonObject, data: JsonObject, *, cost_micro_usd: int = 0
) -> bool:
    """Count the seat out of the panel, and tell what it found; the row's lock makes the count exact. True: it was the
    last.
    """
    seat: JsonObject = {"seat": claim.seat, "cost_micro_usd": cost_micro_usd, **data}
    job = jobs.count_out(
        connection,
        claim.job,
        "seat.answered",
        seat,
        answered=role == ANALYST,
        cost_micro_usd=cost_micro_usd,
        found=partials.news(claim.seat, document) if role == ANALYST else None,
    )
    if job is None:
        if cost_micro_usd:
            jobs.spend(connection, claim.job, cost_micro_usd)  # the job has ended; what was paid stays a fact
        return False
    if job.open_seats and job.late_at is None and job.answered_seats >= job.quorum:
        left_s = (job.deadline_at - job.at).total_seconds()
        took_s = (job.at - (job.started_at or job.at)).total_seconds()
        # Who is asked in parts needs a call for each, where those that were shown the whole needed one.
        took_s *= parts.most_of_open(connection, job.id)
        jobs.set_late(connection, job.id, late_after_s(job.priority, took_s=took_s, left_s=left_s))
    return job.open_seats == 0


def put_by(connection: Connection, paid: Paid, spare: Spare) -> None:
    """Keep an answer whose seat is not its holder's any more; the next claim may adopt it."""
    log.info("seat.answered_late", attempt=paid.call_id)
    spares.keep(connection, paid.claim, spare)


def spare_of(paid: Paid, reply: Reply, document: JsonObject, latency_s: float) -> Spare:
    return Spare(
        attempt_id=paid.call_id,
        served=str(served_by(paid, reply)),
        latency_s=round(latency_s, 3),
        usage=reply.usage.model_dump(),
        document=document,
    )


def unusable(paid: Paid, account: Account, reply: Reply, error: JsonObject) -> None:
    """Book an answer that was paid for and is of no use."""
    with booking(paid, account) as made:
        made.useless(reply, error)
        made.pay()


def failed(work: Work, error: ProviderError, wish: Repair | None = None) -> Decision | None:
    """Book a failed attempt and decide where the seat goes. None: the seat is somebody else's by now.

    Args:
        wish: how the answer that failed could be mended; None: there is none, or it cannot be.
    """
    with booking(work.paid, work.account) as made:
        if not attempts.is_known(made.connection, work.call.call_id):
            return None
        made.failure(error)
        made.pay()
        decision = decide(work.seat.plan, _standing(made.connection, work, wish), error)
        log.info("attempt.failed", target=str(work.seat.target), code=error.code, decision=type(decision).__name__)
        return decision if _apply(made.connection, work, decision, error, wish) else None


def would_mend(work: Work, reply: Reply, error: ProviderError, wish: Repair) -> bool:
    """Whether `failed` would have this answer mended, were it of no use. Writes nothing."""
    try:
        with resources.current().database.tenant(work.job.tenant_id) as connection:
            standing = _standing(connection, work, wish, owed_micro_usd=price_of(work.paid, reply))
    except Unavailable:
        return False  # an answer in hand is worth more than a better one that nobody may pay for
    decision = decide(work.seat.plan, standing, error)
    return isinstance(decision, Retry) and decision.repair


def lost(work: Work, error: ProviderError) -> None:
    """Book a second call that brought nothing; the seat is the first one's."""
    with booking(work.paid, work.account) as made:
        made.failure(error)
        made.pay()


def let_go(work: Work, error: ProviderError) -> bool:
    """Book a call that was cut, and give the seat up if it is still ours: this process has been told to stop.

    Returns whether it was: then it is pending again, for another process. False: it had been lost.
    """
    with booking(work.paid, work.account) as made:
        if not attempts.is_known(made.connection, work.call.call_id):
            return False
        made.failure(error)
        made.pay()
        return seats.let_go(made.connection, work.claim)


def write_off_claim(connection: Connection, lost: Claim) -> dict[str, int]:
    """Book what a lost holder left. Returns the calls with what they came to, to be settled once that is committed."""
    left = attempts.abandoned(connection, lost.job, lost.seat, lost.epoch)
    came_to = {one.id: write_off(connection, one) for one in left}
    return {call_id: cost for call_id, cost in came_to.items() if cost is not None}


def _standing(connection: Connection, work: Work, wish: Repair | None, *, owed_micro_usd: int = 0) -> Standing:
    """Args: `owed_micro_usd` is what the work's own call comes to, while it is not booked."""
    here = resources.current()
    now = here.dispatch.now()
    market = markets.market(work.job, work.call.messages)
    count = attempts.tally(connection, work.claim.job, work.seat.seat, work.part)
    room = work.job.bound_micro_usd - jobs.spent(connection, work.claim.job) - owed_micro_usd
    if work.account.room_micro_usd is not None:
        room = min(room, work.account.room_micro_usd)
    return Standing(
        rung=work.seat.rung,
        waited=work.seat.waited,
        attempts=count.made,
        billed=count.billed,
        filtered=count.filtered,
        ambiguous=count.ambiguous,
        spare_key=len(here.key_names.get(work.seat.target.provider, ())) > 1,
        flex=work.call.service_tier == "flex",
        usable=usable(work.seat.plan, market, room),
        left_s=(work.job.deadline_at - now).total_seconds() - COMMIT_MARGIN_S,
        mendable=wish is not None and mending.is_affordable(work, wish, room),
    )


def _apply(connection: Connection, work: Work, decision: Decision, error: ProviderError, wish: Repair | None) -> bool:
    match decision:
        case Retry(rung=rung, wait_s=wait_s):
            moved = rung != work.seat.rung
            repair = wish if decision.repair else _repair_left(work.seat, moved=moved)
            if not seats.put_back(connection, work.claim, rung=rung, wait_s=wait_s, moved=moved, repair=repair):
                return False
            data: JsonObject = {
                "seat": work.seat.seat,
                "from": str(work.seat.target),
                "to": str(work.seat.plan.ladder[rung]),
                "because": error.code,
                "wait_s": wait_s,
                "repair": decision.repair,
                **({} if work.part is None else {"part": work.part}),
            }
            jobs.note(connection, work.claim.job, "seat.failed_over", data)
        case GiveUp(reason=reason):
            if not seats.fail(connection, work.claim, reason):
                return False
            if work.seat.cached:
                seats.release(connection, work.claim)
            data = {
                "seat": work.claim.seat,
                "target": str(work.seat.target),
                "reason": reason,
                "because": error.code,
            }
            if work.part is not None:
                data["part"] = work.part
            jobs.count_out(connection, work.claim.job, "seat.failed", data)
    return True


def _keep(connection: Connection, claim: Claim, role: str, attempt_id: str, document: JsonObject) -> None:
    if role == ANALYST:
        candidates.add(connection, claim, attempt_id, document)
    else:
        questions.answer(connection, claim, document)


def _repair_left(seat: SeatRow, *, moved: bool) -> Repair | None:
    """A repair that has not been answered is still to be made at its own target; elsewhere it is over."""
    return repairs.MADE if moved and seat.repair is not None else seat.repair


def _who(paid: Paid, reply: Reply) -> JsonObject:
    """Whom we asked and who answered. A provider that served another model says so in this event, and in the log."""
    served = served_by(paid, reply)
    if served != paid.target:
        log.warning("attempt.other_model", asked=str(paid.target), served=str(served))
    return {"target": str(paid.target), "served": str(served), "model_served": reply.model_served}
