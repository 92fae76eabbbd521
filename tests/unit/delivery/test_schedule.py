"""What follows an attempt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.schedule import ATTEMPTS, JITTER, PAUSES_S, DeliveryState, Verdict, verdict

HOURS = 3_600


def test_the_schedule_takes_three_days_and_some_hours() -> None:
    assert ATTEMPTS == 10
    assert sum(PAUSES_S) == 75 * HOURS + 35 * 60 + 5


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_the_end(status: int) -> None:
    assert verdict(status, 1, retry_after_s=None, chance=0.5) == Verdict(state=DeliveryState.DELIVERED)


def test_410_switches_the_endpoint_off() -> None:
    assert verdict(410, 1, retry_after_s=None, chance=0.5) == Verdict(state=DeliveryState.FAILED, gone=True)


@given(
    status=st.sampled_from([None, 100, 199, 300, 301, 302, 307, 308, 400, 401, 404, 408, 429, 500, 502, 503, 599]),
    attempts=st.integers(1, ATTEMPTS + 3),
    asked=st.none() | st.floats(0, 10**7),
    chance=st.floats(0, 1),
)
def test_all_else_is_tried_again_until_the_schedule_ends(
    status: int | None, attempts: int, asked: float | None, chance: float
) -> None:
    found = verdict(status, attempts, retry_after_s=asked, chance=chance)

    if attempts >= ATTEMPTS:
        assert found == Verdict(state=DeliveryState.FAILED)
        return
    assert found.state is DeliveryState.PENDING
    assert found.wait_s is not None
    assert PAUSES_S[attempts - 1] * (1 - JITTER) * 0.999 <= found.wait_s <= PAUSES_S[-1] * (1 + JITTER) * 1.001
    if status not in {429, 503} or not asked:
        assert found.wait_s <= PAUSES_S[attempts - 1] * (1 + JITTER) * 1.001


@pytest.mark.parametrize(
    ("status", "asked_s", "wait_s"),
    [(503, 120, 120), (429, 10**6, 24 * HOURS), (500, 120, 5), (503, 1, 5), (503, None, 5)],
)
def test_who_asks_for_time_gets_it_within_a_day(status: int, asked_s: float | None, wait_s: float) -> None:
    assert verdict(status, 1, retry_after_s=asked_s, chance=0.5).wait_s == pytest.approx(wait_s)
