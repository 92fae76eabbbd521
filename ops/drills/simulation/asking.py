"""A worker at a seat, as tasks/ask.py and tasks/exchanges.py have it; each yield is a place to die at."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final, TypeVar

from ops.drills.simulation import machine, transactions
from ops.drills.simulation.clock import Home, Steps, Task
from ops.drills.simulation.counters import Said
from ops.drills.simulation.machine import Leave
from ops.drills.simulation.plan import LEASE_S
from ops.drills.simulation.provider import Fate
from ops.drills.simulation.rows import Claim, Job
from ops.drills.simulation.stores import Kept, StoreAway
from ops.drills.simulation.targets import CANCELED, HELD_UP, SHUT, SPENT, UNREADABLE, plan_of
from ops.drills.simulation.transactions import Booked, Work
from orchestrator.routing import rungs
from orchestrator.routing.failover import MAX_AMBIGUOUS, Retry
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from providers.errors import ProviderError

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

LOOK_EVERY_S: Final = 4.0  # the product looks every second and cuts canceled calls sooner; a step costs us more
RENEW_EVERY_S: Final = LEASE_S / 3
KEPT_HERE_S: Final = 120.0
GATE_PATIENCE_S: Final = 3.0
MOST_HOLDS: Final = 5
MOST_MENDS: Final = 8

Outcome = TypeVar("Outcome")
Taking = Generator[float, None, Outcome]


class Account:
    """The money side of a call under way."""

    __slots__ = ("came_to", "corrected", "generation", "room_micro_usd")

    def __init__(self) -> None:
        self.generation: int | None = None
        self.room_micro_usd: int | None = None
        self.came_to: int | None = None
        self.corrected = False


def ask(world: "World", task: Task, number: int, seat: int) -> Steps:
    """Work on a seat. Safe to run twice: a seat that somebody holds or has ended is left alone."""
    store, call = world.store, world.new_call()
    job = world.rows.jobs[number]
    taken_over = job.seats[seat].status is SeatStatus.RUNNING
    try:
        begun = store.do_forgettably(transactions.begin, world.rows, job, seat, call, world.now, LEASE_S, world.on)
    except StoreAway:
        return
    if taken_over and begun is not transactions.NOTHING:
        world.strays[number, seat] += 1
    yield world.moment()
    for lost, cost in begun.written_off:
        world.counters.settle(lost, cost)
    if begun.work is None:
        if begun.closed or (not begun.adopted and _is_closed(world, number)):
            world.ring(number)
        return
    world.tell(task.home.name, f"claims seat {seat} of job {number}, epoch {begun.work.held.epoch}, call {call}")
    _hold(world, task, begun.work)
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
                _set_anew(world)
            if booked.closed:
                world.ring(kept.held.job)
            if kept in world.spool:
                world.spool.remove(kept)
        yield 10.0


def _work(world: "World", task: Task, work: Work) -> Steps:
    account = Account()
    try:
        fate = yield from _ask(world, task, work, account)
        goes_on = yield from _conclude(world, task, work, account, fate)
    except StoreAway:
        goes_on = False
    if account.came_to is not None:
        world.counters.settle(work.call, account.came_to)
    if account.corrected:
        _set_anew(world)
    task.home.held.pop(work.held, None)
    if goes_on:
        yield world.moment()
        seat = world.rows.jobs[work.held.job].seats[work.held.seat]
        world.ask(seat, work.held.job)


def _ask(world: "World", task: Task, work: Work, account: Account) -> Taking[Fate]:
    """Hold the call's worst case, commit that it leaves, make it. Raises StoreAway: nothing was sent."""
    refused = (yield from _turned_away(world, work)) if work.bound_micro_usd else None
    if refused is not None:
        return Fate(0.0, refused)
    for _ in range(MOST_HOLDS):
        refused = (yield from _held(world, work, account)) if work.bound_micro_usd and world.on.holds else None
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


def _held(world: "World", work: Work, account: Account) -> Taking[ProviderError | None]:
    """None: its worst case is held; else what keeps it back."""
    counters, intended, job = world.counters, work.intended, work.held.job
    known = None if intended.under_way else (intended.generation, intended.booked_micro_usd)
    for _ in range(MOST_MENDS):
        yield world.moment()
        hold = counters.hold(work.call, job, work.bound_micro_usd, work.limit_micro_usd, known, world.now)
        if hold.said is Said.HELD:
            account.generation = hold.generation
            return None
        if hold.said is Said.DONE:
            return CANCELED
        if hold.said is Said.REFUSED:
            account.room_micro_usd = work.limit_micro_usd - hold.spent_micro_usd
            return SPENT if hold.final else HELD_UP
        try:
            if hold.said is Said.VOID:
                world.store.do(_raise, world, even_if_they_agree=False)
            else:
                stood = world.store.do(_standing, world, job)
                yield world.moment()
                counters.open(job, hold.generation, *stood, world.now)
        except StoreAway:
            return HELD_UP
    return HELD_UP


def _conclude(world: "World", task: Task, work: Work, account: Account, fate: Fate) -> Taking[bool]:
    """Book what came of the call. True: the seat goes on at once. Raises StoreAway: nothing could be booked."""
    job_number, error = work.held.job, fate.error

    def book(step: Callable[[], Booked]) -> Taking[None]:
        booked = yield from _patiently(world, step)
        account.came_to, account.corrected = booked.came_to, booked.corrected
        if work.call in world.owed:
            world.owed[work.call] = None
        if booked.closed:
            world.ring(job_number)

    def job_at_hand() -> Job:
        return world.rows.jobs[job_number]

    if error is CANCELED:
        yield from book(lambda: transactions.abandoned(job_at_hand(), work, CANCELED, world.on))
        return False
    if error is None:
        held, call, price = work.held, work.call, fate.price_micro_usd
        try:
            if not fate.useless:
                yield from book(lambda: transactions.answered(job_at_hand(), held, call, price, world.now, world.on))
                return False
            yield from book(lambda: transactions.unusable(job_at_hand(), held, call, price, world.on))
        except StoreAway:
            _lay_down(world, task, work, fate)
            raise
        error = UNREADABLE
        yield world.moment()
    return (yield from _move_on(world, work, account, error))


def _move_on(world: "World", work: Work, account: Account, error: ProviderError) -> Taking[bool]:
    booked, decision = yield from _patiently(
        world,
        lambda: transactions.failed(
            world.rows.jobs[work.held.job], work, error, account.room_micro_usd, world.now, world.on
        ),
    )
    if booked.came_to is not None:
        account.came_to, account.corrected = booked.came_to, booked.corrected
    if booked.closed:
        world.ring(work.held.job)
    return isinstance(decision, Retry) and decision.wait_s == 0


def _patiently(world: "World", step: Callable[[], Outcome]) -> Taking[Outcome]:
    """Try for two minutes. Raises StoreAway: that was not long enough."""
    ends_at, pause_s = world.now + KEPT_HERE_S, 0.5
    while True:
        try:
            return world.store.do(step)
        except StoreAway:
            if world.now + pause_s > ends_at:
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


def _raise(world: "World", *, even_if_they_agree: bool) -> None:
    """As `Counters._raise`: the rows hand out the next generation, and Redis begins it before that is committed."""
    rows, standing = world.rows, world.counters.generation
    if standing == rows.generation and not even_if_they_agree:
        return
    rows.generation = max(rows.generation, standing) + 1
    world.counters.found(rows.generation)


def _standing(world: "World", number: int) -> tuple[int, list[tuple[int, int]]]:
    """What the ledger of a job comes to, and its calls under way with their bounds."""
    attempts = world.rows.jobs[number].attempts.values()
    spent = sum(sum(one.booked.values()) for one in attempts)
    sent = [(one.id, one.bound_micro_usd) for one in attempts if one.state is AttemptState.SENT]
    return spent, [call for call in sent if call[1] > 0]


def _set_anew(world: "World") -> None:
    try:
        world.store.do(_raise, world, even_if_they_agree=True)
    except StoreAway:
        return


# The lease keeper


def _hold(world: "World", task: Task, work: Work) -> None:
    home = task.home
    home.held[work.held] = task
    if not home.keeps:
        home.keeps, home.renewed_at = True, world.now
        world.spawn("keeper", home, LOOK_EVERY_S, lambda _: _keep(world, home))


def _keep(world: "World", home: Home) -> Steps:
    """Prolong the leases of a process, and cut the calls of those that were lost."""
    while home.held:
        _look(world, home)
        yield LOOK_EVERY_S
    home.keeps = False


def _look(world: "World", home: Home) -> None:
    due = world.now - home.renewed_at >= RENEW_EVERY_S
    try:
        lost = world.store.do(_kept, world, home, due=due)
    except StoreAway:
        return
    if due:
        home.renewed_at = world.now
    for held in lost:
        task = home.held.pop(held)
        world.tell(home.name, f"has lost seat {held.seat} of job {held.job}")
        task.canceled = True
        if task.alive:
            world.resume(task)


def _kept(world: "World", home: Home, *, due: bool) -> list[Claim]:
    jobs = world.rows.jobs
    lost = []
    for held in home.held:
        job = jobs[held.job]
        if not (machine.renew(job, held, world.now, LEASE_S) if due else machine.is_wanted(job, held)):
            lost.append(held)
    return lost
