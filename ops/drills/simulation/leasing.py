"""The thread of a worker that prolongs its leases, as tasks/leases.py has it, and what becomes of them at its end."""

from typing import TYPE_CHECKING, Final

from ops.drills.simulation import machine, transactions
from ops.drills.simulation.clock import Home, Steps, Task
from ops.drills.simulation.plan import LEASE_S
from ops.drills.simulation.rows import Claim
from ops.drills.simulation.stores import StoreAway

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

LOOK_EVERY_S: Final = 4.0  # the product looks every second and cuts canceled calls sooner; a step costs us more
RENEW_EVERY_S: Final = LEASE_S / 3
STOPS_WITHIN_S: Final = 10.0


def hold(world: "World", task: Task, held: Claim) -> None:
    """Keep the lease until the task lets go of it or loses it."""
    home = task.home
    home.held[held] = task
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
        _cut(world, task)


def _kept(world: "World", home: Home, *, due: bool) -> list[Claim]:
    jobs = world.rows.jobs
    lost = []
    for held in home.held:
        job = jobs[held.job]
        if not (machine.renew(job, held, world.now, LEASE_S) if due else machine.is_wanted(job, held)):
            lost.append(held)
    return lost


def stop(world: "World", home: Home) -> Steps:
    """A worker that is told to end gives its seats back, so that nobody has to wait for their leases to run out."""
    home.stopping = True
    world.faults["stop"] += 1
    world.tell(home.name, "is told to stop")
    for held, task in list(home.held.items()):
        yield world.moment()
        job = world.rows.jobs[held.job]
        try:
            written_off = world.store.do(transactions.let_go, job, held, world.now, world.on)
        except StoreAway:
            break
        home.held.pop(held, None)
        _cut(world, task)
        if written_off is not None:
            for call, cost in written_off:
                world.counters.settle(call, cost)
            world.post.ask(held.job, world.rows.jobs[held.job].seats[held.seat])
    yield STOPS_WITHIN_S
    world.die(home, "end of a stop")


def _cut(world: "World", task: Task) -> None:
    task.canceled = True
    if task.alive:
        world.resume(task)
