"""Workers that are told to stop: what is under way ends or changes hands at once, and nothing is lost or paid twice."""

import pytest
from sqlalchemy import select

from orchestrator.storage.tables import attempts
from orchestrator.work.attempts import AttemptState
from tests.acceptance.processes import until
from tests.faults.town import Town, ended, judged

TAKEN_OVER_WITHIN_S = 2.0
CALL_MS = 300


def start_two_that_ask(town: Town) -> None:
    town.start()
    town.processes.start("ask-2", "workers", "ask")
    town.processes.await_ready("ask", "ask-2", "synthesis", "maintenance", "beat")


@pytest.mark.timeout(240)
def test_each_worker_is_restarted_in_turn_under_load_and_every_call_is_answered(town: Town) -> None:
    town.emulator.order("latency", median_ms=CALL_MS)
    start_two_that_ask(town)
    jobs: list[str] = []

    for name, profile in (("ask", "ask"), ("ask-2", "ask"), ("synthesis", "synthesis"), ("maintenance", "maintenance")):
        submitted = town.submit(jobs=6)
        jobs += submitted
        until(lambda mine=submitted: town.emulator.waiting() > 0 or ended(town, mine), "calls are under way")  # type: ignore[misc]
        assert town.processes.stop(name) == 0
        town.processes.start(name, "workers", profile)
        town.processes.await_ready(name)
    calls = judged(town, jobs)

    assert {call.state for call in calls} == {AttemptState.ANSWERED}
    assert len(calls) == 2 * len(jobs)


@pytest.mark.timeout(120)
def test_a_call_that_outlasts_the_grace_changes_hands_within_moments(town: Town) -> None:
    town.processes.environment["MEETINGMIND_GRACE_S"] = "0.5"
    town.processes.environment["MEETINGMIND_LEASE_S"] = "60"  # nobody waits for that
    town.emulator.order("latency", median_ms=20_000)
    town.start()
    (job,) = town.submit(jobs=1, seats=1)
    until(lambda: town.emulator.waiting() == 1, "the call is under way")
    town.processes.start("ask-2", "workers", "ask")
    town.processes.await_ready("ask-2")

    town.emulator.order("latency", median_ms=CALL_MS)
    assert town.processes.stop("ask") == 0
    town.processes.start("ask", "workers", "ask")
    (cut, second) = judged(town, [job])

    assert (cut.state, second.state) == (AttemptState.AMBIGUOUS, AttemptState.ANSWERED)
    assert town.processes.log("ask").count("seat.let_go") == 1
    with town.database.system() as connection:
        left, taken = connection.execute(
            select(attempts.c.ended_at, attempts.c.created_at).order_by(attempts.c.created_at)
        ).all()
    assert (taken.created_at - left.ended_at).total_seconds() < TAKEN_OVER_WITHIN_S


@pytest.mark.timeout(120)
def test_without_letting_go_the_seat_waits_for_its_lease(town: Town) -> None:
    """The run has teeth: a worker that is simply killed keeps its seat until the lease is over."""
    town.processes.environment["MEETINGMIND_LEASE_S"] = "6"
    town.emulator.order("latency", median_ms=20_000)
    town.start()
    (job,) = town.submit(jobs=1, seats=1)
    until(lambda: town.emulator.waiting() == 1, "the call is under way")
    town.processes.start("ask-2", "workers", "ask")
    town.processes.await_ready("ask-2")

    town.emulator.order("latency", median_ms=CALL_MS)
    town.processes.kill("ask")
    town.processes.start("ask", "workers", "ask")
    judged(town, [job])

    with town.database.system() as connection:
        sent, taken = connection.execute(
            select(attempts.c.sent_at, attempts.c.created_at).order_by(attempts.c.created_at)
        ).all()
    assert (taken.created_at - sent.sent_at).total_seconds() > 2 * TAKEN_OVER_WITHIN_S
