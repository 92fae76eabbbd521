"""What came of a drill: what users would have seen, who was asked, and whether the books agree. Pure.

`read` draws the figures from two witnesses: the jobs as their caller got them, and the emulator's own log of what it
was asked and what it billed. `shown` is a page of plain text, 80 columns wide, its lines always in the same order.
"""

import json
import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from api.schemas import TERMINAL, JobView
from orchestrator.meeting.cleaning import clean
from orchestrator.routing.request import MICRO_PER_USD
from providers.calls import JsonObject

WIDTH: Final = 80
NAMES: Final = 18  # columns of the names on the left
MAX_TROUBLES: Final = 3  # shown; more of the same tell nothing new
BUILTIN: Final = "extractive"
# Faults whose answers do not arrive whole: what such a call was billed, its caller cannot know.
BREAKING: Final = frozenset(("close", "drip", "truncated"))
_SHARES: Final = (("half within", 0.5), ("95 % within", 0.95), ("all within", 1.0))
_COLUMNS: Final = ("calls", "answered", "refused", "broke off", "seats", "billed")


@dataclass(frozen=True)
class Outcome:
    """One job as its caller got it: the job, or the sentence with which it was turned away."""

    job: JobView | None = None
    trouble: str | None = None


@dataclass(frozen=True)
class Stand:
    """A provider of the drill, and what it does in it."""

    provider: str
    words: str


@dataclass(frozen=True)
class Play:
    """What was played. `notes` are sentences."""

    name: str
    story: str
    stands: Sequence[Stand]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Traffic:
    """One provider's calls. Those that `broke_off` may have been billed though no whole answer came."""

    calls: int = 0
    answered: int = 0
    broke_off: int = 0
    seats: int = 0
    billed: int = 0

    @property
    def refused(self) -> int:
        return self.calls - self.answered - self.broke_off


@dataclass(frozen=True)
class Figures:
    """`booked` is what the product recorded, `billed` what the providers took, both in micro-dollars."""

    jobs: int
    statuses: Mapping[str, int]
    degraded: int
    labels: Mapping[str, int]
    seconds: tuple[float, ...]
    traffic: Mapping[str, Traffic]
    builtin_seats: int
    unanswered_seats: int
    failovers: int
    booked: int
    troubles: tuple[str, ...]

    @property
    def billed(self) -> int:
        return sum(traffic.billed for traffic in self.traffic.values())

    @property
    def broke_off(self) -> int:
        return sum(traffic.broke_off for traffic in self.traffic.values())

    @property
    def lost(self) -> int:
        """Jobs that were taken in and have not ended."""
        return self.jobs - len(self.troubles) - sum(self.statuses.get(status, 0) for status in TERMINAL)

    @property
    def books_hold(self) -> bool:
        """What was booked is what was billed; more only where calls broke off, and never less."""
        return self.booked == self.billed or (self.booked > self.billed and self.broke_off > 0)

    @property
    def is_sound(self) -> bool:
        """The product kept its promises: every job was taken in and has ended, and the books hold."""
        return not self.lost and not self.troubles and self.books_hold

    @property
    def is_well(self) -> bool:
        """Sound, and the configuration carried every job to a result."""
        return self.is_sound and self.statuses.get("succeeded", 0) == self.jobs


def read(outcomes: Sequence[Outcome], requests: Iterable[JsonObject], keys: Mapping[str, str]) -> Figures:
    """Count what happened.

    Args:
        requests: the emulator's log, in which keys are masked but for their last four characters.
        keys: the made-up key of each provider, and the provider.
    """
    jobs = [outcome.job for outcome in outcomes if outcome.job is not None]
    seats = [seat for job in jobs for seat in job.seats]
    answered_by = Counter(seat.provider for seat in seats if seat.status == "answered")
    asked = [request for request in requests if request.get("endpoint") == "chat"]
    return Figures(
        jobs=len(outcomes),
        statuses=Counter(job.status for job in jobs),
        degraded=sum(job.degraded for job in jobs),
        labels=Counter(job.label for job in jobs if job.label),
        seconds=tuple(sorted(_seconds(job) for job in jobs if job.finished_at)),
        traffic={
            name: _traffic([one for one in asked if str(one.get("key"))[-4:] == key[-4:]], answered_by[name])
            for key, name in keys.items()
        },
        builtin_seats=answered_by[BUILTIN],
        unanswered_seats=len(seats) - answered_by.total(),
        failovers=sum(seat.failovers for seat in seats),
        booked=sum(round(Decimal(job.cost.spent_usd) * MICRO_PER_USD) for job in jobs),
        troubles=tuple(outcome.trouble for outcome in outcomes if outcome.trouble is not None),
    )


def shown(figures: Figures, play: Play) -> str:
    """The page."""
    parts = (
        (f"Drill: {play.name}", [play.story, *_rows((stand.provider, stand.words) for stand in play.stands)]),
        ("", [line for note in play.notes for line in _wrapped(note)]),
        ("What your users would have seen", _rows(_seen(figures))),
        ("What your providers would have been asked", list(_asked(figures))),
        ("What it would have cost, in US dollars", _rows(_paid(figures))),
        ("Verdict", [line for said in _verdict(figures) for line in _wrapped(said)]),
    )
    return "\n".join("\n".join([*([head] if head else []), *lines, ""]) for head, lines in parts)


def line(figures: Figures, play: Play) -> str:
    """The same as one line of JSON; money in micro-dollars."""
    verdict = {"sound": figures.is_sound, "well": figures.is_well, "books_hold": figures.books_hold}
    plain = replace(figures, statuses=dict(figures.statuses), labels=dict(figures.labels))  # asdict counts a Counter
    return json.dumps({"drill": asdict(play), "figures": asdict(plain), "verdict": verdict}, ensure_ascii=False)


def _seen(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "succeeded", f"{figures.statuses.get('succeeded', 0)} of {figures.jobs} jobs, {figures.degraded} degraded"
    for status, count in sorted(figures.statuses.items()):
        if status != "succeeded":
            yield status, f"{count} of {figures.jobs} jobs"
    for trouble in figures.troubles[:MAX_TROUBLES]:
        yield "turned away", clean(trouble)
    for label, count in sorted(figures.labels.items(), key=lambda row: (-row[1], row[0])):
        yield "labelled", f"{count} x {clean(label)}"
    if figures.seconds:
        yield "time to the end", ", ".join(f"{name} {_at(figures.seconds, share):.1f} s" for name, share in _SHARES)


def _asked(figures: Figures) -> Iterator[str]:
    yield _line("", _COLUMNS)
    for name, one in figures.traffic.items():
        counts = (one.calls, one.answered, one.refused, one.broke_off, one.seats)
        yield _line(name, (*map(str, counts), _usd(one.billed)))
    yield _line("built-in models", ("-", "-", "-", "-", str(figures.builtin_seats), _usd(0)))
    yield _line("nobody", ("-", "-", "-", "-", str(figures.unanswered_seats), "-"))
    yield f"  Times that a seat went on to another model: {figures.failovers}."


def _paid(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "booked here", f"{_usd(figures.booked):>10}"
    yield "billed", f"{_usd(figures.billed):>10}"


def _verdict(figures: Figures) -> Iterator[str]:
    if figures.troubles or figures.lost:
        yield f"NOT SOUND: jobs turned away: {len(figures.troubles)}, jobs that have not ended: {figures.lost}."
    elif not figures.is_sound:
        yield "NOT SOUND: the books do not hold."
    elif figures.is_well:
        yield "Sound. Every job succeeded."
    else:
        failed = figures.jobs - figures.statuses.get("succeeded", 0)
        yield f"Sound, but {failed} of {figures.jobs} jobs brought no result: this outage is too much for your ladder."
    yield _books(figures)


def _books(figures: Figures) -> str:
    excess = figures.booked - figures.billed
    if not excess:
        return "The books agree to the micro-dollar."
    if excess < 0:
        return f"{_usd(-excess)} dollars were billed that were not booked."
    if not figures.broke_off:
        return f"{_usd(excess)} dollars were booked that nobody billed, though no call broke off."
    return (
        f"{_usd(excess)} dollars are booked above the bill: of the calls that broke off ({figures.broke_off}), what"
        " was billed is not known, so each counts at the most that it can have cost."
    )


def _traffic(requests: Sequence[JsonObject], seats: int) -> Traffic:
    broken = [request for request in requests if _broke_off(request)]
    good = [request for request in requests if not _broke_off(request) and _is_answered(request)]
    billed = sum(int(str(request.get("billed_micro_usd", 0))) for request in requests)
    return Traffic(len(requests), len(good), len(broken), seats, billed)


def _broke_off(request: JsonObject) -> bool:
    return request.get("fault") in BREAKING or request.get("status") is None or bool(request.get("client_gone"))


def _is_answered(request: JsonObject) -> bool:
    return request.get("fault") is None and str(request.get("status")).startswith("2")


def _rows(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Names on the left, values beside them, broken where they are too long."""
    return [line for name, value in rows for line in _row(name, value)]


def _row(name: str, value: str) -> list[str]:
    lead = f"  {name:<{NAMES}}"
    return _wrapped(value, lead)


def _wrapped(text: str, lead: str = "") -> list[str]:
    rest = " " * len(lead)
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=rest, break_on_hyphens=False)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"  {name:<{NAMES}}" + "".join(f"{cell:>10}" for cell in cells)


def _at(seconds: Sequence[float], share: float) -> float:
    return seconds[max(0, math.ceil(len(seconds) * share) - 1)]


def _seconds(job: JobView) -> float:
    begun, ended = datetime.fromisoformat(job.created_at), datetime.fromisoformat(job.finished_at or job.created_at)
    return (ended - begun).total_seconds()


def _usd(micro: int) -> str:
    return f"{Decimal(micro) / MICRO_PER_USD:.6f}"
