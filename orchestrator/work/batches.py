"""A batch: how it stands, how far it is, and when it may end. Pure.

Its state follows from a few facts of its row, so that none of them can be forgotten: lines come in until it is
received; its caller may hold it back or cancel it; it has ended when its last job has.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from orchestrator.work.jobs import TERMINAL, JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.queueing import Line
from providers.calls import Value

MOST_LINES: Final = 10_000


class BatchStatus(StrEnum):
    """`canceling`: no job of it starts any more, and some have not ended yet."""

    RECEIVING = "receiving"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELING = "canceling"
    CANCELED = "canceled"
    FINISHED = "finished"


class Facts(Value):
    """What a batch's state follows from."""

    atomic: bool
    received_at: datetime | None
    paused_at: datetime | None
    canceled_at: datetime | None
    finished_at: datetime | None


class Tally(Value):
    """Jobs of a batch that stand alike. `waits`: they have not been let go; `scheduled`: until their moment."""

    status: JobStatus
    lane: Lane
    waits: bool
    scheduled: bool = False
    jobs: int
    bound_micro_usd: int
    expected_micro_usd: int
    spent_micro_usd: int


def status(facts: Facts) -> BatchStatus:
    if facts.canceled_at is not None:
        return BatchStatus.CANCELED if facts.finished_at is not None else BatchStatus.CANCELING
    if facts.finished_at is not None:
        return BatchStatus.FINISHED
    if facts.paused_at is not None:
        return BatchStatus.PAUSED
    return BatchStatus.RUNNING if facts.received_at is not None else BatchStatus.RECEIVING


def holds_back(facts: Facts) -> bool:
    """Whether its jobs do not wait for their turn: it is paused or canceled, or not yet known to be taken in whole."""
    unsure = facts.atomic and facts.received_at is None
    return unsure or facts.paused_at is not None or facts.canceled_at is not None


def counts(tallies: Iterable[Tally]) -> dict[JobStatus, int]:
    """How many jobs stand so, for every status that there is."""
    found = dict.fromkeys(JobStatus, 0)
    for tally in tallies:
        found[tally.status] += tally.jobs
    return found


def progress(tallies: Iterable[Tally], refused: int) -> float:
    """The part of what was taken in that is done with, 0 to 1; a line that was refused is. 0 while there is nothing."""
    jobs = {True: 0, False: 0}
    for tally in tallies:
        jobs[tally.status in TERMINAL] += tally.jobs
    whole = jobs[True] + jobs[False] + refused
    return (jobs[True] + refused) / whole if whole else 0.0


def eta_s(tallies: Iterable[Tally], lines: Mapping[Lane, Line]) -> float | None:
    """Seconds until its last job ends, by the pace of the lanes that its jobs stand in, as seen of late.

    Those of the tenant that wait before it in the lane are not counted. None: nobody knows, as nothing goes there, or
    nobody has looked yet, or some wait for a moment of their own.
    """
    left = [tally for tally in tallies if tally.status not in TERMINAL]
    if any(tally.scheduled for tally in left):
        return None
    ends = [_end_s(lane, left, lines) for lane in {tally.lane for tally in left}]
    known = [end for end in ends if end is not None]
    return max(known, default=0.0) if len(known) == len(ends) else None


def _end_s(lane: Lane, left: Iterable[Tally], lines: Mapping[Lane, Line]) -> float | None:
    waiting = sum(tally.jobs for tally in left if tally.lane == lane and tally.waits)
    line = lines.get(lane)
    if line is None or line.call_s is None or not line.jobs_per_s:
        return None
    return waiting / (line.jobs_per_s * line.share) + line.call_s
