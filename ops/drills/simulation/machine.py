"""The state machine: each function is one statement of a repository, on rows in memory. Pure but for the rows.

    seats       orchestrator/storage/seats.py
    jobs        orchestrator/storage/jobs.py
    attempts    orchestrator/storage/attempts.py, intentions.py, ledger.py

What a task does in one transaction is made of these in `transactions.py`. `tests/integration/test_state_machine.py`
does the same to both, the tasks' own transactions on a real PostgreSQL, and compares the rows after each.
"""

from enum import Enum, auto
from typing import Final, NamedTuple

from ops.drills.simulation.mechanisms import Mechanisms
from ops.drills.simulation.rows import Attempt, Claim, Job, Rows, Seat
from orchestrator.storage.ledger import Kind
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import OPEN, JobStatus, may_become
from orchestrator.work.seats import Reason, SeatStatus, is_poison

FROM: Final = {status: may_become(status) for status in JobStatus}
UNENDED: Final = frozenset({AttemptState.INTENDED, AttemptState.SENT})
_UNKNOWN: Final = UNENDED | {AttemptState.AMBIGUOUS}
_PAID: Final = frozenset({AttemptState.SENT, AttemptState.ANSWERED, AttemptState.AMBIGUOUS})


# Seats


def claim(job: Job, number: int, heard: int, now: float, lease_s: float, on: Mechanisms) -> Seat | None:
    """Take a seat that is due, or one whose holder let its lease run out. None: there is nothing to take.

    Args:
        heard: the seat's epoch when the ask was published.
    """
    seat = job.seats[number]
    if on.asks_carry_epochs and heard != seat.epoch and (heard != seat.epoch - 1 or seat.status is SeatStatus.PENDING):
        return None
    if seat.status is SeatStatus.PENDING:
        due = seat.next_at is None or seat.next_at <= now
    else:
        due = seat.status is SeatStatus.RUNNING and (_has_run_out(seat, now) or not on.leases)
        if on.claims_bounded and is_poison(seat.claims):
            return None
    if not due or job.status not in OPEN:
        return None
    seat.status = SeatStatus.RUNNING
    seat.epoch += 1
    seat.claims += 1
    seat.attempts += 1
    seat.next_at = None
    seat.lease_until = now + lease_s
    return seat


def renew(job: Job, held: Claim, now: float, lease_s: float) -> bool:
    """Prolong a lease. False: it was lost."""
    kept = is_wanted(job, held)
    if kept:
        job.seats[held.seat].lease_until = now + lease_s
    return kept


def is_wanted(job: Job, held: Claim) -> bool:
    seat = job.seats[held.seat]
    return seat.epoch == held.epoch and seat.status is SeatStatus.RUNNING


def answer(job: Job, held: Claim, cost_micro_usd: int, on: Mechanisms) -> bool:
    """End the seat with an answer. False: the claim is no longer the seat's; nothing is written."""
    if on.fences and not is_wanted(job, held):
        return False
    seat = job.seats[held.seat]
    seat.status = SeatStatus.ANSWERED
    seat.claims = 0
    seat.cost_micro_usd += cost_micro_usd
    return True


def fail(job: Job, held: Claim, reason: Reason, on: Mechanisms) -> bool:
    """End the seat without an answer. False: the claim is no longer the seat's."""
    if on.fences and not is_wanted(job, held):
        return False
    seat = job.seats[held.seat]
    seat.status, seat.reason, seat.lease_until = SeatStatus.FAILED, reason, None
    return True


def put_back(job: Job, held: Claim, rung: int, wait_s: float, now: float, on: Mechanisms, *, moved: bool) -> bool:
    """Make the seat pending again, on `rung`, due after `wait_s`. False: the claim is no longer the seat's."""
    if on.fences and not is_wanted(job, held):
        return False
    seat = job.seats[held.seat]
    seat.status, seat.rung, seat.waited = SeatStatus.PENDING, rung, not moved
    seat.failovers += moved
    seat.claims = 0
    seat.lease_until = None
    seat.next_at = now + wait_s if wait_s else None
    seat.published_at = now
    return True


def take_from(job: Job, held: Claim, now: float) -> bool:
    """Take a seat from a holder whose lease ran out; it is pending again. False: it was renewed or ended meanwhile."""
    seat = job.seats[held.seat]
    if not is_wanted(job, held) or not _has_run_out(seat, now):
        return False
    seat.status, seat.lease_until = SeatStatus.PENDING, None
    return True


def give_up(job: Job, held: Claim, reason: Reason) -> None:
    """End a seat that was just taken from its holder, in the same transaction."""
    seat = job.seats[held.seat]
    if seat.epoch == held.epoch:
        seat.status, seat.reason = SeatStatus.FAILED, reason


def let_go(job: Job, held: Claim, now: float) -> bool:
    """Make a seat pending again on its rung, as its holder is about to stop. False: the claim is not the seat's."""
    if not is_wanted(job, held):
        return False
    seat = job.seats[held.seat]
    seat.status, seat.lease_until, seat.published_at = SeatStatus.PENDING, None, now
    seat.claims = max(seat.claims - 1, 0)
    return True


def cancel_open(job: Job) -> None:
    """End every seat that has not ended. Whoever works on one loses its claim."""
    for seat in job.seats:
        if seat.is_open:
            seat.status, seat.lease_until, seat.next_at = SeatStatus.CANCELED, None, None


def _has_run_out(seat: Seat, now: float) -> bool:
    return seat.lease_until is not None and seat.lease_until < now


# Jobs


def note(job: Job, event: str) -> bool:
    """Write an event of an open job. False: the job has ended meanwhile."""
    if job.status not in OPEN:
        return False
    _tell(job, event)
    return True


def move(job: Job, to: JobStatus, event: str, on: Mechanisms) -> bool:
    """Move a job to another state. False: it stands in none from which that is legal; nothing changed."""
    if on.endings_final and job.status not in FROM[to]:
        return False
    job.status = to
    _tell(job, event)
    return True


def count_out(job: Job, event: str, now: float, cost_micro_usd: int) -> bool:
    """Count one ended seat, and what its answer cost, out of an open job's panel. False: the job has ended."""
    if job.status not in OPEN:
        return False
    if job.open_seats == 1:
        job.closed_at = now
    job.open_seats -= 1
    job.spent_micro_usd += cost_micro_usd
    _tell(job, event)
    if event == "seat.answered":
        _tell(job, "items.found")  # every answer here has some
    return True


def claim_synthesis(job: Job, now: float, lease_s: float, on: Mechanisms) -> bool:
    """Take the synthesis of a closed panel, or take it over from a process whose lease ran out."""
    until = job.synthesis_lease_until
    run_out = job.status is JobStatus.SYNTHESIZING and until is not None and until < now
    taken = job.status is JobStatus.RUNNING or run_out or not on.one_synthesis
    if job.open_seats != 0 or not taken:
        return False
    job.status = JobStatus.SYNTHESIZING
    job.synthesis_epoch += 1
    job.synthesis_lease_until = now + lease_s
    _tell(job, "job.synthesizing")
    return True


def _tell(job: Job, event: str) -> None:
    job.version += 1
    job.events.append(event)


# Attempts and the ledger


class Intended(NamedTuple):
    """What the rows said in the moment of the intention; see `orchestrator.storage.intentions.Intended`."""

    generation: int
    booked_micro_usd: int
    under_way: int
    ambiguous: int
    billed: int = 0  # how many calls of the seat may have to be paid; the product does not ask


class Leave(Enum):
    """As `orchestrator.storage.intentions.Leave`."""

    GRANTED = auto()
    LOST = auto()
    STALE = auto()


class Ended(NamedTuple):
    """How an attempt stood before it was ended: its state, and what it was booked at."""

    state: AttemptState
    cost_micro_usd: int


class Tally(NamedTuple):
    """What a seat's attempts came to; see `orchestrator.storage.attempts.Tally`."""

    billed: int
    ambiguous: int


def intend(rows: Rows, held: Claim, attempt_id: int, rung: int, bound_micro_usd: int, now: float) -> Intended:
    """Write down the intention to call; returns what the call's hold depends on."""
    job = rows.jobs[held.job]
    booked, under_way, ambiguous, billed = 0, 0, 0, 0
    for one in job.attempts.values():
        booked += sum(one.booked.values())
        under_way += one.state is AttemptState.SENT
        if one.seat == held.seat:
            ambiguous += one.state is AttemptState.AMBIGUOUS
            billed += one.state in _PAID
    job.attempts[attempt_id] = Attempt(attempt_id, held.seat, held.epoch, rung, bound_micro_usd, now)
    return Intended(rows.generation, booked, under_way, ambiguous, billed)


def send(rows: Rows, held: Claim, attempt_id: int, generation: int | None, now: float, on: Mechanisms) -> Leave:
    """Mark it as sent, right before the first byte. `generation`: that of its hold; None: it costs nothing."""
    job = rows.jobs[held.job]
    attempt, until = job.attempts.get(attempt_id), job.seats[held.seat].lease_until
    holds = is_wanted(job, held) and until is not None and until > now
    current = generation is None or generation == rows.generation or not on.generations
    if (
        attempt is not None
        and current
        and (not on.departures_fenced or (holds and attempt.state is AttemptState.INTENDED))
    ):
        attempt.state, attempt.sent_at = AttemptState.SENT, now
        return Leave.GRANTED
    return Leave.LOST if generation in (None, rows.generation) else Leave.STALE


def reply(job: Job, attempt_id: int, cost_micro_usd: int, on: Mechanisms, *, useless: bool) -> Ended | None:
    """The provider replied, and that is what it costs. None: this was known before, or the attempt is not known."""
    attempt = job.attempts.get(attempt_id)
    if attempt is None or (on.booked_once and attempt.state not in _UNKNOWN):
        return None
    attempt.useless = useless
    before = _end(attempt, AttemptState.ANSWERED, cost_micro_usd)
    return before if on.booked_once or before.state is not AttemptState.ANSWERED else Ended(before.state, 0)


def end(job: Job, attempt_id: int, state: AttemptState, cost_micro_usd: int) -> Ended | None:
    """The attempt brought no reply. None: it had ended before."""
    attempt = job.attempts.get(attempt_id)
    if attempt is None or attempt.state not in UNENDED:
        return None
    return _end(attempt, state, cost_micro_usd)


def book(job: Job, attempt_id: int, kind: Kind, cost_micro_usd: int, on: Mechanisms) -> None:
    """Write a row of the ledger, one of a kind for each attempt."""
    booked = job.attempts[attempt_id].booked
    if kind not in booked:
        booked[kind] = cost_micro_usd
    elif not on.booked_once:
        booked[kind] += cost_micro_usd


def tally(job: Job, number: int) -> Tally:
    """Count a seat's attempts, those of its earlier claims included."""
    billed, ambiguous = 0, 0
    for one in job.attempts.values():
        if one.seat == number:
            billed += one.state in _PAID
            ambiguous += one.state is AttemptState.AMBIGUOUS
    return Tally(billed, ambiguous)


def _end(attempt: Attempt, state: AttemptState, cost_micro_usd: int) -> Ended:
    before = Ended(attempt.state, attempt.cost_micro_usd)
    attempt.state, attempt.cost_micro_usd = state, cost_micro_usd
    return before
