"""The stages that a job went through, from what its rows noted: waiting, calls, synthesis, delivery. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL
from providers.calls import Value


class StageKind(StrEnum):
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    ATTEMPT = "attempt"
    SYNTHESIS = "synthesis"
    DELIVERY = "delivery"


class Noted(Value):
    """An event of the job. `announced_at`: when its news went out; None: not yet. `not_before`: the later moment for
    which the job was handed in.
    """

    type: str
    at: datetime
    announced_at: datetime | None
    not_before: datetime | None = None


class CallMade(Value):
    """One call for one seat, as its row has it. `hedge`: made beside one that was slow; `part`: of the meeting."""

    seat: int
    part: int | None = None
    role: str
    target: str
    state: AttemptState
    hedge: bool
    began_at: datetime
    ended_at: datetime | None
    cost_micro_usd: int
    error: str | None


class Stage(Value):
    """From when to when; `ended_at` is None while it goes on. `call` belongs to an attempt alone."""

    kind: StageKind
    started_at: datetime
    ended_at: datetime | None
    call: CallMade | None = None


_QUEUED: Final = "job.queued"
_SYNTHESIZING: Final = "job.synthesizing"
_ENDS: Final = frozenset(f"job.{status}" for status in TERMINAL)
_ORDER: Final = tuple(StageKind)  # of stages that begin at the same moment


def stages(events: Sequence[Noted], calls: Iterable[CallMade], now: datetime) -> tuple[Stage, ...]:
    """The stages in the order in which they began.

    A job that was handed in for a later moment is `scheduled` until then, and waits from then on.

    A job that was retried waits and is put together more than once; so is one whose synthesis was taken over, or went
    on after a lead or judge had answered: each time is a stage of its own.

    Args:
        events: of the job, in their order.
        calls: of all its seats, in any order.
    """
    found = (*_between(events, now), *map(_attempt, calls))
    return tuple(sorted(found, key=lambda stage: (stage.started_at, _ORDER.index(stage.kind))))


def _between(events: Sequence[Noted], now: datetime) -> Iterator[Stage]:
    """What lies between the events. Whatever follows a `job.queued` ends the waiting."""
    for place, event in enumerate(events):
        later = events[place + 1 :]
        if event.type == _QUEUED:
            yield from _waiting(event, later[0].at if later else None, now)
        elif event.type == _SYNTHESIZING:
            yield Stage(kind=StageKind.SYNTHESIS, started_at=event.at, ended_at=_end_of_synthesis(later))
        elif event.type in _ENDS:
            yield Stage(kind=StageKind.DELIVERY, started_at=event.at, ended_at=event.announced_at)


def _waiting(event: Noted, end: datetime | None, now: datetime) -> Iterator[Stage]:
    due = event.not_before
    if due is None:
        yield Stage(kind=StageKind.QUEUED, started_at=event.at, ended_at=end)
    elif due >= (end or now):
        yield Stage(kind=StageKind.SCHEDULED, started_at=event.at, ended_at=end)
    else:
        yield Stage(kind=StageKind.SCHEDULED, started_at=event.at, ended_at=due)
        yield Stage(kind=StageKind.QUEUED, started_at=due, ended_at=end)


def _end_of_synthesis(later: Iterable[Noted]) -> datetime | None:
    """It lasts until it is begun anew or the job ends; what its leads and judges do meanwhile are calls beside it."""
    return next((event.at for event in later if event.type in _ENDS or event.type == _SYNTHESIZING), None)


def _attempt(call: CallMade) -> Stage:
    return Stage(kind=StageKind.ATTEMPT, started_at=call.began_at, ended_at=call.ended_at, call=call)
