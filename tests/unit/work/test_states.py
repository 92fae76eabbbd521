"""States and the legal moves between them."""

import pytest

from orchestrator.work import attempts, jobs, seats
from orchestrator.work.attempts import AttemptState, end_of
from orchestrator.work.hints import channel
from orchestrator.work.jobs import OPEN, TERMINAL, JobStatus, may_become
from orchestrator.work.seats import MAX_CLAIMS_WITHOUT_OUTCOME, is_poison
from providers.errors import Interrupted, Refused


@pytest.mark.parametrize("moves", [jobs.MOVES, seats.MOVES, attempts.MOVES])
def test_every_state_has_a_row_and_leads_only_to_states(moves: dict[object, frozenset[object]]) -> None:
    states = set(moves)

    assert states == set(type(next(iter(states))))  # type: ignore[call-overload]  # an enum's class iterates
    assert all(goals <= states for goals in moves.values())


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_no_job_leaves_its_end(status: JobStatus) -> None:
    assert jobs.MOVES[status] == frozenset()


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_open_job_can_be_canceled_and_can_expire(status: JobStatus) -> None:
    assert {JobStatus.CANCELED, JobStatus.EXPIRED} <= jobs.MOVES[status]


def test_a_job_succeeds_only_out_of_its_synthesis() -> None:
    assert may_become(JobStatus.SUCCEEDED) == {JobStatus.SYNTHESIZING}


def test_only_a_sent_call_can_be_answered_or_ambiguous_and_only_an_ambiguous_one_answered_after_that() -> None:
    goals = {
        state for state, moves in attempts.MOVES.items() if moves & {AttemptState.ANSWERED, AttemptState.AMBIGUOUS}
    }

    assert goals == {AttemptState.SENT, AttemptState.AMBIGUOUS}
    assert attempts.MOVES[AttemptState.AMBIGUOUS] == {AttemptState.ANSWERED}


@pytest.mark.parametrize(
    ("error", "was_sent", "end"),
    [
        (Interrupted("x"), True, AttemptState.AMBIGUOUS),
        (Interrupted("x"), False, AttemptState.REFUSED),
        (Refused("x"), True, AttemptState.REFUSED),
    ],
)
def test_an_attempt_is_ambiguous_if_it_left_and_may_be_billed(
    error: Interrupted | Refused, was_sent: bool, end: AttemptState
) -> None:
    assert end_of(error, was_sent=was_sent) is end


def test_a_seat_is_poison_at_its_third_lost_claim() -> None:
    assert [is_poison(claims) for claims in range(1, MAX_CLAIMS_WITHOUT_OUTCOME + 1)] == [False, False, True]


def test_hints_are_heard_under_the_houses_own_prefix() -> None:
    assert channel("mm:") == "mm:jobs"
