"""Which faults strike, when and how long: drawn from a seed before anything starts. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SHORTEST_FREEZE_S: Final = 0.1


class Kind(StrEnum):
    """What can strike."""

    KILL = "kill"
    FREEZE = "freeze"
    FLUSHALL = "flushall"
    RESTART = "restart"
    EMPTY = "empty"


SAID: Final[Mapping[Kind, str]] = {
    Kind.KILL: "kill -9 of a worker and all its children",
    Kind.FREEZE: "SIGSTOP of a worker and all its children, later SIGCONT",
    Kind.FLUSHALL: "FLUSHALL",
    Kind.RESTART: "kill -9 of Redis, started again with its append-only file",
    Kind.EMPTY: "kill -9 of Redis, started again empty",
}

# By what is lost at once, gravest first: all of Redis, its connections, what a worker held, nothing.
GRAVITY: Final[Mapping[Kind, int]] = {
    Kind.FLUSHALL: 0,
    Kind.EMPTY: 0,
    Kind.RESTART: 1,
    Kind.KILL: 2,
    Kind.FREEZE: 3,
}

# 40 % kills, 40 % freezes, 20 % losses of Redis in equal parts.
USUAL_SHARES: Final[Mapping[Kind, int]] = {
    Kind.KILL: 6,
    Kind.FREEZE: 6,
    Kind.FLUSHALL: 1,
    Kind.RESTART: 1,
    Kind.EMPTY: 1,
}


@dataclass(frozen=True)
class Planned:
    """A fault to come: `at_s` after the start. `pick`, from 0 to below 1, chooses among the workers that it can hit."""

    kind: Kind
    at_s: float
    pick: float
    freeze_s: float


def plan(
    seed: int, shares: Mapping[Kind, int], count: int, every_s: float, longest_freeze_s: float
) -> tuple[Planned, ...]:
    """Faults `every_s` apart on average (half to one and a half of it each time), of each kind by its share."""
    chance = random.Random(seed)  # noqa: S311 - a die, not a secret
    kinds, weights = list(shares), list(shares.values())
    planned, at_s = [], 0.0
    for _ in range(count):
        at_s += chance.uniform(0.5, 1.5) * every_s
        kind = chance.choices(kinds, weights)[0]
        planned.append(Planned(kind, at_s, chance.random(), chance.uniform(SHORTEST_FREEZE_S, longest_freeze_s)))
    return tuple(planned)


def shares_of(given: str) -> dict[Kind, int]:
    """Read `kill=6,freeze=6,flushall`; without a number the share is 1.

    Raises:
        ValueError: no such kind, a share that is no positive number, or a kind named twice.
    """
    shares: dict[Kind, int] = {}
    for part in given.split(","):
        name, _, number = part.partition("=")
        kind, share = Kind(name.strip()), int(number or 1)
        if share < 1 or kind in shares:
            raise ValueError(part)
        shares[kind] = share
    return shares
