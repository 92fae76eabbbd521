"""A call's worst case, held on its job's budget before it leaves, as tasks/purses.py and orchestrator/money have it."""

from typing import TYPE_CHECKING, Final

from ops.drills.simulation.clock import Taking
from ops.drills.simulation.counters import Said
from ops.drills.simulation.stores import StoreAway
from ops.drills.simulation.targets import CANCELED, HELD_UP, SPENT
from ops.drills.simulation.transactions import Work
from orchestrator.work.attempts import AttemptState
from providers.errors import ProviderError

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

MOST_MENDS: Final = 8


class Account:
    """The money side of a call under way."""

    __slots__ = ("came_to", "corrected", "generation", "room_micro_usd")

    def __init__(self) -> None:
        self.generation: int | None = None
        self.room_micro_usd: int | None = None
        self.came_to: int | None = None
        self.corrected = False


def held(world: "World", work: Work, account: Account) -> Taking[ProviderError | None]:
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


def set_anew(world: "World") -> None:
    """Have the counters made anew: something was booked at another figure than they know."""
    try:
        world.store.do(_raise, world, even_if_they_agree=True)
    except StoreAway:
        return
