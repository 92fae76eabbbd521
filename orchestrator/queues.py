"""Every queue of the house, in one table: who consumes it and what for.

A provider has a queue of its own, so that a slow one never stands in the way of the others and failing over is
re-queueing. Nothing is ever sent to a queue that is not in the table: Celery is told not to invent any.
"""

from typing import Final, Literal, TypeAlias

from kombu.entity import Exchange, Queue

from providers.catalog import Catalog

Profile: TypeAlias = Literal["ask", "synthesis", "delivery", "maintenance"]

UNROUTED: Final = "unrouted"  # where a message without a route would end; nobody consumes it, `doctor` looks at it

_FIXED: Final[dict[str, Profile]] = {
    "synthesis": "synthesis",
    "delivery": "delivery",
    "maintenance": "maintenance",
}

SYNTHESIS: Final = "synthesis"
DELIVERY: Final = "delivery"
MAINTENANCE: Final = "maintenance"


def of_provider(provider: str) -> str:
    """The queue of a provider's asks."""
    return f"ask.{provider}"


def consumed_by(profile: Profile, catalog: Catalog) -> tuple[str, ...]:
    """The queues that a worker of this profile listens to."""
    return tuple(name for name, consumer in table(catalog).items() if consumer == profile)


def table(catalog: Catalog) -> dict[str, Profile]:
    """Queue name -> profile that consumes it."""
    asks: dict[str, Profile] = {of_provider(card.id): "ask" for card in catalog.providers}
    return asks | _FIXED


def declared(catalog: Catalog) -> tuple[Queue, ...]:
    """The kombu queues, the unrouted one included. Each is its own direct exchange."""
    return tuple(Queue(name, Exchange(name, type="direct"), routing_key=name) for name in (*table(catalog), UNROUTED))
