"""How long a panel with its quorum waits for the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.work.lanes import LANES, Lane
from orchestrator.work.quorum import KEPT_FOR_THE_END_S, PATIENCE_S, late_after_s

LONG_S = 3_600.0


@pytest.mark.parametrize(("lane", "took_s", "after_s"), [("interactive", 0.5, 3.0), ("standard", 2.0, 15.0)])
def test_a_quick_quorum_gives_the_rest_their_lanes_patience(lane: Lane, took_s: float, after_s: float) -> None:
    assert late_after_s(lane, took_s=took_s, left_s=LONG_S) == after_s


@pytest.mark.parametrize("lane", ["interactive", "standard"])
def test_a_slow_quorum_gives_them_as_long_again(lane: Lane) -> None:
    assert late_after_s(lane, took_s=40.0, left_s=LONG_S) == 40.0


def test_a_bulk_job_waits_until_its_deadline_is_near() -> None:
    assert late_after_s("bulk", took_s=1.0, left_s=LONG_S) == LONG_S - KEPT_FOR_THE_END_S


@given(lane=st.sampled_from(LANES), took_s=st.floats(0, 10_000), left_s=st.floats(-100, 10_000))
def test_nobody_waits_into_the_time_that_the_end_needs(lane: Lane, took_s: float, left_s: float) -> None:
    after_s = late_after_s(lane, took_s=took_s, left_s=left_s)

    assert 0 <= after_s <= max(0.0, left_s - KEPT_FOR_THE_END_S)


@given(took_s=st.floats(0, 10_000), left_s=st.floats(0, 10_000))
def test_the_more_urgent_lane_never_waits_longer(took_s: float, left_s: float) -> None:
    waits = [late_after_s(lane, took_s=took_s, left_s=left_s) for lane in LANES]

    assert waits == sorted(waits)


def test_every_lane_has_a_patience() -> None:
    assert set(PATIENCE_S) == set(LANES)
