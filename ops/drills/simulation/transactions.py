"""What is done to the rows in one transaction each: claim, depart, answer, fail, free, synthesise, end.

The statements and their order are those of tasks/ask.py, recording.py, booking.py, synthesize.py and reconcile.py, and
of orchestrator/dispatch.py. A transaction happens whole: what PostgreSQL's locks make of two at once is not simulated.
"""

from typing import Final, NamedTuple

from ops.drills.simulation import machine
from ops.drills.simulation.machine import Intended
from ops.drills.simulation.mechanisms import Mechanisms
from ops.drills.simulation.rows import Claim, Job, Rows, Seat
from ops.drills.simulation.targets import plan_of
from orchestrator.routing.failover import Decision, Retry, Standing, decide
from orchestrator.storage.ledger import Kind
from orchestrator.work.attempts import AttemptState, end_of
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Reason, is_poison
from providers.errors import ProviderError

COMMIT_MARGIN_S: Final = 2.0  # as tasks/recording.py
MAX_SYNTHESES: Final = 3  # this and the next as tasks/synthesize.py
SYNTHESIS_LEASE_S: Final = 15.0


class Work(NamedTuple):
    """A claimed seat with the call that it is about to make, as it was read."""

    held: Claim
    call: int
    rung: int
    ladder: tuple[int, ...]
    waited: bool
    attempts: int
    bound_micro_usd: int
    limit_micro_usd: int
    deadline_at: float
    intended: Intended


class Begun(NamedTuple):
    """What a claim came to: work, or a seat that ended with an answer which lay ready (`adopted`), or nothing.

    `written_off`: calls of lost holders with what they came to; `closed`: the adoption closed the panel.
    """

    work: Work | None = None
    adopted: bool = False
    closed: bool = False
    written_off: tuple[tuple[int, int], ...] = ()


class Booked(NamedTuple):
    """`came_to`: what the call cost in the end, None where nothing was booked; `corrected`: it had another figure."""

    came_to: int | None
    corrected: bool = False
    closed: bool = False


NOTHING: Final = Begun()


def begin(
    rows: Rows, job: Job, number: int, heard: int, call: int, now: float, lease_s: float, on: Mechanisms
) -> Begun:
    """Take the seat and write down the intention to call."""
    seat = machine.claim(job, number, heard, now, lease_s, on)
    if seat is None:
        return NOTHING
    held = Claim(job.number, number, seat.epoch)
    written_off: tuple[tuple[int, int], ...] = ()
    if seat.claims > 1 and on.takers_write_off:
        written_off = write_off(job, Claim(job.number, number, seat.epoch - 1), on)
    spare = job.spares.get(number) if seat.epoch > 1 and on.adoption else None
    if spare is not None:
        started(job, on)
        machine.answer(job, held, 0, on)
        job.candidates[number] = spare[0]
        if len(job.candidates) == job.quorum:
            job.quorum_at = now
        closed = _close_seat(job, "seat.answered", now, 0)
        return Begun(adopted=True, closed=closed, written_off=written_off)
    bound = seat.bounds_micro_usd[seat.rung]
    intended = machine.intend(rows, held, call, seat.rung, bound, now)
    started(job, on)
    work = Work(
        held,
        call,
        seat.rung,
        seat.ladder,
        seat.waited,
        seat.attempts,
        bound,
        job.bound_micro_usd,
        job.deadline_at,
        intended,
    )
    return Begun(work, written_off=written_off)


def started(job: Job, on: Mechanisms) -> None:
    """Tell of an attempt, and that the job has started if this is its first."""
    if job.status is JobStatus.QUEUED:
        machine.move(job, JobStatus.RUNNING, "job.started", on)
    machine.note(job, "seat.attempted")


def answered(job: Job, held: Claim, call: int, price: int, now: float, on: Mechanisms) -> Booked:
    """Keep a checked answer. Safe to repeat: it is booked once."""
    if not on.unfenced_ledger and not machine.is_wanted(job, held):
        return Booked(None)
    before = machine.reply(job, call, price, on, useless=False)
    owed = 0 if before is None else price - before.cost_micro_usd
    corrected = before is not None and before.state is AttemptState.AMBIGUOUS
    ended = machine.answer(job, held, owed, on)
    if before is not None:
        machine.book(job, call, "correction" if corrected else "answer", owed, on)
    came_to = None if before is None else price
    if ended:
        job.candidates[held.seat] = call
        if len(job.candidates) == job.quorum:
            job.quorum_at = now
        return Booked(came_to, corrected, _close_seat(job, "seat.answered", now, owed))
    _pay(job, held.seat, owed)
    if before is not None:
        job.spares.setdefault(held.seat, (call, now))
    return Booked(came_to, corrected)


def unusable(job: Job, held: Claim, call: int, price: int, on: Mechanisms) -> Booked:
    """Book an answer that was paid for and is of no use."""
    before = machine.reply(job, call, price, on, useless=True)
    if before is None:
        return Booked(None)
    corrected, owed = before.state is AttemptState.AMBIGUOUS, price - before.cost_micro_usd
    machine.book(job, call, "correction" if corrected else "answer", owed, on)
    _pay(job, held.seat, owed)
    return Booked(price, corrected)


def failed(
    job: Job, work: Work, error: ProviderError, room_micro_usd: int | None, now: float, on: Mechanisms
) -> tuple[Booked, Decision | None]:
    """Book a failed attempt and decide where the seat goes. None: the seat is somebody else's by now."""
    if on.known_calls and work.call not in job.attempts:
        return Booked(None), None
    booked = abandoned(job, work, error, on)
    plan = plan_of(work.ladder)
    decision = decide(plan, _standing(job, work, room_micro_usd, now), error)
    if isinstance(decision, Retry):
        moved = decision.rung != work.rung
        if not machine.put_back(job, work.held, decision.rung, decision.wait_s, now, on, moved=moved):
            return booked, None
        machine.note(job, "seat.failed_over")
    elif machine.fail(job, work.held, decision.reason, on):
        booked = booked._replace(closed=_close_seat(job, "seat.failed", now, 0))
    else:
        return booked, None
    return booked, decision


def abandoned(job: Job, work: Work, error: ProviderError, on: Mechanisms) -> Booked:
    """Book a call that brought no reply: at its worst case if it may be billed, else at nothing."""
    attempt = job.attempts.get(work.call)
    was_sent = attempt is not None and attempt.sent_at is not None
    return _end(job, work.call, end_of(error, was_sent=was_sent), on)


def write_off(job: Job, lost: Claim, on: Mechanisms) -> tuple[tuple[int, int], ...]:
    """Book what a lost holder left. Returns the calls with what they came to."""
    came_to = []
    for one in job.attempts.values():
        if one.seat == lost.seat and one.epoch == lost.epoch and one.state in machine.UNENDED:
            state = AttemptState.AMBIGUOUS if one.state is AttemptState.SENT else AttemptState.REFUSED
            booked = _end(job, one.id, state, on)
            if booked.came_to is not None:
                came_to.append((one.id, booked.came_to))
    return tuple(came_to)


def cancel(job: Job, now: float, on: Mechanisms) -> bool:
    """End the job before it ends itself. False: it has ended otherwise."""
    if on.cancels_end_seats:
        machine.cancel_open(job)
    moved = machine.move(job, JobStatus.CANCELED, "job.canceled", on)
    if moved:
        job.finished_at = now
    return moved or job.status is JobStatus.CANCELED


def expire(job: Job, now: float, on: Mechanisms) -> None:
    machine.cancel_open(job)
    if machine.move(job, JobStatus.EXPIRED, "job.expired", on):
        job.finished_at = now


class Freed(NamedTuple):
    """What came of a seat whose holder is lost. `asks`: it shall be asked again; `closed`: its end closed the panel."""

    asks: bool
    closed: bool = False
    written_off: tuple[tuple[int, int], ...] = ()


def free(job: Job, found: Seat, now: float, on: Mechanisms) -> Freed:
    """Take a seat from a holder that is gone, by what was found of it a while ago."""
    held = Claim(job.number, found.number, found.epoch)
    if not machine.take_from(job, held, now):
        return Freed(asks=False)
    written_off = write_off(job, held, on)
    if not is_poison(found.claims) or not on.poison_bound:
        return Freed(asks=True, written_off=written_off)
    machine.give_up(job, held, Reason.POISON)
    return Freed(asks=False, closed=_close_seat(job, "seat.failed", now, 0), written_off=written_off)


def let_go(job: Job, held: Claim, now: float, on: Mechanisms) -> tuple[tuple[int, int], ...] | None:
    """Give a seat back whose holder is about to stop. None: it was not its holder's any more."""
    return write_off(job, held, on) if machine.let_go(job, held, now) else None


def close_late(job: Job, now: float) -> bool:
    """End the seats that are late, and so the panel. False: it closed meanwhile."""
    late = [seat for seat in job.seats if seat.is_open]
    machine.cancel_open(job)
    for seat in late:
        seat.reason = Reason.LATE
        machine.count_out(job, "seat.failed", now, 0)
    return bool(late)


def claim_synthesis(job: Job, now: float, on: Mechanisms) -> tuple[int, int] | None:
    """The number of the claim and how many seats have answered; None: it is somebody else's."""
    if not machine.claim_synthesis(job, now, SYNTHESIS_LEASE_S, on):
        return None
    return job.synthesis_epoch, len(job.candidates)


def conclude(job: Job, epoch: int, answered_seats: int, now: float, on: Mechanisms) -> None:
    """The end of a synthesis: the result, or the failure that the panel as it was read comes to."""
    if epoch > MAX_SYNTHESES or answered_seats < job.quorum:
        if machine.move(job, JobStatus.FAILED, "job.failed", on):
            job.finished_at, job.synthesis_lease_until = now, None
        return
    moved = machine.move(job, JobStatus.SUCCEEDED, "job.succeeded", on)
    if moved or not on.one_synthesis:
        job.finished_at, job.synthesis_lease_until = now, None
        job.results += 1


def _standing(job: Job, work: Work, room_micro_usd: int | None, now: float) -> Standing:
    count = machine.tally(job, work.held.seat)
    room = job.bound_micro_usd - job.spent_micro_usd
    if room_micro_usd is not None:
        room = min(room, room_micro_usd)
    return Standing(
        rung=work.rung,
        waited=work.waited,
        attempts=work.attempts,
        billed=count.billed,
        filtered=0,
        ambiguous=count.ambiguous,
        spare_key=False,
        flex=False,
        usable=frozenset(
            rung for rung, bound in enumerate(job.seats[work.held.seat].bounds_micro_usd) if bound <= room
        ),
        left_s=work.deadline_at - now - COMMIT_MARGIN_S,
    )


def _end(job: Job, call: int, state: AttemptState, on: Mechanisms) -> Booked:
    """End a call without a reply, and pay for it."""
    attempt = job.attempts.get(call)
    worst = attempt is not None and state is AttemptState.AMBIGUOUS and on.worst_case
    price = attempt.bound_micro_usd if attempt is not None and worst else 0
    before = machine.end(job, call, state, price)
    if before is None or attempt is None:
        return Booked(None)
    owed = price - before.cost_micro_usd
    kind: Kind = "ambiguous"
    if price:
        machine.book(job, call, kind, owed, on)
    _pay(job, attempt.seat, owed)
    return Booked(price)


def _pay(job: Job, number: int, owed: int) -> None:
    job.seats[number].cost_micro_usd += owed
    job.spent_micro_usd += owed


def _close_seat(job: Job, event: str, now: float, cost_micro_usd: int) -> bool:
    """Count the seat out of the panel. True: it was the last."""
    if machine.count_out(job, event, now, cost_micro_usd):
        return job.open_seats == 0
    job.spent_micro_usd += cost_micro_usd  # the job has ended; what was paid stays a fact
    return False
