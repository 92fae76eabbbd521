"""What came of a drill: what users would have seen, who answered, and whether the books agree. Pure.

`read` draws the figures from two witnesses: the jobs as their caller got them, and the emulator's own log and bank.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from api.schemas import TERMINAL, JobView
from orchestrator.routing.request import MICRO_PER_USD
from providers.calls import JsonObject

MAX_TROUBLES: Final = 3  # shown; more of the same tell nothing new


@dataclass(frozen=True)
class Outcome:
    """One job as its caller got it: the job, or the sentence with which it was turned away."""

    job: JobView | None = None
    trouble: str | None = None


@dataclass(frozen=True)
class Figures:
    """`booked` is what the product recorded, `billed` what the providers' bank took, both in micro-dollars."""

    jobs: int
    statuses: Mapping[str, int]
    labels: Mapping[str, int]
    seconds: tuple[float, ...]
    answered_by: Mapping[str, int]
    failovers: int
    calls: Mapping[str, int]
    good_calls: Mapping[str, int]
    booked: int
    billed: int
    troubles: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Jobs that were taken in and have not ended."""
        return self.jobs - len(self.troubles) - sum(self.statuses.get(status, 0) for status in TERMINAL)

    @property
    def is_sound(self) -> bool:
        """Nothing was lost or turned away, and nothing was billed that was not booked."""
        return not self.lost and not self.troubles and self.booked >= self.billed


def read(outcomes: Sequence[Outcome], requests: Iterable[JsonObject], billed_micro_usd: int) -> Figures:
    """Count what happened."""
    jobs = [outcome.job for outcome in outcomes if outcome.job is not None]
    asked = list(requests)
    seats = [seat for job in jobs for seat in job.seats]
    good = [request for request in asked if str(request.get("status", "")).startswith("2")]
    return Figures(
        jobs=len(outcomes),
        statuses=Counter(job.status for job in jobs),
        labels=Counter(job.label for job in jobs if job.label),
        seconds=tuple(sorted(_seconds(job) for job in jobs if job.finished_at)),
        answered_by=Counter(seat.provider for seat in seats if seat.status == "answered" and seat.provider),
        failovers=sum(seat.failovers for seat in seats),
        calls=Counter(str(request.get("persona")) for request in asked),
        good_calls=Counter(str(request.get("persona")) for request in good),
        booked=sum(round(Decimal(job.cost.spent_usd) * MICRO_PER_USD) for job in jobs),
        billed=billed_micro_usd,
        troubles=tuple(outcome.trouble for outcome in outcomes if outcome.trouble is not None),
    )


def shown(figures: Figures) -> ConsoleRenderable:
    """For people."""
    return Group(
        _table("What your users would have seen", _seen(figures)),
        _table("What your providers were asked", _asked(figures)),
        _table("What it would have cost", _paid(figures)),
        Text(_verdict(figures), style="green" if figures.is_sound else "red"),
    )


def _seen(figures: Figures) -> list[tuple[str, str]]:
    rows = [(f"jobs {status}", f"{count} of {figures.jobs}") for status, count in sorted(figures.statuses.items())]
    rows += [("labelled", f"{count} x {label}") for label, count in sorted(figures.labels.items())]
    if figures.seconds:
        rows.append(
            ("time to the end", ", ".join(f"{name} {_at(figures.seconds, share):.1f} s" for name, share in _SHARES))
        )
    return rows + [("turned away", trouble) for trouble in figures.troubles[:MAX_TROUBLES]]


def _asked(figures: Figures) -> list[tuple[str, str]]:
    rows = [
        (name, f"{count} calls, {figures.good_calls.get(name, 0)} of them with a success status")
        for name, count in sorted(figures.calls.items())
    ]
    answered = ", ".join(f"{name} {count}" for name, count in sorted(figures.answered_by.items())) or "nobody"
    return [*rows, ("seats answered by", answered), ("failovers", str(figures.failovers))]


def _paid(figures: Figures) -> list[tuple[str, str]]:
    return [("booked here", _usd(figures.booked)), ("billed by the providers", _usd(figures.billed))]


def _verdict(figures: Figures) -> str:
    if figures.lost or figures.troubles:
        return f"NOT SOUND: {figures.lost} jobs have not ended, {len(figures.troubles)} were not taken in."
    if figures.booked < figures.billed:
        return "NOT SOUND: the providers billed more than was booked here."
    if figures.booked > figures.billed:
        return "Sound. What is booked above the bill are calls that broke off: their worst case counts."
    return "Sound. Every job ended, and the books agree to the micro-dollar."


_SHARES: Final = (("half within", 0.5), ("95 % within", 0.95), ("the slowest", 1.0))


def _at(seconds: Sequence[float], share: float) -> float:
    return seconds[max(0, math.ceil(len(seconds) * share) - 1)]


def _seconds(job: JobView) -> float:
    begun, ended = datetime.fromisoformat(job.created_at), datetime.fromisoformat(job.finished_at or job.created_at)
    return (ended - begun).total_seconds()


def _usd(micro: int) -> str:
    return f"{Decimal(micro) / MICRO_PER_USD:.6f} US dollars"


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_header=False)
    for name, value in rows:
        table.add_row(name, Text(value))
    return table
