"""Kills at each place of a paid call: what the provider billed, what was booked, and that no seat pays twice."""

import pytest

from orchestrator.failpoints import Place
from orchestrator.work.attempts import AttemptState
from tests.acceptance.processes import until
from tests.faults import judging
from tests.faults.town import Town, ended, judged

KILLS = 3
UNKNOWN_AFTER: tuple[Place, ...] = ("attempt.sent", "attempt.answered")  # between the commits of both
BEGAN_TO_ANSWER_MS = 300


@pytest.mark.parametrize("place", UNKNOWN_AFTER)
def test_a_worker_that_dies_while_its_call_is_out_leaves_one_of_unknown_fate(town: Town, place: Place) -> None:
    """Every other place is struck in test_failpoints.py."""
    jobs = town.submit()
    (town.failpoints / place).touch()
    town.start()

    until(lambda: not (town.failpoints / place).exists(), f"a worker died at {place}")
    calls = judged(town, jobs)

    assert town.deaths == 1
    assert [call.state for call in calls].count(AttemptState.AMBIGUOUS) >= 1


def test_workers_that_die_again_and_again_in_the_midst_of_answers_leave_books_that_agree(town: Town) -> None:
    town.emulator.order("latency", median_ms=BEGAN_TO_ANSWER_MS)
    jobs = town.submit(jobs=6)
    town.start()

    for _ in range(KILLS):
        until(lambda: town.emulator.waiting() > 0 or ended(town, jobs), "calls are under way")
        town.processes.running["ask"].kill()
        town.processes.running["ask"].wait()
        town.keep_alive()
    judged(town, jobs)

    assert town.deaths == KILLS


def test_without_leases_the_checker_finds_seats_that_pay_twice(town: Town) -> None:
    """The run has teeth: the same checker must fail where the mechanism is switched off."""
    town.emulator.order("latency", median_ms=1_000)
    town.start("ask")
    for name in ("ask", "ask-2"):
        town.processes.start(name, "tests.faults.workers_without_leases")
    town.processes.await_ready("ask", "ask-2")
    jobs = town.submit()

    town.until_all_ended(jobs)
    calls = town.calls()

    with pytest.raises(AssertionError):
        judging.nothing_is_paid_twice(calls)
