"""What kinds of process there are: which queues each listens to, with how many hands.

Slots are kept free for interactive asks by a process of their own, not by a cap within the others: a message that was
popped and may not run yet would lie in the worker unseen. It has a core's turns of its own, too: the kernel lets a
process that was idle go before those that are busy with bulk (ADR 0034).

All use threads: the work waits on sockets and rows. A call in an ask's thread is ended by our own deadline and cut, so
that nothing is missed of what other pools could do to it.
"""

from typing import Final

from orchestrator.queues import Profile, consumed_by
from orchestrator.settings import Settings
from providers.calls import Value
from providers.catalog import Catalog

# A synthesis computes, so a few hands keep one core busy; deliveries and sweeps are short.
_FIXED_SLOTS: Final[dict[Profile, int]] = {"synthesis": 4, "delivery": 4, "maintenance": 2}


class Kind(Value):
    """A kind of worker process."""

    profile: Profile
    queues: tuple[str, ...]
    slots: int


def kind(profile: Profile, settings: Settings, catalog: Catalog) -> Kind:
    slots = {"ask": settings.ask_slots, "ask-interactive": settings.interactive_slots, **_FIXED_SLOTS}
    return Kind(profile=profile, queues=consumed_by(profile, catalog), slots=slots[profile])
