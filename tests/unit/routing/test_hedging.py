"""When a second call is made, and to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.hedging import FEWEST_SEEN, may_hedge, second_rung, slow_after_s
from orchestrator.work.seats import SeatPlan
from providers.calls import Target

LADDER = ("openai/a", "openai/b", "aimlapi/a", "extractive/cue-rules", "google/c")
SEAT = SeatPlan(
    seat=0, role="analyst", asked=Target.parse(LADDER[0]), ladder=tuple(Target.parse(target) for target in LADDER)
)


def test_few_calls_say_nothing() -> None:
    assert slow_after_s([1.0] * (FEWEST_SEEN - 1)) is None
    assert slow_after_s([1.0] * FEWEST_SEEN) == 1.0


@given(st.lists(st.floats(0, 100), min_size=FEWEST_SEEN, max_size=300))
def test_nineteen_of_twenty_are_not_slow(seen_s: list[float]) -> None:
    after_s = slow_after_s(seen_s)

    assert after_s is not None
    assert sum(one > after_s for one in seen_s) <= len(seen_s) * 0.05
    assert sum(one <= after_s for one in seen_s) >= len(seen_s) * 0.95


def test_no_more_than_two_in_a_hundred_have_a_second_call() -> None:
    hedges = 0
    for calls in range(1, 1_001):
        hedges += may_hedge(calls, hedges)

    assert hedges == 20


@pytest.mark.parametrize(
    ("rung", "usable", "second"),
    [
        (0, {0, 1, 2, 3, 4}, 2),  # not the provider that is slow
        (0, {0, 1, 3, 4}, 4),  # not a built-in model
        (2, {0, 1, 2, 4}, 4),
        (4, {0, 1, 2, 3, 4}, None),  # nobody stands below
        (0, {0, 1, 3}, None),
    ],
)
def test_the_second_goes_to_the_next_other_provider(rung: int, usable: set[int], second: int | None) -> None:
    assert second_rung(SEAT, rung, usable) == second
