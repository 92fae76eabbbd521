"""The chord's body, as tasks/synthesize.py has it."""

from typing import TYPE_CHECKING, Final

from ops.drills.simulation import transactions
from ops.drills.simulation.clock import Steps
from ops.drills.simulation.stores import StoreAway

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

TAKES_S: Final = 0.3


def synthesize(world: "World", number: int) -> Steps:
    """End a job whose panel has closed. Safe to run twice."""
    try:
        panel = world.store.do_forgettably(transactions.claim_synthesis, world.rows.jobs[number], world.now, world.on)
    except StoreAway:
        return
    if panel is None:
        return
    world.tell("synthesis", f"begins with job {number}, epoch {panel[0]}")
    yield world.moment() + TAKES_S
    try:
        world.store.do(transactions.conclude, world.rows.jobs[number], *panel, world.now, world.on)
    except StoreAway:
        return
    world.tell("synthesis", f"is done with job {number}, which is {world.rows.jobs[number].status}")
