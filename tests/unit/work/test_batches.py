"""How a batch stands, how far it is, and when it may end."""

from datetime import UTC, datetime

import pytest

from orchestrator.work import batches
from orchestrator.work.batches import BatchStatus, Facts, Tally
from orchestrator.work.jobs import JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.queueing import Line

AT = datetime(2026, 11, 28, tzinfo=UTC)


def facts(*known: str, atomic: bool = False) -> Facts:
    names = ("received_at", "paused_at", "canceled_at", "finished_at")
    return Facts(atomic=atomic, **{name: AT if name in known else None for name in names})


def tally(status: JobStatus, jobs: int, *, lane: Lane = "bulk", waits: bool = False, scheduled: bool = False) -> Tally:
    stands = {"status": status, "lane": lane, "waits": waits, "scheduled": scheduled}
    return Tally.model_validate(
        {**stands, "jobs": jobs, "bound_micro_usd": 0, "expected_micro_usd": 0, "spent_micro_usd": 0}
    )


def line(**figures: float | None) -> Line:
    known = {"jobs": 10, "weights": 1.0, "jobs_per_s": 2.0, "asks_per_s": 4.0, "call_s": 3.0, **figures}
    return Line.model_validate(
        {"waits": True, "standing": 0, "slots": 4, "own": 5, "own_in_all": 5, "weight": 1.0} | known
    )


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ((), BatchStatus.RECEIVING),
        (("received_at",), BatchStatus.RUNNING),
        (("paused_at",), BatchStatus.PAUSED),
        (("received_at", "paused_at"), BatchStatus.PAUSED),
        (("received_at", "finished_at"), BatchStatus.FINISHED),
        (("received_at", "paused_at", "finished_at"), BatchStatus.FINISHED),
        (("received_at", "canceled_at"), BatchStatus.CANCELING),
        (("received_at", "canceled_at", "finished_at"), BatchStatus.CANCELED),
    ],
)
def test_a_state_follows_from_the_facts(known: tuple[str, ...], status: BatchStatus) -> None:
    assert batches.status(facts(*known)) is status


@pytest.mark.parametrize(
    ("known", "atomic", "holds"),
    [
        ((), False, False),
        ((), True, True),
        (("received_at",), True, False),
        (("received_at", "paused_at"), False, True),
        (("received_at", "canceled_at"), False, True),
    ],
)
def test_jobs_are_held_back_while_it_is_paused_canceled_or_not_known_whole(
    known: tuple[str, ...], atomic: bool, holds: bool
) -> None:
    assert batches.holds_back(facts(*known, atomic=atomic)) is holds


def test_every_status_is_counted_and_progress_is_what_is_done_with() -> None:
    found = [tally(JobStatus.SUCCEEDED, 3), tally(JobStatus.FAILED, 1, lane="standard"), tally(JobStatus.QUEUED, 5)]

    assert set(batches.counts(found)) == set(JobStatus)
    assert (batches.counts(found)[JobStatus.SUCCEEDED], batches.counts(found)[JobStatus.EXPIRED]) == (3, 0)
    assert batches.progress(found, refused=1) == 0.5
    assert batches.progress([], refused=0) == 0.0
    assert batches.progress([], refused=2) == 1.0


def test_the_end_is_told_by_the_pace_of_the_slowest_lane() -> None:
    found = [
        tally(JobStatus.QUEUED, 20, waits=True),
        tally(JobStatus.RUNNING, 4),
        tally(JobStatus.QUEUED, 2, lane="standard", waits=True),
        tally(JobStatus.SUCCEEDED, 90),
    ]
    lines: dict[Lane, Line] = {"bulk": line(), "standard": line(jobs_per_s=0.1)}

    assert batches.eta_s(found, lines) == 2 / 0.1 + 3.0
    assert batches.eta_s(found[:2], lines) == 20 / 2.0 + 3.0
    assert batches.eta_s(found[:2], {"bulk": line(weights=4.0)}) == 20 / (2.0 * 0.25) + 3.0
    assert batches.eta_s([tally(JobStatus.RUNNING, 4)], lines) == 3.0
    assert batches.eta_s([tally(JobStatus.SUCCEEDED, 4)], {}) == 0.0


def test_nobody_knows_the_end_while_some_wait_for_their_moment() -> None:
    found = [tally(JobStatus.QUEUED, 1, waits=True), tally(JobStatus.QUEUED, 1, waits=True, scheduled=True)]

    assert batches.eta_s(found[:1], {"bulk": line()}) is not None
    assert batches.eta_s(found, {"bulk": line()}) is None


@pytest.mark.parametrize("lines", [{}, {"bulk": line(jobs_per_s=None, call_s=None)}, {"bulk": line(jobs_per_s=0.0)}])
def test_nobody_knows_the_end_where_nothing_was_seen_to_go(lines: dict[Lane, Line]) -> None:
    assert batches.eta_s([tally(JobStatus.QUEUED, 1, waits=True)], lines) is None
