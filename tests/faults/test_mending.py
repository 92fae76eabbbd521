"""A worker may die anywhere between an answer of no use and its repair: no call is lost, none is paid twice."""

import pytest

from orchestrator.failpoints import Place
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from tests.acceptance.processes import until
from tests.faults.judging import Call
from tests.faults.town import Town, judged
from tests.integration.workers_in_test import job_of, seats_of

DIED_WITH_ITS_PROCESS = {
    (AttemptState.REFUSED, 0),  # it was never sent
    (AttemptState.AMBIGUOUS, 0),
    (AttemptState.AMBIGUOUS, 1),
}
SLOW_MS = 700  # long enough to arm a place between the first answer and the second


def arm(town: Town, place: Place) -> None:
    (town.failpoints / place).write_text("kill", "utf-8")


def submit(town: Town) -> str:
    [job] = town.submit(jobs=1, seats=1)
    return job


def ended(town: Town, job: str) -> list[Call]:
    """The calls of the job in order, once the books are judged."""
    calls = judged(town, [job])
    assert town.deaths == 1
    assert job_of(town.database, job).status is JobStatus.SUCCEEDED
    return sorted(calls, key=lambda call: call.id)


@pytest.mark.parametrize("place", ["attempt.useless", "attempt.booked", "seat.moved"])
def test_a_worker_may_die_once_the_first_answer_is_booked(town: Town, place: Place) -> None:
    town.emulator.order("faults", match={}, fault="other_schema", count=1)
    arm(town, place)
    town.start()

    calls = ended(town, submit(town))

    first, *lost, last = calls
    assert [(one.state, one.unusable, one.requests) for one in (first, last)] == [
        (AttemptState.ANSWERED, True, 1),
        (AttemptState.ANSWERED, False, 1),
    ]
    # A seat that moves is rung for before the process dies, and another of its hands may have begun the next call.
    assert len(lost) <= (place == "seat.moved")
    assert all((one.state, one.requests) in DIED_WITH_ITS_PROCESS for one in lost)


@pytest.mark.parametrize(("place", "requests"), [("attempt.sent", 0), ("attempt.answered", 1)])
def test_a_worker_may_die_while_the_repair_is_under_way(town: Town, place: Place, requests: int) -> None:
    town.emulator.order("latency", median_ms=SLOW_MS)
    town.emulator.order("faults", match={}, fault="other_schema", count=1)
    town.start()
    job = submit(town)
    until(lambda: town.emulator.waiting() == 1, "the first call is under way")
    if place == "attempt.answered":
        until(
            lambda: seats_of(town.database, job)[0].repair and town.emulator.waiting() == 1, "the repair is under way"
        )
    arm(town, place)

    calls = ended(town, job)

    assert [(call.state, call.requests, call.unusable) for call in calls] == [
        (AttemptState.ANSWERED, 1, True),
        (AttemptState.AMBIGUOUS, requests, False),
        (AttemptState.ANSWERED, 1, False),
    ]
