"""Every queue of the house, in one table: who consumes it and what for.

A provider has queues of its own, one a lane, so that a slow one never stands in the way of the others, failing over is
re-queueing, and what is urgent passes what is not. Nothing is ever sent to a queue that is not in the table: Celery is
told not to invent any.
"""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from kombu.entity import Exchange, Queue

from orchestrator.work.lanes import LANES, Lane, order
from providers.catalog import Catalog

Profile: TypeAlias = Literal["ask", "ask-interactive", "synthesis", "delivery", "maintenance"]

# Those who ask, and in which lanes. A call that runs cannot be preempted, so some slots wait for urgent ones alone.
ASKING: Final[dict[Profile, tuple[Lane, ...]]] = {"ask": LANES, "ask-interactive": ("interactive",)}

UNROUTED: Final = "unrouted"  # where a message without a route would end; nobody consumes it, `doctor` counts it

_FIXED: Final[dict[str, Profile]] = {
    "synthesis": "synthesis",
    "delivery": "delivery",
    "maintenance": "maintenance",
}

SYNTHESIS: Final = "synthesis"
DELIVERY: Final = "delivery"
MAINTENANCE: Final = "maintenance"


def of_provider(provider: str, lane: Lane = "standard") -> str:
    """The queue of a provider's asks in this lane."""
    return f"ask.{provider}" if lane == "standard" else f"ask.{provider}.{lane}"


def lane_of(queue: str) -> Lane:
    """The lane that a queue is in; what is no ask is in the standard one."""
    return next((lane for lane in LANES if queue.endswith(f".{lane}")), "standard")


class LaneCycle:
    """The order in which a worker's queues are asked for the next message: kombu's `queue_order_strategy`.

    The lanes by turns (see `work/lanes.py`); within a lane the queue that served last comes last.
    """

    def __init__(self, it: Iterable[str] | None = None) -> None:
        self._queues = list(it or ())
        self._turn = 0

    def update(self, it: Iterable[str]) -> None:
        """The queues that there are now."""
        self._queues = list(it)

    def consume(self, n: int) -> list[str]:
        """The first `n` queues of this turn."""
        lanes = order(self._turn)
        return sorted(self._queues, key=lambda queue: lanes.index(lane_of(queue)))[:n]

    def rotate(self, last_used: str) -> str:
        """A message came from that queue: the turn is over."""
        self._turn += 1
        if last_used in self._queues:
            self._queues.remove(last_used)
            self._queues.append(last_used)
        return last_used


def consumed_by(profile: Profile, catalog: Catalog) -> tuple[str, ...]:
    """The queues that a worker of this profile listens to."""
    return tuple(name for name, consumers in table(catalog).items() if profile in consumers)


def table(catalog: Catalog) -> dict[str, tuple[Profile, ...]]:
    """Queue name -> profiles that consume it."""
    asks = {of_provider(card.id, lane): _askers(lane) for card in catalog.providers for lane in LANES}
    return asks | {name: (profile,) for name, profile in _FIXED.items()}


def declared(catalog: Catalog) -> tuple[Queue, ...]:
    """The kombu queues, the unrouted one included. Each is its own direct exchange."""
    return tuple(Queue(name, Exchange(name, type="direct"), routing_key=name) for name in (*table(catalog), UNROUTED))


def _askers(lane: Lane) -> tuple[Profile, ...]:
    return tuple(profile for profile, lanes in ASKING.items() if lane in lanes)
