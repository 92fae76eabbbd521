"""What the bench of the slice found: faults, the print, the document."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from api.schemas import JobView
from ops.bench import slice_figures
from ops.bench.slice_figures import Ran, Times
from ops.bench.slice_load import MODELS
from ops.bench.slice_meters import Use
from ops.bench.slice_rig import Books

GOAL_OVER_MS: Final = 150.0  # the client's median above the models' own time: 450 ms where these take 300
SEEN: Final = "one by one: POST until the client has the result"
DEAREST: Final = 8  # of Redis's commands are shown


@dataclass(frozen=True)
class Run:
    """What was measured in one run."""

    ideal_ms: float
    load_before: float
    pace_ms: float
    bare: Times | None
    closed: Sequence[Ran]
    opened: Sequence[Ran]
    jobs: Sequence[JobView]
    books: Books | None
    a_job: Use | None
    other_cores: float | None
    timeline: dict[str, float]


def faults(run: Run) -> list[str]:
    """What must not be: each a sentence."""
    found = [
        f"{job.id} ended as {job.status}{', degraded' if job.degraded else ''}."
        for job in run.jobs
        if job.status != "succeeded" or job.degraded
    ]
    if run.books is not None:
        spent, wanted = slice_figures.spent_micro_usd(run.jobs), len(MODELS) * len(run.jobs)
        if run.books.requests != wanted:
            found.append(f"The emulator was asked {run.books.requests} times; {wanted} would have been right.")
        if run.books.billed_micro_usd != spent:
            found.append(f"The bank billed {run.books.billed_micro_usd} micro-dollars; the product counted {spent}.")
    return found


def show(run: Run) -> None:
    """Print what people compare."""
    latencies = _latencies(run)
    print(f"\nideal: {run.ideal_ms:g} ms, the slowest of three calls; `over` is the median above it")
    print("\n".join(slice_figures.rows(latencies, run.ideal_ms)))
    seen = latencies[SEEN]
    goal_ms = run.ideal_ms + GOAL_OVER_MS
    print(f"goal: p50 of at most {goal_ms:g} ms for the client: {'met' if seen.p50 <= goal_ms else 'MISSED'}")
    print("\n".join(slice_figures.columns("stages by the API's fields, medians one by one", _stages(run), "ms")))
    if run.timeline:
        print("\n".join(slice_figures.columns("steps by the rows, medians after created_at", run.timeline, "ms")))
    if run.a_job is not None:
        _show_use(run.a_job)
    print(f"\nbooks: {_told_books(run)}\nmachine: {_told_machine(run)}")


def document(run: Run) -> dict[str, object]:
    return {
        "ideal_ms": run.ideal_ms,
        "goal_ms": run.ideal_ms + GOAL_OVER_MS,
        "latencies_ms": slice_figures.as_json(_latencies(run)),
        "stages_ms": _stages(run),
        "steps_ms": run.timeline,
        "a_job": asdict(run.a_job) if run.a_job else None,
        "books": asdict(run.books) if run.books else None,
        "jobs": len(run.jobs),
        "spent_micro_usd": slice_figures.spent_micro_usd(run.jobs),
        "machine": {
            "cores": os.cpu_count(),
            "pace_ms": run.pace_ms,
            "load_before": run.load_before,
            "other_cores": run.other_cores,
        },
        "faults": faults(run),
    }


def _latencies(run: Run) -> dict[str, Times]:
    found = {"ideal: the three calls alone": run.bare} if run.bare else {}
    found[SEEN] = slice_figures.times(ran.seen_ms for ran in run.closed)
    found["one by one: created_at to finished_at"] = slice_figures.times(map(slice_figures.server_ms, run.closed))
    if run.opened:
        found["open loop: due until the client has the result"] = slice_figures.times(r.seen_ms for r in run.opened)
        found["open loop: created_at to finished_at"] = slice_figures.times(map(slice_figures.server_ms, run.opened))
    return found


def _stages(run: Run) -> dict[str, float]:
    return slice_figures.stages(run.closed, one_clock=run.a_job is not None)


def _told_books(run: Run) -> str:
    if run.books is None:
        return "not checked; name the service's emulator with --emulator"
    return f"{len(run.jobs)} jobs, {run.books.requests} requests, {run.books.billed_micro_usd} micro-dollars"


def _told_machine(run: Run) -> str:
    load = f"load {run.load_before:.2f} before and {os.getloadavg()[0]:.2f} after"
    others = "" if run.other_cores is None else f"; others used {run.other_cores:.2f} cores meanwhile"
    return f"{os.cpu_count()} cores, pace {run.pace_ms:g} ms, {load}{others}"


def _show_use(a_job: Use) -> None:
    cpu = {**a_job.cpu_ms, "together": sum(a_job.cpu_ms.values())}
    print("\n".join(slice_figures.columns("CPU a job, less what the idle product uses", cpu, "ms")))
    dearest = sorted(a_job.commands.items(), key=lambda pair: -pair[1])[:DEAREST]
    counted = {
        "PostgreSQL transactions": a_job.transactions,
        "Redis commands": sum(a_job.commands.values()),
        **{f"  {name}": made for name, made in dearest},
    }
    print("\n".join(slice_figures.columns("statements a job, less what the idle product makes", counted, "")))
