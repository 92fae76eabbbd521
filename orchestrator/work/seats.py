"""What a seat can be, and when it is beyond help. Pure."""

from enum import StrEnum
from typing import Final, NamedTuple

from orchestrator.work.lanes import Lane
from orchestrator.work.parts import WHOLE, Cut
from providers.calls import ServiceTier, Target, Value

ANALYST: Final = "analyst"  # the role of the panel's seats; others answer questions of the synthesis

# A seat that was claimed this often without an outcome has most likely killed the processes that claimed it.
MAX_CLAIMS_WITHOUT_OUTCOME: Final = 3


class SeatStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELED = "canceled"


OPEN: Final = frozenset({SeatStatus.PENDING, SeatStatus.RUNNING})

MOVES: Final[dict[SeatStatus, frozenset[SeatStatus]]] = {
    SeatStatus.PENDING: frozenset({SeatStatus.RUNNING, SeatStatus.FAILED, SeatStatus.CANCELED}),
    SeatStatus.RUNNING: frozenset({SeatStatus.PENDING, SeatStatus.ANSWERED, SeatStatus.FAILED, SeatStatus.CANCELED}),
    SeatStatus.ANSWERED: frozenset(),
    SeatStatus.FAILED: frozenset(),
    SeatStatus.CANCELED: frozenset(),
}


class Reason(StrEnum):
    """Why a seat ended without an answer."""

    EXHAUSTED = "exhausted"  # every rung of its ladder failed
    REFUSED = "refused"  # the request itself is at fault; no other rung could cure it
    AMBIGUOUS = "ambiguous"  # the fate of its calls is unknown twice over; no third is paid
    BUDGET = "budget"  # a budget had no room for it
    POISON = "poison"  # it kept killing the processes that worked on it
    LATE = "late"  # the others were enough, and had waited for it long enough


class Bell(Value):
    """Enough to publish an ask: whose seat, at which epoch, on whose queue."""

    job: str
    seat: int
    provider: str
    epoch: int = 0
    lane: Lane = "standard"


class Ask(NamedTuple):
    """What tells one ask of a seat from another: a later epoch needs a message of its own."""

    job: str
    seat: int
    epoch: int


class SeatPlan(Value):
    """A place on the panel: what was asked for, and the targets in failover order, the first of them asked first.

    `cached`: its prompt marks a prefix for the provider's cache. `follows`: the earlier seat with the same target whose
    prompt it finds there; it starts when that one has ended. `cut`: the parts in which it is asked, one after the
    other, whatever the rung.
    """

    seat: int
    role: str
    asked: Target
    ladder: tuple[Target, ...]
    service_tier: ServiceTier = "standard"
    cached: bool = False
    follows: int | None = None
    cut: Cut = WHOLE


def is_poison(claims_without_outcome: int) -> bool:
    """Whether a seat whose lease ran out again shall be given up."""
    return claims_without_outcome >= MAX_CLAIMS_WITHOUT_OUTCOME
