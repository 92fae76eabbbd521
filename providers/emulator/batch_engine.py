"""How a batch goes, for every dialect that has batches: one small state machine over times.

A `Batch` is a frozen value; where it stands is worked out from the time that is passed in, never stored. Item number n
is done `starts_after_s + (n + 1) * each_s` after the batch was made, unless somebody cancels it or the window closes
first. `BatchStore` keeps the batches of a running emulator and does the work of an item once, when the first reader
comes after its time: by then it is logged and billed.

A dialect makes a batch so, and writes everything else down in its own words:

    batch = Batch(id, owner, made_at=now, size=len(requests), about={...}, course=course_of(visit.fault))
    store.open("anthropic", batch, perform=lambda place, at: {"custom_id": ..., "result": ...})
    batch.phase(now), batch.tally(now), store.results("anthropic", batch, now)
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from pydantic import JsonValue

from providers.emulator.draws import fraction

DAY_S: Final = 86_400.0

Perform: TypeAlias = Callable[[int, datetime], dict[str, JsonValue]]


class Phase(StrEnum):
    """Where a batch stands. The last four are final."""

    WAITING = "waiting"  # taken up, or being validated
    RUNNING = "running"
    CANCELING = "canceling"
    ENDED = "ended"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FAILED = "failed"  # validation refused it: no item has run


class Fate(StrEnum):
    """What became of one item."""

    WAITING = "waiting"
    DONE = "done"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Course:
    """How the batch will go: decided when it is made.

    `each_s` is small, so that the largest batch allowed still fits into a day. `cancel_s` is how long a cancellation
    takes. `stalls`: the second half is never done, so that the window closes on it. `repeats` gives some results twice,
    `loses` leaves some out, as the product must survive either.
    """

    starts_after_s: float = 5.0
    each_s: float = 0.5
    window_s: float = DAY_S
    cancel_s: float = 10.0
    fails: bool = False
    stalls: bool = False
    repeats: bool = False
    loses: bool = False


SMOOTH: Final = Course()
# Faults that strike when a batch is made: `match.endpoint` is then "batches".
COURSES: Final[dict[str, Course]] = {
    "batch_expired": Course(stalls=True),
    "batch_failed": Course(fails=True),
    "batch_repeats": Course(repeats=True),
    "batch_loses": Course(loses=True),
}
_PACE_ITEMS: Final = 50_000  # beyond so many, items go faster, lest an honest batch expire by its size alone


def course_of(fault: str, window_s: float = DAY_S) -> Course:
    """The course that a fault asks for; without one, all goes well."""
    return replace(COURSES.get(fault, SMOOTH), window_s=window_s)


@dataclass(frozen=True)
class Batch:
    """A batch of `size` items that belongs to the key `owner`. `about` is what the dialect wants to repeat."""

    id: str
    owner: str
    made_at: datetime
    size: int
    about: dict[str, JsonValue] = field(default_factory=dict)
    course: Course = SMOOTH
    cancel_asked_at: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        """The end of validation."""
        return self.made_at + timedelta(seconds=self.course.starts_after_s)

    @property
    def expires_at(self) -> datetime:
        """The end of the window."""
        return self.made_at + timedelta(seconds=self.course.window_s)

    @property
    def ends_at(self) -> datetime:
        """When the last word is said, as far as is known now."""
        if self.course.fails and not self._is_canceled:
            return self.starts_at
        natural = max(self.done_at(self.size - 1), self.starts_at)
        if self.cancel_asked_at is not None and self._is_canceled:
            natural = self.cancel_asked_at + timedelta(seconds=self.course.cancel_s)
        return min(natural, self.expires_at)

    def done_at(self, place: int) -> datetime:
        """When an item, counted from 0, would be done if nobody intervened."""
        if self.course.stalls and place >= self.size // 2:
            return self.expires_at + timedelta(seconds=1)
        each_s = self.course.each_s * min(1.0, _PACE_ITEMS / max(self.size, 1))
        return self.starts_at + timedelta(seconds=each_s * (place + 1))

    def phase(self, at: datetime) -> Phase:
        """Where the batch stands at that time."""
        if at >= self.ends_at:
            return self._last_phase
        if self._is_canceled:
            return Phase.CANCELING
        return Phase.RUNNING if at >= self.starts_at else Phase.WAITING

    def fate(self, place: int, at: datetime) -> Fate:
        """What has become of an item, counted from 0, by that time."""
        done = self.done_at(place)
        if not self.course.fails and done <= min(self._stops_at, at):
            return Fate.DONE
        if at < self.ends_at or self._last_phase is Phase.FAILED:
            return Fate.WAITING
        return Fate.CANCELED if self._is_canceled else Fate.EXPIRED

    def tally(self, at: datetime) -> dict[Fate, int]:
        """How many items met which fate."""
        fates = [self.fate(place, at) for place in range(self.size)]
        return {fate: fates.count(fate) for fate in Fate}

    def canceled(self, at: datetime) -> "Batch":
        """The batch once somebody asked to cancel it; one that has ended, or is being canceled, stays as it is."""
        if self._is_canceled or at >= self.ends_at:
            return self
        return replace(self, cancel_asked_at=at)

    def delivered(self, at: datetime) -> Iterator[int]:
        """The places of the items whose lines stand in the results: in no order that means anything."""
        places = sorted(range(self.size), key=lambda place: fraction(self.id, place))
        for number, place in enumerate(places):
            if self.fate(place, at) is Fate.WAITING or (self.course.loses and number % 2):
                continue
            yield place
            if self.course.repeats and not number % 2:
                yield place

    @property
    def _is_canceled(self) -> bool:
        return self.cancel_asked_at is not None

    @property
    def _stops_at(self) -> datetime:
        """After this time no item is begun."""
        return min(self.cancel_asked_at or self.expires_at, self.expires_at)

    @property
    def _last_phase(self) -> Phase:
        if self._is_canceled:
            return Phase.CANCELED
        if self.course.fails:
            return Phase.FAILED
        return Phase.EXPIRED if self.size and self.done_at(self.size - 1) > self.expires_at else Phase.ENDED


@dataclass
class _Kept:
    batch: Batch
    perform: Perform
    results: dict[int, dict[str, JsonValue]] = field(default_factory=dict)


class BatchStore:
    """All batches of the running emulator, by dialect."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}

    def open(self, dialect: str, batch: Batch, perform: Perform) -> Batch:
        """Take a batch up. `perform(place, at)` answers one item, books it and returns its line in the results."""
        self._kept[dialect, batch.id] = _Kept(batch, perform)
        return batch

    def find(self, dialect: str, owner: str, batch_id: str) -> Batch | None:
        """The batch of that id, if this key may see it."""
        kept = self._kept.get((dialect, batch_id))
        return kept.batch if kept and kept.batch.owner == owner else None

    def of(self, dialect: str, owner: str) -> list[Batch]:
        """The batches of a key, the newest first."""
        mine = [k.batch for (spoken, _), k in self._kept.items() if spoken == dialect and k.batch.owner == owner]
        return mine[::-1]

    def cancel(self, dialect: str, batch: Batch, at: datetime) -> Batch:
        """Ask for an end; safe to ask twice."""
        kept = self._kept[dialect, batch.id]
        kept.batch = kept.batch.canceled(at)
        return kept.batch

    def remove(self, dialect: str, batch: Batch) -> None:
        """Forget a batch and its results; what was done by now stays booked."""
        del self._kept[dialect, batch.id]

    def results(self, dialect: str, batch: Batch, at: datetime) -> dict[int, dict[str, JsonValue]]:
        """The lines of all items that are done, by place; each is worked out once."""
        kept = self._kept[dialect, batch.id]
        for place in range(batch.size):
            if place not in kept.results and kept.batch.fate(place, at) is Fate.DONE:
                kept.results[place] = kept.perform(place, kept.batch.done_at(place))
        return kept.results

    def settle(self, at: datetime) -> None:
        """Do all work whose time has come, so that log and bank tell the truth."""
        for (dialect, _), kept in list(self._kept.items()):
            self.results(dialect, kept.batch, at)
