"""What a seed stands for: the jobs of a schedule and the faults that befall it. Drawn once, from the seed alone.

Each schedule leaves most kinds of faults out. Where everything goes wrong all the time, nothing ever gets far enough to
go wrong in an interesting place.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from ops.drills.simulation.targets import LADDERS, needed_micro_usd

LEASE_S: Final = 30.0  # this and the next two as the product has them
UNCLAIMED_AFTER_S: Final = 10.0
SILENT_S: Final = 6.0  # so long a round that stands still keeps others from theirs
LONG: Final = ((2, 0, 1), (0, 1, 2, 3), (1, 2, 0, 3))  # ladders that can pay for four calls and more
PLENTY_MICRO_USD: Final = 20_000
OUT_OF_HAND_S: Final = 45.0  # a frozen process may wake that long after all else has healed


@dataclass(frozen=True, slots=True)
class JobPlan:
    """`poison`: the seat that kills every process that works on it. `late_s`: it waits that long for its turn."""

    ladders: tuple[tuple[int, ...], ...]
    quorum: int
    bound_micro_usd: int
    deadline_s: float
    late_s: float | None
    cancel_at: float | None
    poison: int | None


@dataclass(frozen=True, slots=True)
class Away:
    """A store that is not there for a while."""

    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Rates are chances for each step, message, commit or call; `shut`: that our own gate lets a call not in,
    `crash`: that PostgreSQL goes down at once, and forgets what it may, `stop`: that a
    worker is told to end. `grace_s`: what late seats are given once the quorum has answered.

    `calm_at`: from then on nothing new goes wrong. The most that it takes: `slow_s` a message, `stray_s` a
    second delivery of it, `call_s` a call, `drag_s` any other step, `restart_s` a dead process. `round_s`: between two
    rounds of the reconciler.
    """

    seed: int
    jobs: tuple[JobPlan, ...]
    calm_at: float
    kill: float
    freeze: float
    loss: float
    repeat: float
    slow_s: float
    stray_s: float
    in_doubt: float
    shut: float
    useless: float
    unbilled: float
    unknown: float
    call_s: float
    drag_s: float
    restart_s: float
    round_s: float
    away: tuple[Away, ...]
    broker_away: tuple[Away, ...]
    wipe: float
    crash: float
    stop: float
    grace_s: float

    @property
    def healed_at(self) -> float:
        """When the last thing that was away is back."""
        return max([self.calm_at + self.restart_s, *(one.until for one in (*self.away, *self.broker_away))])


def plan_of(seed: int) -> Plan:
    chance = Random(seed)  # noqa: S311 - a schedule must be the same again
    draw = chance.random

    def now_and_then(share: float, most: float) -> float:
        return draw() * most if draw() < share else 0.0

    jobs = tuple(_job(chance) for _ in range(1 if draw() < 0.8 else 2))
    calm_at = 10.0 + draw() * 170.0

    def moments(share: float) -> tuple[float, ...]:
        return tuple(draw() ** 2 * calm_at for _ in range(chance.randint(1, 2))) if draw() < share else ()

    plan = Plan(
        seed=seed,
        jobs=jobs,
        calm_at=calm_at,
        kill=now_and_then(0.45, 0.1),
        freeze=now_and_then(0.4, 0.1),
        loss=now_and_then(0.35, 0.6),
        repeat=now_and_then(0.5, 0.9),
        slow_s=0.2 if draw() < 0.6 else draw() * 20,
        stray_s=draw() * 60,
        in_doubt=now_and_then(0.2, 0.1),
        shut=now_and_then(0.25, 0.5),
        useless=now_and_then(0.3, 0.5),
        unbilled=now_and_then(0.4, 0.7),
        unknown=now_and_then(0.35, 0.6),
        call_s=1.0 + draw() * (60.0 if draw() < 0.3 else 12.0),
        drag_s=now_and_then(0.35, 8.0),
        round_s=5.0 + now_and_then(0.3, 25.0),
        restart_s=4.0 + now_and_then(0.3, 80.0),
        away=tuple(_away(chance, at, longest_s=220.0 if draw() < 0.25 else 40.0) for at in sorted(moments(0.3))),
        broker_away=tuple(_away(chance, at, longest_s=30.0) for at in sorted(moments(0.15))),
        wipe=now_and_then(0.3, 0.3),
        crash=now_and_then(0.15, 0.1),
        # Drawn last, and used where the product has learnt to: what was kept before stays what it was.
        stop=now_and_then(0.25, 0.08),
        grace_s=5.0 + draw() * 25.0,
    )
    return _twisted(plan, draw())


def _twisted(plan: Plan, lot: float) -> Plan:
    """Some schedules go for one thing that chance alone comes to too seldom."""
    if lot < 0.04:
        return _wasteful(plan)
    if lot < 0.08:  # a PostgreSQL that forgets, and claims that end before anything was sent
        return replace(plan, crash=0.1, shut=0.4, loss=0.0, repeat=0.9, stray_s=6.0, kill=plan.kill / 3)
    return plan


def _wasteful(plan: Plan) -> Plan:
    """Calls that are paid for and of no use, again and again, and holders that die."""
    jobs = tuple(
        replace(
            job, ladders=LONG[: len(job.ladders)], bound_micro_usd=PLENTY_MICRO_USD, deadline_s=700.0, cancel_at=None
        )
        for job in plan.jobs
    )
    return replace(plan, jobs=jobs, useless=0.7, unbilled=0.2, unknown=0.1, kill=0.04, calm_at=500.0, restart_s=4.0)


def _job(chance: Random) -> JobPlan:
    draw = chance.random
    seats = chance.choice((1, 2, 2, 3, 3))
    ladders = tuple(chance.choice(LADDERS) for _ in range(seats))
    needed = needed_micro_usd(ladders)
    deadline_s = 25.0 + draw() * 120.0 if draw() < 0.55 else 250.0 + draw() * 450.0
    return JobPlan(
        ladders=ladders,
        quorum=chance.randint(1, seats),
        bound_micro_usd=_bound(chance, needed),
        deadline_s=deadline_s,
        late_s=draw() * 15 if draw() < 0.3 else None,
        cancel_at=draw() * min(deadline_s, 90.0) if draw() < 0.25 else None,
        poison=chance.randrange(seats) if draw() < 0.06 else None,
    )


def _bound(chance: Random, needed: int) -> int:
    """What a plan would have, or less: then it stands for a tenant's budget that is nearly used up."""
    lot = chance.random()
    if lot < 0.4:
        return int(needed * (0.4 + 1.5 * lot))
    return needed if lot < 0.5 else 2 * needed


def _away(chance: Random, at: float, *, longest_s: float) -> Away:
    return Away(at, at + chance.random() * longest_s)
