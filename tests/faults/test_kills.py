"""Kills at each place of a paid call: what the provider billed, what was booked, and that no seat pays twice."""

from typing import get_args

import pytest

from orchestrator.failpoints import Place
from orchestrator.work.attempts import AttemptState
from tests.acceptance.processes import until
from tests.faults import judging
from tests.faults.town import Town, ended, judged

KILLS = 3
BEGAN_TO_ANSWER_MS = 300


@pytest.mark.parametrize("place", get_args(Place))
def test_a_worker_that_dies_at_a_place_of_the_call_leaves_books_that_agree(town: Town, place: Place) -> None:
    jobs = town.submit()
    (town.failpoints / place).touch()
    town.start()

    until(lambda: not (town.failpoints / place).exists(), f"a worker died at {place}")
    calls = judged(town, jobs)

    assert town.deaths == 1
    # Only between the commit of "sent" and the commit of the answer can a call's fate be unknown.
    unknown = [call for call in calls if call.state is AttemptState.AMBIGUOUS]
    assert bool(unknown) or place not in {"attempt.sent", "attempt.answered"}


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
