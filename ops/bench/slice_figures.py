"""From measured times to figures and lines of print. Pure.

Shares are nearest-rank: a p99 of fifty jobs is the slowest of them, a time that a job really took.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from api.schemas import JobView

MS: Final = 1_000.0
MICRO_USD: Final = 1_000_000


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    p50: float
    p90: float
    p99: float
    min: float
    count: int


@dataclass(frozen=True)
class Ran:
    """A job as its client saw it: milliseconds from the intended send to the answer of the POST, and to the end's."""

    posted_ms: float
    seen_ms: float
    seen_at: datetime
    job: JobView


def times(measured_ms: Iterable[float]) -> Times:
    """Raises ValueError: nothing was measured."""
    ordered = sorted(measured_ms)
    if not ordered:
        raise ValueError("nothing was measured")
    return Times(
        p50=_share(ordered, 0.50),
        p90=_share(ordered, 0.90),
        p99=_share(ordered, 0.99),
        min=round(ordered[0], 1),
        count=len(ordered),
    )


def server_ms(ran: Ran) -> float:
    """By the rows alone: from `created_at` to `finished_at`."""
    return _between(ran.job.created_at, ran.job.finished_at or ran.job.created_at)


def stages(runs: Sequence[Ran], *, one_clock: bool) -> dict[str, float]:
    """Medians of a job's stages in ms, in order; of jobs that succeeded, none if none did.

    `one_clock`: server and client run on this machine, so that their clocks can be compared.
    """
    runs = [ran for ran in runs if ran.job.status == "succeeded"]
    found = {
        "POST answered (the job goes on meanwhile)": [ran.posted_ms for ran in runs],
        "created -> started": [_between(ran.job.created_at, ran.job.started_at or "") for ran in runs],
        "slowest seat's call, its commit before the first byte included": [_slowest_seat_ms(ran.job) for ran in runs],
        "started -> finished, less that call": [
            _between(ran.job.started_at or "", ran.job.finished_at or "") - _slowest_seat_ms(ran.job) for ran in runs
        ],
    }
    if one_clock:
        found["finished -> seen by the client"] = [
            (ran.seen_at - datetime.fromisoformat(ran.job.finished_at or "")).total_seconds() * MS for ran in runs
        ]
    return {name: round(statistics.median(each), 1) for name, each in found.items() if each}


def spent_micro_usd(jobs: Iterable[JobView]) -> int:
    return sum(int(Decimal(job.cost.spent_usd) * MICRO_USD) for job in jobs)


def rows(latencies: Mapping[str, Times], ideal_ms: float) -> list[str]:
    """The table of latencies; the last column is the median over the ideal."""
    lines = [f"{'ms':52}{'p50':>8}{'p90':>8}{'p99':>8}{'min':>8}{'jobs':>6}{'over':>8}"]
    for name, each in latencies.items():
        figures = f"{each.p50:8.1f}{each.p90:8.1f}{each.p99:8.1f}{each.min:8.1f}{each.count:6}"
        lines.append(f"{name:52}{figures}{each.p50 - ideal_ms:+8.1f}")
    return lines


def columns(title: str, figures: Mapping[str, float], unit: str) -> list[str]:
    """A heading and a line for each figure."""
    return [f"\n{title}", *(f"  {name:70}{figure:10.2f} {unit}" for name, figure in figures.items())]


def as_json(latencies: Mapping[str, Times]) -> dict[str, dict[str, float]]:
    return {name: asdict(each) for name, each in latencies.items()}


def _share(ordered: Sequence[float], share: float) -> float:
    return round(ordered[math.ceil(share * len(ordered)) - 1], 1)


def _slowest_seat_ms(job: JobView) -> float:
    return max((seat.latency_s or 0.0) for seat in job.seats) * MS


def _between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() * MS
