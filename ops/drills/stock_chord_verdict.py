"""What became of the jobs, by three witnesses that share nothing with Redis. Pure.

The client's log says which jobs were taken, the bodies' file which bodies ran and with which parts, the provider's log
which calls were paid for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ops.drills.stock_chord_faults import GRAVITY, Kind

Seat: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class HandedIn:
    """A job as the client's log has it; `accepted` is False when the client was told that it was not taken."""

    job: str
    at: float
    accepted: bool


@dataclass(frozen=True)
class Body:
    """A run of a body; `seats` are those of the parts it was given, in their order."""

    job: str
    seats: tuple[int, ...]
    at: float


@dataclass(frozen=True)
class Paid:
    """A call that the provider billed; it came at `at`."""

    seat: Seat
    micro_usd: int
    at: float


@dataclass(frozen=True)
class Strike:
    """A fault that struck at `at` and was in force `until`."""

    kind: Kind
    at: float
    until: float


@dataclass(frozen=True)
class Toll:
    """What one kind of fault is charged with."""

    struck: int = 0
    without_end: int = 0
    repeated: int = 0
    misjoined: int = 0
    repaid: int = 0


@dataclass(frozen=True)
class Verdict:
    """`without_end`: accepted jobs whose body never ran. `repeated`: bodies that ran twice or more. `misjoined`: those
    that ran with other parts than one for each seat. `repaid`: calls paid for more than once, of any job.

    `took_s` are the seconds from handing in to the first body, ascending. `extra_micro_usd` was paid for repetitions,
    `lost_micro_usd` for accepted jobs without an end. `tolls` are by the gravest fault that was in force while the job
    was under way; under None: there was none.
    """

    accepted: int
    refused: int
    calls: int
    paid_micro_usd: int
    extra_micro_usd: int
    lost_micro_usd: int
    without_end: tuple[str, ...]
    repeated: tuple[str, ...]
    misjoined: tuple[str, ...]
    repaid: tuple[Seat, ...]
    most_bodies: int
    most_payments: int
    took_s: tuple[float, ...]
    tolls: Mapping[Kind | None, Toll]


def judge(
    handed_in: Sequence[HandedIn],
    bodies: Sequence[Body],
    paid: Sequence[Paid],
    strikes: Sequence[Strike],
    *,
    seats: int,
    patience_s: float,
) -> Verdict:
    """Join the witnesses.

    A job is under way from its hand-in to the last that was seen of it; without an end, for `patience_s` more, in which
    its messages would have come back.
    """
    accepted = [job for job in handed_in if job.accepted]
    runs = Counter(body.job for body in bodies)
    payments = Counter(payment.seat for payment in paid)
    without_end = tuple(job.job for job in accepted if job.job not in runs)
    repeated = tuple(job for job, count in runs.items() if count > 1)
    whole = tuple(range(seats))
    misjoined = tuple(dict.fromkeys(body.job for body in bodies if tuple(sorted(body.seats)) != whole))
    repaid = tuple(seat for seat, count in payments.items() if count > 1)
    lost = set(without_end)
    return Verdict(
        accepted=len(accepted),
        refused=len(handed_in) - len(accepted),
        calls=len(paid),
        paid_micro_usd=sum(payment.micro_usd for payment in paid),
        extra_micro_usd=_extra_micro_usd(paid),
        lost_micro_usd=sum(payment.micro_usd for payment in paid if payment.seat[0] in lost),
        without_end=without_end,
        repeated=repeated,
        misjoined=misjoined,
        repaid=repaid,
        most_bodies=max(runs.values(), default=0),
        most_payments=max(payments.values(), default=0),
        took_s=_took_s(accepted, bodies),
        tolls=_tolls(
            _gravest(handed_in, bodies, paid, strikes, patience_s),
            Counter(strike.kind for strike in strikes),
            without_end,
            repeated,
            misjoined,
            [job for job, _ in repaid],
        ),
    )


def _extra_micro_usd(paid: Iterable[Paid]) -> int:
    """All but the first payment of each call."""
    seen: set[Seat] = set()
    extra = 0
    for payment in paid:
        extra += payment.micro_usd if payment.seat in seen else 0
        seen.add(payment.seat)
    return extra


def _took_s(accepted: Iterable[HandedIn], bodies: Iterable[Body]) -> tuple[float, ...]:
    first: dict[str, float] = {}
    for body in bodies:
        first[body.job] = min(body.at, first.get(body.job, body.at))
    return tuple(sorted(first[job.job] - job.at for job in accepted if job.job in first))


def _gravest(
    handed_in: Iterable[HandedIn],
    bodies: Iterable[Body],
    paid: Iterable[Paid],
    strikes: Sequence[Strike],
    patience_s: float,
) -> dict[str, Kind | None]:
    """For each job the gravest fault while it was under way; what a lighter one is charged with, no graver one did."""
    ended = {body.job for body in bodies}
    seen: dict[str, float] = {}
    for name, at in [*((body.job, body.at) for body in bodies), *((call.seat[0], call.at) for call in paid)]:
        seen[name] = max(at, seen.get(name, at))
    found: dict[str, Kind | None] = {}
    for job in handed_in:
        until = max(job.at, seen.get(job.job, job.at)) + (0.0 if job.job in ended else patience_s)
        met = [strike for strike in strikes if strike.at <= until and strike.until >= job.at]
        # Of two that are equally grave the first: a job that Redis forgot does not come back to be forgotten again.
        first = min(met, key=lambda strike: (GRAVITY[strike.kind], strike.at), default=None)
        found[job.job] = first.kind if first else None
    return found


def _tolls(
    gravest: Mapping[str, Kind | None], struck: Counter[Kind], *columns: Iterable[str]
) -> dict[Kind | None, Toll]:
    """The columns are jobs without an end, repeated, misjoined, and one for each call repaid."""
    counted = [Counter(gravest.get(job) for job in jobs) for jobs in columns]
    kinds: list[Kind | None] = [kind for kind in GRAVITY if kind in struck]
    if any(column[None] for column in counted):
        kinds.append(None)
    return {kind: Toll(struck[kind] if kind else 0, *(column[kind] for column in counted)) for kind in kinds}
