"""What keeps jobs going: the dispatcher's mark and the reconciler's rounds, as tasks/reconcile.py has them.

What a round finds it finds in one transaction, and acts on in others, one for each row: in between it may die, or stand
still for so long that what it found is no longer true.
"""

from typing import TYPE_CHECKING, Final

from ops.drills.simulation import machine, transactions
from ops.drills.simulation.clock import Steps
from ops.drills.simulation.plan import LEASE_S, UNCLAIMED_AFTER_S
from ops.drills.simulation.post import ask_for
from ops.drills.simulation.rows import Claim, Job, Seat
from ops.drills.simulation.stores import StoreAway
from orchestrator.work.jobs import OPEN, JobStatus
from orchestrator.work.seats import SeatStatus

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

RING_AGAIN_AFTER_S: Final = 5.0
GONE_AFTER_S: Final = 2 * LEASE_S
HELD_AT_LEAST_S: Final = 5.0


def mark_dispatched(job: Job, now: float) -> bool:
    """Note that the job's asks go to the broker. False: it has ended, or they went before."""
    if job.dispatched_at is not None:
        return False
    job.dispatched_at = now
    for seat in job.seats:
        if seat.status is SeatStatus.PENDING and seat.published_at is None:
            seat.published_at = now
    return job.status in OPEN


def reconcile(world: "World") -> Steps:
    """One round over all cases. Ends early while PostgreSQL is away."""
    try:
        if world.on.expiry:
            yield from _expire(world)
        if world.on.asks_again:
            yield from _ask_again(world)
        if world.on.grace:
            yield from _close_late(world)
        if world.on.rings_again:
            yield from _ring_again(world)
        if world.on.sweeps:
            yield from _write_off(world)
        _settle_holds(world)
    except StoreAway:
        return


def _expire(world: "World") -> Steps:
    _look(world)
    for number in [job.number for job in world.rows.jobs if job.status in OPEN and job.deadline_at < world.now]:
        yield world.moment()
        world.store.do(transactions.expire, world.rows.jobs[number], world.now, world.on)
        world.tell("round", f"expires job {number}")


def _ask_again(world: "World") -> Steps:
    for number, seat in _unheard(world):
        yield world.moment()
        if seat.status is SeatStatus.RUNNING:
            freed = world.store.do(transactions.free, world.rows.jobs[number], seat, world.now, world.on)
            yield world.moment()
            for call, cost in freed.written_off:
                world.counters.settle(call, cost)
            if freed.closed:
                world.post.ring(number)
            if not freed.asks:
                continue
        if world.post.ask(number, seat):
            world.tell("round", f"asks again for seat {seat.number} of job {number}")
            yield world.moment()
            world.store.do(_mark_published, world, number, seat.number)


def _close_late(world: "World") -> Steps:
    _look(world)
    over = world.now - world.plan.grace_s
    for number in [job.number for job in world.rows.jobs if job.quorum_at is not None and job.quorum_at < over]:
        if world.rows.jobs[number].open_seats == 0 or world.rows.jobs[number].status is not JobStatus.RUNNING:
            continue
        yield world.moment()
        if world.store.do(transactions.close_late, world.rows.jobs[number], world.now):
            world.faults["late seats"] += 1
            world.tell("round", f"waits for the late seats of job {number} no more")
            world.post.ring(number)


def _ring_again(world: "World") -> Steps:
    for number in _unsynthesised(world):
        yield world.moment()
        if world.post.ring(number):
            world.tell("round", f"rings for job {number}")
            world.store.do(_mark_rung, world, number)


def _write_off(world: "World") -> Steps:
    _look(world)
    quiet = world.now - GONE_AFTER_S
    for lost in [lost for job in world.rows.jobs for lost in left_behind(job, quiet)]:
        yield world.moment()
        written_off = world.store.do(transactions.write_off, world.rows.jobs[lost.job], lost, world.on)
        world.tell("round", f"writes off what epoch {lost.epoch} of seat {lost.seat} of job {lost.job} left")
        for call, cost in written_off:
            world.counters.settle(call, cost)


def _settle_holds(world: "World") -> None:
    held = world.counters.standing(world.now - HELD_AT_LEAST_S)
    if not held:
        return
    _look(world)
    known = {one.id: one for job in world.rows.jobs for one in job.attempts.values()}
    for call in held:
        attempt = known.get(call)
        if attempt is None or attempt.state not in machine.UNENDED:
            world.counters.settle(call, 0 if attempt is None else attempt.cost_micro_usd)


# What a round finds


def _look(world: "World") -> None:
    """A transaction that only reads. Raises StoreAway."""
    if world.now < world.store.away_until:
        raise StoreAway


def _unheard(world: "World") -> list[tuple[int, Seat]]:
    """Seats of open jobs that nobody works on, as they were when they were found."""
    _look(world)
    return [
        (job.number, seat.copy())
        for job in world.rows.jobs
        if job.status in OPEN
        for seat in job.seats
        if seat.is_open and seat.published_at is not None and _is_unheard(world, job.number, seat, seat.published_at)
    ]


def _is_unheard(world: "World", job: int, seat: Seat, published_at: float) -> bool:
    now = world.now
    if seat.status is SeatStatus.RUNNING:
        return seat.lease_until is not None and seat.lease_until < now
    if seat.next_at is not None and seat.next_at <= now and published_at < seat.next_at:
        return True
    due = seat.next_at is None or seat.next_at <= now
    return due and published_at < now - UNCLAIMED_AFTER_S and _has_left_its_queue(world, job, seat)


def _has_left_its_queue(world: "World", job: int, seat: Seat) -> bool:
    """While the broker is away nobody knows, and nothing could be done about it."""
    broker = world.post.broker
    return world.now >= broker.away_until and ask_for(job, seat) not in broker.waiting


def _unsynthesised(world: "World") -> list[int]:
    _look(world)
    now, quiet = world.now, world.now - RING_AGAIN_AFTER_S
    return [
        job.number
        for job in world.rows.jobs
        if job.status in (JobStatus.RUNNING, JobStatus.SYNTHESIZING)
        and job.open_seats == 0
        and job.closed_at is not None
        and job.closed_at < quiet
        and (job.synthesis_lease_until is None or job.synthesis_lease_until < now)
        and (job.rung_at is None or job.rung_at < quiet)
    ]


def left_behind(job: Job, quiet: float) -> list[Claim]:
    """Claims with an attempt, made before that moment, which nobody will end."""
    claims = [
        Claim(job.number, one.seat, one.epoch)
        for one in job.attempts.values()
        if one.state in machine.UNENDED and one.created_at < quiet
    ]
    return [lost for lost in claims if not machine.is_wanted(job, lost)]


# What it does about it, each in one transaction


def _mark_published(world: "World", number: int, seat: int) -> None:
    world.rows.jobs[number].seats[seat].published_at = world.now


def _mark_rung(world: "World", number: int) -> None:
    world.rows.jobs[number].rung_at = world.now
