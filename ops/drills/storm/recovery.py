"""How long what a fault had disturbed stood still. Pure; read from the stories of jobs, which PostgreSQL's clock dates.

A job is worked on in steps, and each has a begin and an end in its story:

    ask    a seat's ask is handed to the broker   -> the seat is claimed
    call   the seat is claimed                    -> it is answered, fails, goes elsewhere, or is claimed again
    body   the panel has closed                   -> the job ends, or its synthesis is begun (once more)

A step is disturbed if its holder lost it (a call that was followed by another claim of its seat, or ended as poison; a
synthesis that was begun twice), or if it took longer than `SLOW_S` and a fault struck in it that can have held it up.
Undisturbed steps take a fraction of a second here, a full gate makes a call wait for three.

Its recovery is the time from the *first* fault in the step that can have disturbed it until the step's end: until the
seat that the dead or frozen process held is claimed again or has ended. Which process held a seat no row tells, so this
is the longest that it can have been, never the shortest. Time in which a store or its link was away does not count:
nobody could have gone on in it. And where Redis lost everything while an ask stood there, that ask is certainly lost,
or lost again: then the time runs from the last such loss. How long a step stood still in all, however often it was
struck again, is its standstill. Calls that a frozen process ends itself after it was thawed, within `SLOW_S`, count as
undisturbed. A step that never ended is no recovery but a broken promise, which the checker finds.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from ops.drills.storm.evidence import Event, Job
from ops.drills.storm.plan import POSTGRES, REDIS, Fault, Kind, role
from orchestrator.work.jobs import TERMINAL

SLOW_S: Final = 5.0
_JOB_ENDS: Final = frozenset(f"job.{status}" for status in TERMINAL)
_SEAT_ENDS: Final = frozenset({"seat.answered", "seat.failed"})


class Step(StrEnum):
    ASK = "ask"
    CALL = "call"
    BODY = "body"


# Whose faults can hold a step up. An ask is published by the API, the dispatcher or the reconciler, and taken by an
# ask worker; whoever closes the panel rings for the body. The stores take part in everything.
_STORES: Final = frozenset({POSTGRES, REDIS})
MAY_DISTURB: Final[dict[Step, frozenset[str]]] = {
    Step.ASK: _STORES | {"ask", "api", "maintenance"},
    Step.CALL: _STORES | {"ask"},
    Step.BODY: _STORES | {"ask", "synthesis", "maintenance"},
}

LOSSES: Final = frozenset({Kind.FLUSH, Kind.REDIS_EMPTY})  # of all that Redis held


@dataclass(frozen=True)
class Struck:
    """A fault, and when it struck."""

    fault: Fault
    at: datetime

    @property
    def over_at(self) -> datetime:
        """When it had done what it did."""
        return self.at + timedelta(seconds=self.fault.for_s)


@dataclass(frozen=True)
class Away:
    """A time in which our processes could not use a store, and why."""

    how: str
    since: datetime
    until: datetime

    @property
    def lasted_s(self) -> float:
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True)
class Span:
    """A step of a job. `lost`: its holder did not end it. `seat` is None for the body."""

    job: str
    seat: int | None
    step: Step
    began: datetime
    ended: datetime
    lost: bool

    @property
    def took_s(self) -> float:
        return (self.ended - self.began).total_seconds()


@dataclass(frozen=True)
class Recovery:
    """`took_s` from the fault to the end of the step that it had disturbed, without what stores were away in it.

    `standstill_s` from the first fault of all in the step, everything included.
    """

    span: Span
    cause: Struck
    took_s: float
    standstill_s: float


@dataclass(frozen=True)
class Recoveries:
    """`causeless`: steps that were slow or lost although nothing had struck that can have held them up."""

    found: tuple[Recovery, ...]
    causeless: tuple[Span, ...]

    @property
    def times_s(self) -> list[float]:
        return sorted(one.took_s for one in self.found)


def recoveries(jobs: Iterable[Job], struck: Sequence[Struck]) -> Recoveries:
    """Args: struck, in the order of time."""
    away = [(one.at, one.over_at) for one in struck if one.fault.victim in _STORES and one.fault.for_s]
    by_step = {step: [one for one in struck if role(one.fault.victim) in roles] for step, roles in MAY_DISTURB.items()}
    found: list[Recovery] = []
    causeless: list[Span] = []
    for span in (span for job in jobs for span in spans(job)):
        if not span.lost and span.took_s <= SLOW_S:
            continue
        cause = _first_in(span, by_step[span.step])
        if cause is None:
            causeless.append(span)
        else:
            found.append(_measured(span, cause, _last_loss(span, struck) or cause, away))
    return Recoveries(tuple(found), tuple(causeless))


def quantile(times_s: Sequence[float], share: float) -> float:
    """Of sorted times; 0 of none."""
    return times_s[math.ceil(share * len(times_s)) - 1] if times_s else 0.0


def spans(job: Job) -> Iterator[Span]:
    """All steps of a job that have ended."""
    if job.dispatched_at is None:
        return
    ended = next((event for event in job.events if event.type in _JOB_ENDS), None)
    seats = {event.seat for event in job.events if event.seat is not None}
    for seat in sorted(seats):
        yield from _of_seat(job, seat, job.dispatched_at, ended)
    yield from _of_body(job, ended)


def _of_seat(job: Job, seat: int, dispatched_at: datetime, ended: Event | None) -> Iterator[Span]:
    asked_at: datetime | None = dispatched_at
    claimed_at: datetime | None = None
    for event in (event for event in job.events if event.seat == seat):
        if claimed_at is not None:
            lost = event.type == "seat.attempted" or event.data.get("reason") == "poison" or "adopted" in event.data
            yield Span(job.id, seat, Step.CALL, claimed_at, event.at, lost)
        elif asked_at is not None:
            yield Span(job.id, seat, Step.ASK, asked_at, event.at, lost=False)
        asked_at = claimed_at = None
        if event.type == "seat.attempted":
            claimed_at = event.at
        elif event.type == "seat.failed_over":
            asked_at = event.at + timedelta(seconds=_wait_s(event))
    begun = claimed_at or asked_at
    if begun is not None and ended is not None and ended.at > begun:
        step = Step.ASK if claimed_at is None else Step.CALL
        yield Span(job.id, seat, step, begun, ended.at, lost=claimed_at is not None)


def _of_body(job: Job, ended: Event | None) -> Iterator[Span]:
    begun = [event.at for event in job.events if event.type == "job.synthesizing"]
    closed = [event.at for event in job.events if event.type in _SEAT_ENDS]
    if not begun or not closed:
        return
    yield Span(job.id, None, Step.BODY, max(closed), begun[0], lost=False)
    for first, again in pairwise(begun):
        yield Span(job.id, None, Step.BODY, first, again, lost=True)
    if ended is not None:
        yield Span(job.id, None, Step.BODY, begun[-1], ended.at, lost=False)


def _measured(span: Span, first: Struck, cause: Struck, away: Sequence[tuple[datetime, datetime]]) -> Recovery:
    begun = max(cause.at, span.began)
    missed_s = sum(_shared_s(begun, span.ended, since, until) for since, until in away)
    took_s = max(0.0, (span.ended - begun).total_seconds() - missed_s)
    return Recovery(span, cause, took_s, (span.ended - max(first.at, span.began)).total_seconds())


def _last_loss(span: Span, struck: Sequence[Struck]) -> Struck | None:
    """The last time that the message of this ask was certainly lost."""
    if span.step is not Step.ASK:
        return None
    losses = (one for one in struck if one.fault.kind in LOSSES and span.began <= one.at <= span.ended)
    return max(losses, key=lambda one: one.at, default=None)


def _shared_s(begun: datetime, ended: datetime, since: datetime, until: datetime) -> float:
    return max(0.0, (min(ended, until) - max(begun, since)).total_seconds())


def _first_in(span: Span, struck: Sequence[Struck]) -> Struck | None:
    """A freeze or an absence that began before the step still counts: it lasts."""
    place = bisect_left(struck, span.began, key=lambda one: one.at)
    lasting = [one for one in struck[:place] if one.over_at > span.began]
    within = struck[place] if place < len(struck) and struck[place].at <= span.ended else None
    return lasting[0] if lasting else within


def _wait_s(event: Event) -> float:
    wait_s = event.data.get("wait_s")
    return float(wait_s) if isinstance(wait_s, int | float) else 0.0
