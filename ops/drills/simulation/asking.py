"""A worker at a seat, as tasks/ask.py and tasks/exchanges.py have it; each yield is a place to die at."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from ops.drills.simulation import holding, leasing, machine, transactions
from ops.drills.simulation.clock import Home, Steps, Taking, Task
from ops.drills.simulation.holding import Account
from ops.drills.simulation.machine import Leave
from ops.drills.simulation.plan import LEASE_S
from ops.drills.simulation.provider import Fate
from ops.drills.simulation.rows import Job
from ops.drills.simulation.stores import Kept, Message, StoreAway
from ops.drills.simulation.targets import CANCELED, HELD_UP, SHUT, SPENT, UNREADABLE, plan_of
from ops.drills.simulation.transactions import Booked, Work
from orchestrator.routing import rungs
from orchestrator.routing.failover import MAX_AMBIGUOUS, MAX_BILLED_CALLS, Retry
from orchestrator.work.jobs import JobStatus
from providers.errors import ProviderError

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

KEPT_HERE_S: Final = 120.0
GATE_PATIENCE_S: Final = 3.0
MOST_HOLDS: Final = 5

Outcome = TypeVar("Outcome")


def ask(world: "World", task: Task, number: int, seat: int, heard: int) -> Steps:
    """Work on a seat. Safe to run twice: a seat that somebody holds or has ended is left alone."""
    store, call = world.store, world.new_call()
    job = world.rows.jobs[number]
    try:
        begun = store.do_forgettably(
            transactions.begin, world.rows, job, seat, heard, call, world.now, LEASE_S, world.on
        )
    except StoreAway:
        return
    yield world.moment()
    for lost, cost in begun.written_off:
        world.counters.settle(lost, cost)
    if begun.work is None:
        if begun.closed or (not begun.adopted and _is_closed(world, number)):
            world.post.ring(number)
        return
    world.tell(task.home.name, f"claims seat {seat} of job {number}, epoch {begun.work.held.epoch}, call {call}")
    leasing.hold(world, task, begun.work.held)
    if world.plan.jobs[number].poison == seat:
        world.die(task.home, "poison")
        return
    yield from _work(world, task, begun.work)


def replay(world: "World", task: Task) -> Steps:
    """Book what lies on the disk, file by file. One may be booked twice: its holder may die before it is gone."""
    while world.spool:
        for kept in list(world.spool):
            job = world.rows.jobs[kept.held.job]
            try:
                if kept.useless:
                    booked = world.store.do(
                        transactions.unusable, job, kept.held, kept.call, kept.price_micro_usd, world.on
                    )
                else:
                    booked = world.store.do(
                        transactions.answered, job, kept.held, kept.call, kept.price_micro_usd, world.now, world.on
                    )
            except StoreAway:
                break
            world.tell(task.home.name, f"books call {kept.call} from the disk")
            yield world.moment()
            if booked.came_to is not None:
                world.counters.settle(kept.call, booked.came_to)
            if booked.corrected:
                holding.set_anew(world)
            if booked.closed:
                world.post.ring(kept.held.job)
            if kept in world.spool:
                world.spool.remove(kept)
        yield 10.0


def _work(world: "World", task: Task, work: Work) -> Steps:
    account = Account()
    try:
        fate = yield from _ask(world, task, work, account)
        rung = yield from _conclude(world, task, work, account, fate)
    except StoreAway:
        rung = None
    if account.came_to is not None:
        world.counters.settle(work.call, account.came_to)
    if account.corrected:
        holding.set_anew(world)
    task.home.held.pop(work.held, None)
    if rung is not None:
        yield world.moment()
        held = work.held
        world.post.publish(Message(work.ladder[rung], held.job, held.seat, held.epoch))


def _ask(world: "World", task: Task, work: Work, account: Account) -> Taking[Fate]:
    """Hold the call's worst case, commit that it leaves, make it. Raises StoreAway: nothing was sent."""
    refused = (yield from _turned_away(world, work)) if work.bound_micro_usd else None
    if refused is not None:
        return Fate(0.0, refused)
    for _ in range(MOST_HOLDS):
        refused = (yield from holding.held(world, work, account)) if work.bound_micro_usd and world.on.holds else None
        if refused is not None:
            return Fate(0.0, refused)
        yield world.moment()
        if task.canceled:
            return Fate(0.0, CANCELED)
        leave = world.store.do(machine.send, world.rows, work.held, work.call, account.generation, world.now, world.on)
        if leave is Leave.LOST:
            return Fate(0.0, CANCELED)
        if leave is Leave.GRANTED:
            return (yield from _call(world, task, work))
    return Fate(0.0, HELD_UP)


def _turned_away(world: "World", work: Work) -> Taking[ProviderError | None]:
    """What keeps a call back before its worst case is even held."""
    if work.intended.ambiguous >= MAX_AMBIGUOUS and world.on.ambiguity_bound:
        return SPENT
    if work.intended.billed >= MAX_BILLED_CALLS and world.on.tiers_bounded:
        return SPENT
    if world.now < world.plan.calm_at and world.draw() < world.plan.shut:
        yield world.draw() * GATE_PATIENCE_S
        return SHUT
    return None


def _call(world: "World", task: Task, work: Work) -> Taking[Fate]:
    yield world.moment()
    left_s = work.deadline_at - world.now - transactions.COMMIT_MARGIN_S
    patience_s = max(0.1, rungs.patience_s(plan_of(work.ladder), work.rung, left_s))
    fate = world.provider.take(work.call, work.ladder[work.rung], patience_s, world.now)
    world.tell(task.home.name, f"call {work.call} reaches its provider")
    yield fate.took_s
    if task.canceled:
        world.provider.cut(work.call)
        return Fate(0.0, CANCELED)
    if fate.error is None:
        world.owed[work.call] = task
    return fate


def _conclude(world: "World", task: Task, work: Work, account: Account, fate: Fate) -> Taking[int | None]:
    """Book what came of the call; returns the rung on which the seat goes on at once. Raises StoreAway: it is not."""
    job_number, error = work.held.job, fate.error

    def book(step: Callable[[], Booked]) -> Taking[None]:
        booked = yield from _patiently(world, task.home, step)
        account.came_to, account.corrected = booked.came_to, booked.corrected
        if work.call in world.owed:
            world.owed[work.call] = None
        if booked.closed:
            world.post.ring(job_number)

    def job_at_hand() -> Job:
        return world.rows.jobs[job_number]

    if error is CANCELED:
        yield from book(lambda: transactions.abandoned(job_at_hand(), work, CANCELED, world.on))
        return None
    if error is None:
        held, call, price = work.held, work.call, fate.price_micro_usd
        try:
            if not fate.useless:
                yield from book(lambda: transactions.answered(job_at_hand(), held, call, price, world.now, world.on))
                return None
            yield from book(lambda: transactions.unusable(job_at_hand(), held, call, price, world.on))
        except StoreAway:
            _lay_down(world, task, work, fate)
            raise
        error = UNREADABLE
        yield world.moment()
    return (yield from _move_on(world, task.home, work, account, error))


def _move_on(world: "World", home: Home, work: Work, account: Account, error: ProviderError) -> Taking[int | None]:
    booked, decision = yield from _patiently(
        world,
        home,
        lambda: transactions.failed(
            world.rows.jobs[work.held.job], work, error, account.room_micro_usd, world.now, world.on
        ),
    )
    if booked.came_to is not None:
        account.came_to, account.corrected = booked.came_to, booked.corrected
    if booked.closed:
        world.post.ring(work.held.job)
    return decision.rung if isinstance(decision, Retry) and decision.wait_s == 0 else None


def _patiently(world: "World", home: Home, step: Callable[[], Outcome]) -> Taking[Outcome]:
    """Try for two minutes. Raises StoreAway: that was not long enough, or the process is to end."""
    ends_at, pause_s = world.now + KEPT_HERE_S, 0.5
    while True:
        try:
            return world.store.do(step)
        except StoreAway:
            if home.stopping or world.now + pause_s > ends_at:
                raise
        yield pause_s
        pause_s = min(10.0, 2 * pause_s)


def _lay_down(world: "World", task: Task, work: Work, fate: Fate) -> None:
    if not world.on.spool:
        return
    world.faults["answer laid down"] += 1
    world.owed[work.call] = None
    world.spool.append(Kept(work.held, work.call, fate.price_micro_usd, useless=fate.useless))
    world.replay_from(task.home)


def _is_closed(world: "World", number: int) -> bool:
    job = world.rows.jobs[number]
    return world.now >= world.store.away_until and job.open_seats == 0 and job.status is JobStatus.RUNNING
