"""What a period will have cost: a middle, an interval, and how far off it has been."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.money.forecast import HISTORY_DAYS, Forecast, forecast, would_pass
from orchestrator.work.scopes import Period
from tests.unit.money.series import OFFICE, dated, noisy

USD = 1_000_000
FIRST = datetime(2026, 10, 1, tzinfo=UTC)  # a Thursday's first instant; October has 31 days
NOON = datetime(2026, 10, 11, 12, tzinfo=UTC)

# What is cheap to run often: a history as of a young tenant, at any moment of a month.
HISTORIES = st.lists(st.integers(0, 10**10), max_size=40)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda since: FIRST + since)
PERIODS = st.sampled_from(("day", "month"))


@pytest.mark.parametrize("days", [28, 45, 91])
def test_a_constant_spend_is_forecast_exactly_with_no_interval_to_speak_of(days: int) -> None:
    made = forecast("month", dated([10 * USD] * days, NOON, today=5 * USD), NOON)

    assert (made.low_micro_usd, made.mid_micro_usd, made.high_micro_usd) == (310 * USD, 310 * USD, 310 * USD)


def test_a_constant_spend_has_a_back_test_without_error() -> None:
    made = forecast("month", dated([10 * USD] * 91, NOON), NOON)

    assert made.back_test_percent == pytest.approx(0, abs=1e-9)


def test_quiet_weekends_are_learnt() -> None:
    # Ten full weeks back from Thursday, the 1st; October has 22 weekdays, and the 31st is a Saturday.
    office = [10 * USD if (FIRST - timedelta(days=70 - day)).weekday() < 5 else 0 for day in range(70)]

    made = forecast("month", dated(office, FIRST), FIRST)

    assert made.mid_micro_usd == 22 * 10 * USD
    assert made.method == "average of each weekday, newer weeks weighing more"


def test_a_saturday_of_an_office_is_forecast_to_cost_nothing() -> None:
    saturday = datetime(2026, 10, 3, tzinfo=UTC)
    office = [10 * USD if (saturday - timedelta(days=70 - day)).weekday() < 5 else 0 for day in range(70)]

    made = forecast("day", dated(office, saturday), saturday)

    assert made.high_micro_usd == 0


def test_a_back_test_of_a_known_series_says_what_can_be_reckoned_by_hand() -> None:
    # Weeks of 10 and of 30 dollars a day take turns. A day's forecast lies between, off by about 10 of 10 or of 30:
    # 100 % and 33 % by turns.
    costs = [(10 + 20 * (day // 7 % 2)) * USD for day in range(84)]

    made = forecast("day", dated(costs, FIRST), FIRST)

    assert made.back_test_percent == pytest.approx((100 + 33) / 2, rel=0.1)


def test_half_of_the_day_gone_halves_what_a_days_forecast_can_be_off() -> None:
    costs = [(10 + 20 * (day // 7 % 2)) * USD for day in range(84)]

    at_dawn = forecast("day", dated(costs, FIRST), FIRST)
    at_noon = forecast("day", dated(costs, FIRST), FIRST + timedelta(hours=12))

    assert at_dawn.back_test_percent is not None
    assert at_noon.back_test_percent == pytest.approx(at_dawn.back_test_percent / 2)


def test_the_error_that_is_printed_is_about_the_error_that_comes() -> None:
    """120 tenants with weeks and 30 % of noise: neither the error nor the interval may flatter."""
    futures = [noisy(HISTORY_DAYS + 21, seed, week=OFFICE) for seed in range(120)]
    ends = [sum(future[HISTORY_DAYS - 10 :]) for future in futures]

    made = [forecast("month", dated(future[:HISTORY_DAYS], NOON), NOON.replace(hour=0)) for future in futures]

    printed = sum(one.back_test_percent or 0 for one in made) / len(made)
    off = [100 * abs(one.mid_micro_usd - end) / end for one, end in zip(made, ends, strict=True)]
    inside = sum(one.low_micro_usd <= end <= one.high_micro_usd for one, end in zip(made, ends, strict=True))
    assert printed == pytest.approx(sum(off) / len(off), rel=0.35)
    assert inside / len(made) >= made[0].confidence_percent / 100


@pytest.mark.parametrize(
    ("days", "is_tested"),
    [(91, True), (51, True), (50, False), (21, False)],  # two weeks to learn, 31 days ahead, from seven weekdays
)
def test_a_month_has_a_back_test_once_the_history_reaches_over_it(days: int, is_tested: bool) -> None:
    made = forecast("month", dated(noisy(days, seed=1), FIRST), FIRST)

    assert (made.back_test_percent is not None) is is_tested


@pytest.mark.parametrize(("days", "is_tested"), [(37, True), (36, False)])
def test_a_period_that_began_before_the_history_is_no_proof(days: int, is_tested: bool) -> None:
    last = datetime(2026, 10, 31, tzinfo=UTC)  # one day is ahead, and thirty are behind

    made = forecast("month", dated(noisy(days, seed=1), last), last)

    assert (made.back_test_percent is not None) is is_tested


def test_periods_that_cost_nothing_are_no_proof() -> None:
    made = forecast("day", dated([0] * 40, FIRST), FIRST)

    assert made.back_test_percent is None


def test_the_shorter_the_history_the_wider_the_interval() -> None:
    """Of one tenant it may be otherwise by chance; of thirty together it is not."""

    def mean_spread(days: int) -> float:
        made = [forecast("month", dated(noisy(91, seed)[-days:], FIRST), FIRST) for seed in range(30)]
        return sum(one.high_micro_usd - one.mid_micro_usd for one in made) / len(made)

    spreads = [mean_spread(days) for days in (91, 50, 28, 10, 3)]

    assert spreads == sorted(spreads)


@pytest.mark.parametrize(
    ("days", "times", "method"),
    [
        (1, 3, "average of the days so far, newer days weighing more"),
        (6, 3, "average of the days so far, newer days weighing more"),
        (7, 2, "average of the days so far, newer days weighing more"),
        (14, 2, "average of each weekday, newer weeks weighing more"),
        (20, 2, "average of each weekday, newer weeks weighing more"),
    ],
)
def test_what_cannot_be_tested_may_be_nothing_or_much_more(days: int, times: int, method: str) -> None:
    made = forecast("day", dated([10 * USD] * days, FIRST), FIRST)

    assert made == Forecast(
        low_micro_usd=0,
        mid_micro_usd=10 * USD,
        high_micro_usd=times * 10 * USD,
        method=method,
        history_days=days,
        back_test_percent=None,
    )


def test_without_history_todays_pace_goes_on() -> None:
    made = forecast("month", dated([], NOON, today=5 * USD), NOON)

    # Half a day costs 5 dollars, and 20.5 days are left.
    assert made == Forecast(
        low_micro_usd=5 * USD,
        mid_micro_usd=(5 + 205) * USD,
        high_micro_usd=(5 + 3 * 205) * USD,
        method="today's pace",
        history_days=0,
        back_test_percent=None,
    )


def test_the_first_calls_of_a_first_day_are_not_its_pace() -> None:
    one_second_on = FIRST + timedelta(seconds=1)

    made = forecast("day", {one_second_on.date(): 1 * USD}, one_second_on)

    assert made.mid_micro_usd < 10 * USD  # and not 86,400


def test_where_nothing_was_ever_spent_nothing_is_forecast() -> None:
    made = forecast("month", {}, NOON)

    assert (made.low_micro_usd, made.mid_micro_usd, made.high_micro_usd) == (0, 0, 0)


def test_a_day_that_runs_away_is_seen_while_it_runs() -> None:
    usual = forecast("day", dated([10 * USD] * 60, NOON, today=5 * USD), NOON)

    running = forecast("day", dated([10 * USD] * 60, NOON, today=50 * USD), NOON)

    # Half a day at the mean of 10 and of 100 dollars a day.
    assert (usual.mid_micro_usd, running.mid_micro_usd) == (10 * USD, 77_500_000)


def test_days_without_a_row_cost_nothing() -> None:
    costs = [10 * USD, 0, 0, 20 * USD, 0]

    with_rows = forecast("month", dated(costs, FIRST), FIRST)
    without = forecast("month", {day: cost for day, cost in dated(costs, FIRST).items() if cost}, FIRST)

    assert with_rows == without


def test_neither_the_distant_past_nor_the_future_is_looked_at() -> None:
    costs = dated(noisy(HISTORY_DAYS, seed=1), NOON)
    older = {NOON.date() - timedelta(days=HISTORY_DAYS + 1): 10**12}
    later = {NOON.date() + timedelta(days=1): 10**12}

    assert forecast("month", costs | older | later, NOON) == forecast("month", costs, NOON)


def test_a_history_that_lies_in_the_future_is_none() -> None:
    assert forecast("month", {NOON.date() + timedelta(days=1): 10**12}, NOON).history_days == 0


@given(HISTORIES, st.integers(0, 10**10), MOMENTS, PERIODS)
def test_the_middle_lies_in_the_interval_above_what_is_spent(
    costs: list[int], today: int, at: datetime, period: Period
) -> None:
    by_day = dated(costs, at, today)

    made = forecast(period, by_day, at)

    in_period = at.day if period == "month" else 1
    spent = sum(cost for day, cost in by_day.items() if (at.date() - day).days < in_period)
    assert spent <= made.low_micro_usd <= made.mid_micro_usd <= made.high_micro_usd


@given(HISTORIES, st.integers(0, 10**10), st.integers(0, 10**10), MOMENTS, PERIODS)
def test_more_spend_today_never_lowers_the_middle(
    costs: list[int], today: int, more: int, at: datetime, period: Period
) -> None:
    before = forecast(period, dated(costs, at, today), at)
    after = forecast(period, dated(costs, at, today + more), at)

    assert after.mid_micro_usd >= before.mid_micro_usd + more


@settings(deadline=None)
@given(HISTORIES, st.integers(0, 10**10), st.integers(2, 1_000), MOMENTS, PERIODS)
def test_a_currency_makes_no_difference(costs: list[int], today: int, times: int, at: datetime, period: Period) -> None:
    made = forecast(period, dated(costs, at, today), at)
    scaled = forecast(period, dated([cost * times for cost in costs], at, today * times), at)

    for one, other in (
        (made.low_micro_usd, scaled.low_micro_usd),
        (made.mid_micro_usd, scaled.mid_micro_usd),
        (made.high_micro_usd, scaled.high_micro_usd),
    ):
        assert other == pytest.approx(one * times, rel=1e-6, abs=times)  # each is rounded to a micro-dollar


@pytest.mark.parametrize(("limit", "passes"), [(99, True), (100, False), (101, False)])
def test_a_limit_may_be_passed_if_the_upper_bound_is_above_it(limit: int, passes: bool) -> None:
    made = Forecast(
        low_micro_usd=1,
        mid_micro_usd=50,
        high_micro_usd=100,
        method="today's pace",
        history_days=0,
        back_test_percent=None,
    )

    assert would_pass(made, limit) is passes
