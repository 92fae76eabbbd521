"""Which faults strike whom, and when: drawn from a seed before anything runs. Pure.

Single failures, as the promises have them, but many in a row: stores go one at a time, and of our own processes no more
than two are frozen at once for longer than a moment.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, cycle, islice
from typing import Final

from ops.drills.link import BLACK_HOLE, CUT, REPLIES_LOST, REQUESTS_LOST, Manner

POSTGRES: Final = "postgres"
REDIS: Final = "valkey"
SHORTEST_FREEZE_S: Final = 0.1
LEASES_OF_A_FREEZE: Final = 3.0
MOMENT_S: Final = 1.0
MOST_FROZEN: Final = 2
# PostgreSQL is away for so long: longer than a pool's patience, shorter than what workers bear.
AWAY_S: Final = (2.0, 6.0)
LINK_S: Final = (5.0, 60.0)
STORE_PAUSE_S: Final = 3.0  # between the end of one fault of a store and the next


class Kind(StrEnum):
    KILL = "kill -9"
    FREEZE = "freeze"
    FLUSH = "FLUSHALL"
    REDIS_KILL = "Redis kill -9"
    REDIS_EMPTY = "Redis restarted empty"
    POSTGRES_FAST = "PostgreSQL fast restart"
    POSTGRES_IMMEDIATE = "PostgreSQL immediate restart"
    POSTGRES_KILL = "PostgreSQL kill -9"
    LINK = "link lost"
    LOG_SYNC = "PostgreSQL log sync EIO"
    DATA_SYNC = "PostgreSQL checkpoint sync EIO"
    REDIS_SYNC = "Redis file sync EIO"


class Way(StrEnum):
    """How a link is lost."""

    CUT = "cut"
    BLACK_HOLE = "black hole"
    REQUESTS_LOST = "requests lost"
    REPLIES_LOST = "replies lost"


MANNERS: Final[dict[Way, Manner]] = {
    Way.CUT: CUT,
    Way.BLACK_HOLE: BLACK_HOLE,
    Way.REQUESTS_LOST: REQUESTS_LOST,
    Way.REPLIES_LOST: REPLIES_LOST,
}

# Groups as they are asked for on the command line, each kind with its weight in a mixed storm.
GROUPS: Final[dict[str, dict[Kind, int]]] = {
    "kill": {Kind.KILL: 50},
    "freeze": {Kind.FREEZE: 30},
    "redis": {Kind.FLUSH: 8, Kind.REDIS_KILL: 6, Kind.REDIS_EMPTY: 6},
    "postgres": {Kind.POSTGRES_FAST: 3, Kind.POSTGRES_IMMEDIATE: 3, Kind.POSTGRES_KILL: 3},
    "link": {Kind.LINK: 3},
}
USUAL: Final = ("kill", "freeze", "redis")
STORES: Final = ("redis", "postgres", "link")
SYNCS: Final[dict[Kind, str]] = {Kind.LOG_SYNC: POSTGRES, Kind.DATA_SYNC: POSTGRES, Kind.REDIS_SYNC: REDIS}

# How often a process of a role is the victim: those that hold seats most of all.
WEIGHTS: Final[dict[str, int]] = {"ask": 10, "synthesis": 4, "api": 3, "maintenance": 3, "beat": 2, "delivery": 2}


@dataclass(frozen=True)
class Fault:
    """`at_s` from the begin of the storm. `victim` is a process, a store, or the store whose link it is.

    `for_s`: how long a process is frozen, PostgreSQL away, or a link lost.
    """

    at_s: float
    kind: Kind
    victim: str
    for_s: float = 0.0
    way: Way | None = None


def role(victim: str) -> str:
    """`ask-2` is an ask; a store is itself."""
    return victim.partition("-")[0]


def drawn(
    seed: int, *, faults: int, every_s: float, groups: Sequence[str], victims: Sequence[str], lease_s: float
) -> tuple[Fault, ...]:
    """A mixed storm: `every_s` between two faults on average."""
    chance = random.Random(seed)  # noqa: S311 - a die, not a secret
    weights = {kind: weight for group in groups for kind, weight in GROUPS[group].items()}
    plan: list[Fault] = []
    at_s, store_free_at_s = 0.0, 0.0
    for _ in range(faults):
        at_s += every_s * chance.uniform(0.5, 1.5)
        kind = _picked(chance, weights)
        fault = _fault(chance, at_s, kind, victims, lease_s)
        if fault.victim in {POSTGRES, REDIS}:
            at_s = max(at_s, store_free_at_s)
            fault = _moved(fault, at_s)
            store_free_at_s = at_s + fault.for_s + STORE_PAUSE_S
        elif kind is Kind.FREEZE and _frozen(plan, at_s) >= MOST_FROZEN:
            fault = Fault(at_s, kind, fault.victim, chance.uniform(SHORTEST_FREEZE_S, MOMENT_S))
        plan.append(fault)
    return tuple(plan)


def of_stores(
    seed: int, *, events: int, groups: Sequence[str], ways: Sequence[Way], pause_s: float
) -> tuple[Fault, ...]:
    """Each kind of these groups `events` times, in random order, one after the other.

    `pause_s`: how long all is well, about, after a store was away.
    """
    chance = random.Random(seed)  # noqa: S311 - a die, not a secret
    kinds = [kind for group in groups for kind in GROUPS[group] for _ in range(events)]
    chance.shuffle(kinds)
    links = [(store, way) for way in ways for store in (POSTGRES, REDIS)]
    chance.shuffle(links)
    turns = cycle(links)  # so that each link is lost in each way, however few events there are
    plan: list[Fault] = []
    at_s = STORE_PAUSE_S
    for kind in kinds:
        fault = _link(chance, at_s, *next(turns)) if kind is Kind.LINK else _fault(chance, at_s, kind, (), 0.0)
        plan.append(fault)
        at_s += fault.for_s + (pause_s if fault.for_s else STORE_PAUSE_S) * chance.uniform(0.8, 1.2)
    return tuple(plan)


def of_disks(seed: int, *, strikes: int, of_redis: int, every_s: float) -> tuple[Fault, ...]:
    """Synced writes that fail: `strikes` of PostgreSQL's, of its log and of its checkpoints by turns, and of Redis'."""
    chance = random.Random(seed)  # noqa: S311 - a die, not a secret
    turns = cycle((Kind.LOG_SYNC, Kind.DATA_SYNC))
    kinds = [*islice(turns, strikes), *[Kind.REDIS_SYNC] * of_redis]
    chance.shuffle(kinds)
    times = accumulate(every_s * chance.uniform(0.8, 1.2) for _ in kinds)
    return tuple(Fault(at_s, kind, SYNCS[kind]) for at_s, kind in zip(times, kinds, strict=True))


def lasts_s(plan: Sequence[Fault]) -> float:
    return max((fault.at_s + fault.for_s for fault in plan), default=0.0)


def _fault(chance: random.Random, at_s: float, kind: Kind, victims: Sequence[str], lease_s: float) -> Fault:
    match kind:
        case Kind.KILL:
            return Fault(at_s, kind, _victim(chance, victims))
        case Kind.FREEZE:
            # As many short ones as long ones, on a scale of powers: each of them breaks something else.
            longest = LEASES_OF_A_FREEZE * lease_s / SHORTEST_FREEZE_S
            return Fault(at_s, kind, _victim(chance, victims), SHORTEST_FREEZE_S * longest ** chance.random())
        case Kind.POSTGRES_FAST | Kind.POSTGRES_IMMEDIATE | Kind.POSTGRES_KILL:
            return Fault(at_s, kind, POSTGRES, chance.uniform(*AWAY_S))
        case Kind.LINK:
            return _link(chance, at_s, chance.choice((POSTGRES, REDIS)), chance.choice([*Way]))
        case _:
            return Fault(at_s, kind, REDIS)


def _link(chance: random.Random, at_s: float, store: str, way: Way) -> Fault:
    return Fault(at_s, Kind.LINK, store, chance.uniform(*LINK_S), way)


def _victim(chance: random.Random, victims: Sequence[str]) -> str:
    """By its role's weight, which its members share."""
    members = [role(victim) for victim in victims]
    weights = [WEIGHTS[one] / members.count(one) for one in members]
    return chance.choices(victims, weights)[0]


def _picked(chance: random.Random, weights: Mapping[Kind, int]) -> Kind:
    return chance.choices([*weights], [*weights.values()])[0]


def _moved(fault: Fault, at_s: float) -> Fault:
    return Fault(at_s, fault.kind, fault.victim, fault.for_s, fault.way)


def _frozen(plan: Sequence[Fault], at_s: float) -> int:
    return sum(one.kind is Kind.FREEZE and one.at_s + one.for_s > at_s and one.for_s > MOMENT_S for one in plan)
