"""What the days to come are expected to cost, by weekday."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.money.weekdays import expected
from tests.unit.money.series import OFFICE, noisy

COSTS = st.lists(st.integers(0, 10**9).map(float), min_size=1, max_size=91)


@pytest.mark.parametrize("days", [1, 13, 14, 15, 91])
def test_days_that_are_all_alike_go_on_so(days: int) -> None:
    assert expected([5.0] * days) == pytest.approx([5.0] * 7)


@pytest.mark.parametrize("days", [14, 19, 91])
def test_a_week_that_repeats_itself_is_believed_wherever_the_history_breaks_off(days: int) -> None:
    week = [10.0, 20.0, 30.0, 40.0, 50.0, 0.0, 0.0]

    found = expected([week[day % 7] for day in range(days)])

    assert found == pytest.approx([week[(days + ahead) % 7] for ahead in range(7)])


def test_weekdays_are_not_told_apart_before_each_was_seen_twice() -> None:
    found = expected([10.0, 20.0, 30.0, 40.0, 50.0, 0.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 0.0])

    assert len(set(found)) == 1


def test_weekdays_that_differ_by_chance_are_averaged_away() -> None:
    # Each weekday costs 10 in one week and 20 in the next: no weekday is like itself.
    found = expected([10.0 + 10.0 * (day // 7 % 2) for day in range(84)])

    assert len(set(found)) == 1
    assert 10 < found[0] < 20


def test_noise_shrinks_the_differences_and_keeps_their_order() -> None:
    costs = [float(cost) for cost in noisy(84, seed=1, week=OFFICE, noise=0.5)]

    found = expected(costs)

    plain = [sum(costs[day::7]) / 12 for day in range(7)]
    assert max(found) - min(found) < max(plain) - min(plain)
    assert min(found) == found[6]


def test_a_jump_is_half_believed_after_ten_days() -> None:
    found = expected([100.0] * 84 + [200.0] * 10)

    assert sum(found) / 7 == pytest.approx(150, rel=0.05)


@given(COSTS)
def test_what_is_expected_lies_within_what_was_seen(costs: list[float]) -> None:
    slack = max(costs) * 1e-9

    assert all(min(costs) - slack <= cost <= max(costs) + slack for cost in expected(costs))


def test_repaid_days_do_not_make_the_future_earn_money() -> None:
    assert expected([-5.0] * 3) == (0.0,) * 7
    assert expected([-5.0] * 21) == (0.0,) * 7


@given(COSTS, st.integers(2, 1_000))
def test_a_currency_makes_no_difference(costs: list[float], times: int) -> None:
    scaled = expected([cost * times for cost in costs])

    assert scaled == pytest.approx([cost * times for cost in expected(costs)], rel=1e-6, abs=1e-3)
