"""How fast a lane's jobs go: a guess at first, then what was seen, the latest most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.work.pace import GUESS_S, HALF_LIFE_S, Pace, after, guess

RATES = st.integers(1, 50)


def looked(pace: Pace, rounds: int, *, jobs: int, asks: int, seconds: float = 0.5) -> Pace:
    for _ in range(rounds):
        pace = after(pace, seconds=seconds, jobs=jobs, asks=asks)
    return pace


def test_at_first_every_slot_is_taken_to_work_without_a_pause() -> None:
    found = guess(slots=64, call_s=4.0, asks_a_job=3.2)

    assert found.asks_per_s == pytest.approx(16.0)
    assert found.jobs_per_s == pytest.approx(5.0)
    assert found.seconds == GUESS_S


@pytest.mark.parametrize("slots", [0.0, 0.1])
def test_a_lane_counts_on_one_slot_at_least_and_a_job_has_one_ask_at_least(slots: float) -> None:
    found = guess(slots=slots, call_s=0.0, asks_a_job=0.0)

    assert found.asks_per_s == found.jobs_per_s == pytest.approx(1 / 5)


@given(jobs=RATES, asks=RATES, slots=st.floats(1, 1_000))
def test_what_is_seen_for_long_is_believed_whatever_was_guessed(jobs: int, asks: int, slots: float) -> None:
    found = looked(guess(slots=slots, call_s=1.0, asks_a_job=3), 400, jobs=jobs, asks=asks)

    assert found.jobs_per_s == pytest.approx(2 * jobs, rel=0.05)
    assert found.asks_per_s == pytest.approx(2 * asks, rel=0.05)


@given(rounds=st.integers(1, 60))
def test_it_does_not_matter_how_often_somebody_looks(rounds: int) -> None:
    begun = Pace(seconds=10.0, jobs=20.0, asks=60.0)

    often = looked(begun, rounds, jobs=0, asks=0, seconds=6.0 / rounds)

    assert often.jobs_per_s == pytest.approx(looked(begun, 1, jobs=0, asks=0, seconds=6.0).jobs_per_s, rel=0.25)


def test_when_nothing_goes_any_more_that_is_known_within_a_few_half_lives() -> None:
    steady = looked(guess(slots=10, call_s=1.0, asks_a_job=1), 100, jobs=5, asks=5)

    stuck = looked(steady, 80, jobs=0, asks=0, seconds=4 * HALF_LIFE_S / 80)

    assert stuck.jobs_per_s < steady.jobs_per_s / 15
