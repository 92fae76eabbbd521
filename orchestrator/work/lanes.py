"""Three lanes, and whose turn it is among them. Pure.

A free hand takes the more urgent lane first, but of ten turns three begin with `standard` and one with `bulk`: so no
lane starves while others are full, and what a lane does not need falls to the next.
"""

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

Lane: TypeAlias = Literal["interactive", "standard", "bulk"]

LANES: Final[tuple[Lane, ...]] = ("interactive", "standard", "bulk")  # the most urgent first

# Sixty, thirty and ten of a hundred, spread so that no lane waits longer than it must.
TURNS: Final[tuple[Lane, ...]] = (
    "interactive", "standard", "interactive", "interactive", "bulk",
    "interactive", "standard", "interactive", "standard", "interactive",
)  # fmt: skip

MESSAGES_PER_SLOT: Final = 3  # a slot that is done finds work at once, and a message waits for two calls at most
FEWEST_MESSAGES: Final = 16  # while no worker is known, or few: a job must be able to go out whole


def order(turn: int) -> tuple[Lane, ...]:
    """The lanes as they are served in this turn: one begins, the others follow by urgency."""
    first = TURNS[turn % len(TURNS)]
    return (first, *(lane for lane in LANES if lane != first))


def share(lane: Lane, busy: Collection[Lane]) -> float:
    """What a lane may count on of all turns while these lanes have work, itself among them or not."""
    turns = sum(TURNS.count(one) for one in {lane, *busy})
    return TURNS.count(lane) / turns


def window(slots: int) -> int:
    """How many asks of a lane may stand in the broker, with so many slots to take them."""
    return max(FEWEST_MESSAGES, MESSAGES_PER_SLOT * slots)
