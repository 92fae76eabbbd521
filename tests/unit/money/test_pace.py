"""How far a period has gone, and what it may have cost by then."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.money.pace import allowed_to_date_micro_usd, elapsed, end_of, is_ahead
from orchestrator.work.scopes import Period, first_day

PERIODS: tuple[Period, ...] = ("day", "month")


@pytest.mark.parametrize(
    ("period", "day", "end"),
    [
        ("day", date(2026, 11, 27), datetime(2026, 11, 28, tzinfo=UTC)),
        ("day", date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", date(2026, 11, 1), datetime(2026, 12, 1, tzinfo=UTC)),
        ("month", date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", date(2028, 2, 29), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_period_ends_at_the_first_instant_of_the_next(period: Period, day: date, end: datetime) -> None:
    assert end_of(period, day) == end


@pytest.mark.parametrize(
    ("period", "at", "share"),
    [
        ("day", datetime(2026, 11, 27, tzinfo=UTC), 0.0),
        ("day", datetime(2026, 11, 27, 6, tzinfo=UTC), 0.25),
        ("month", datetime(2026, 11, 1, tzinfo=UTC), 0.0),
        ("month", datetime(2026, 11, 16, tzinfo=UTC), 0.5),
        ("month", datetime(2028, 2, 29, 12, tzinfo=UTC), 28.5 / 29),
    ],
)
def test_the_share_that_has_passed_runs_with_the_clock(period: Period, at: datetime, share: float) -> None:
    assert elapsed(period, at) == pytest.approx(share, abs=1e-12)


def test_days_and_months_are_those_of_utc_wherever_the_clock_hangs() -> None:
    in_auckland = datetime(2026, 12, 1, 7, tzinfo=timezone(timedelta(hours=13)))  # still November there in Greenwich

    assert elapsed("day", in_auckland) == 0.75
    assert elapsed("month", in_auckland) == pytest.approx(29.75 / 30, abs=1e-12)


@given(st.timedeltas(timedelta(), timedelta(days=3_000)), st.sampled_from(PERIODS))
def test_a_moment_lies_within_its_period(since: timedelta, period: Period) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + since
    day = at.date()

    assert first_day(period, day) <= day < end_of(period, day).date()
    assert 0 <= elapsed(period, at) < 1


@pytest.mark.parametrize(("limit", "share", "allowed"), [(1_000, 0.5, 500), (1_001, 0.5, 500), (0, 0.5, 0), (7, 0, 0)])
def test_the_even_pace_is_the_limit_times_the_share_rounded_down(limit: int, share: float, allowed: int) -> None:
    assert allowed_to_date_micro_usd(limit, share) == allowed


def test_money_far_beyond_what_floats_can_count_is_exact() -> None:
    assert allowed_to_date_micro_usd(10**18 + 2, 0.5) == 5 * 10**17 + 1


@pytest.mark.parametrize(("used", "ahead"), [(499, False), (500, False), (501, True)])
def test_ahead_is_who_used_more_than_the_even_pace(used: int, ahead: bool) -> None:
    assert is_ahead(1_000, used, 0.5) is ahead
