"""What a period will have cost at its end, from the days before: a middle, an interval, how far off it has been. Pure.

The method. The days ahead are expected to cost what their weekdays did of late: an exponentially weighted mean, shrunk
towards the mean of all weekdays (the formula is in `weekdays.py`). Two weeks of history are enough for it, it is plain
Python, and each number can be checked by hand; the libraries that forecast (statsmodels, statsforecast) bring scipy and
pandas. Of Holt and Winters' exponential smoothing it leaves out the trend, which over a month makes more of a busy week
than there is, and the fitting of how fast to forget. Without any full day yet, today's pace is all there is.

    mid = spent + rest of today + expected cost of the days after
    rest of today = left x (left x expected + (1 - left) x today's pace), where `left` is the share of the day to come
    low, high = mid - spread, mid + spread; low is never below what is already spent

The spread is measured. On each past day (rolling origin) the same forecast is made for as many days as are left now,
from what was known then, and compared with what came. Stretches that overlap err alike, so the error that
CONFIDENCE_PERCENT of these forecasts stayed within is widened by 1 + days / forecasts; and in proportion to the days,
where the history has room for tests of a shorter stretch only. Below three weeks of history nothing can be tested: the
spread is a wide guess.

Its limits: no trend (a steady growth is followed late, and passes the interval more often than it should), no holidays,
no hours of the day, nothing that is planned but has never happened. A lasting jump is half believed after
HALF_LIFE_DAYS, and until the tests have seen one the interval knows of none. Weights and means are floats; the amounts
are rounded to the nearest micro-dollar at the end.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Final, NamedTuple

from orchestrator.money.pace import elapsed
from orchestrator.money.weekdays import LEARNT_FROM_DAYS, WEEK, expected
from orchestrator.work.scopes import Period, after_last_day, first_day
from providers.calls import Value

HISTORY_DAYS: Final = 91  # two months to learn from and a month to test on, in whole weeks; older days hardly weigh
CONFIDENCE_PERCENT: Final = 90  # a limit at the upper bound is then passed about once in twenty

_FEWEST_TESTS: Final = WEEK  # one from each weekday
_LEAST_OF_A_DAY: Final = 0.25  # a first day's first calls are not its pace: they count as a quarter of a day at least

# What could not be tested may be nothing, or so many times its expectation more. A week shows all weekdays once.
_UNTESTED: Final = 1.0
_UNTESTED_IN_FIRST_WEEK: Final = 2.0


class Forecast(Value):
    """What the period will have cost. `low` is never below what it has cost already.

    `confidence_percent` of outcomes are meant to lie between low and high; below three weeks of history that is a
    guess. `back_test_percent` is the mean absolute error of past forecasts, each made as far into a period as this one,
    in percent of what its period came to (those that cost nothing left out); None: the history is too short for it.
    """

    low_micro_usd: int
    mid_micro_usd: int
    high_micro_usd: int
    method: str
    history_days: int
    back_test_percent: float | None
    confidence_percent: int = CONFIDENCE_PERCENT


class _Ahead(NamedTuple):
    """What is to come of a period: its days with today, the share of today that is left; and its full days before."""

    days: int
    of_today: float
    behind: int

    @property
    def length(self) -> float:
        return self.days - 1 + self.of_today


class _Trial(NamedTuple):
    """A forecast from a past day: how far off it was; what its period came to, None if it began before the history."""

    error: float
    period: float | None


def forecast(period: Period, cost_by_day: Mapping[date, int], at: datetime) -> Forecast:
    """Forecast the period around `at`.

    Args:
        cost_by_day: micro-dollars by day in UTC, today's as it stands. HISTORY_DAYS before today are looked at and
            none after; the history begins with the first day that is there, and days missing from then cost nothing.
        at: an aware time.
    """
    today = at.astimezone(UTC).date()
    cost_today = cost_by_day.get(today, 0)
    spent = sum(cost for day, cost in cost_by_day.items() if first_day(period, today) <= day <= today)
    past, ahead = _history(cost_by_day, today), _ahead(period, today, elapsed("day", at))
    week = expected(past) if past else (_first_pace(cost_today, ahead),) * WEEK
    rest = _rest_of_today(week[0], cost_today, ahead) + _after_today(week, ahead)
    spread = _spread(past, ahead, rest)
    return Forecast(
        low_micro_usd=spent + max(0, round(rest - spread)),
        mid_micro_usd=spent + round(rest),
        high_micro_usd=spent + round(rest + spread),
        method=_method(past),
        history_days=len(past),
        back_test_percent=_back_test_percent(past, ahead),
    )


def would_pass(made: Forecast, limit_micro_usd: int) -> bool:
    """Whether the period may well cost more than this limit before it ends: its upper bound does."""
    return made.high_micro_usd > limit_micro_usd


def _history(cost_by_day: Mapping[date, int], today: date) -> list[float]:
    """What the full days cost, oldest first, without gaps."""
    days = min(HISTORY_DAYS, (today - min(cost_by_day, default=today)).days)
    return [float(cost_by_day.get(today - timedelta(days=back), 0)) for back in range(days, 0, -1)]


def _ahead(period: Period, today: date, of_day_gone: float) -> _Ahead:
    return _Ahead(
        days=(after_last_day(period, today) - today).days,
        of_today=1.0 - of_day_gone,
        behind=(today - first_day(period, today)).days,
    )


def _first_pace(cost_today: int, ahead: _Ahead) -> float:
    """What a day costs if all are like this one."""
    return max(0, cost_today) / max(_LEAST_OF_A_DAY, 1.0 - ahead.of_today)


def _rest_of_today(of_day: float, cost_today: int, ahead: _Ahead) -> float:
    """A day that runs away is seen while it runs: its own pace, cost / gone, weighs as much as is gone of it."""
    return ahead.of_today * (ahead.of_today * of_day + max(0, cost_today))


def _after_today(week: Sequence[float], ahead: _Ahead) -> float:
    return sum(week[day % WEEK] for day in range(1, ahead.days))


def _reach(history_days: int, ahead: _Ahead) -> int:
    """How many days the interval's tests look ahead: all that are left, if there are as many tests as days; else fewer.

    Below 1: nothing can be tested.
    """
    room = history_days - LEARNT_FROM_DAYS + 1
    return min(ahead.days, room - _FEWEST_TESTS, room // 2)


def _trials(past: Sequence[float], ahead: _Ahead) -> list[_Trial]:
    """One forecast from each past day that has enough days before it and all of the days that it speaks of after."""
    return [_trial(past, origin, ahead) for origin in range(LEARNT_FROM_DAYS, len(past) - ahead.days + 1)]


def _trial(past: Sequence[float], origin: int, ahead: _Ahead) -> _Trial:
    week, end = expected(past[:origin]), origin + ahead.days
    told = ahead.of_today * week[0] + _after_today(week, ahead)
    came = ahead.of_today * past[origin] + sum(past[origin + 1 : end])
    whole = sum(past[origin - ahead.behind : end]) if origin >= ahead.behind else None
    return _Trial(abs(told - came), whole)


def _spread(past: Sequence[float], ahead: _Ahead, rest: float) -> float:
    tested = ahead._replace(days=_reach(len(past), ahead))
    if tested.days < 1:
        return rest * (_UNTESTED if len(past) >= WEEK else _UNTESTED_IN_FIRST_WEEK)
    errors = sorted(trial.error for trial in _trials(past, tested))
    # Of one more than there are: the forecast that is made now is itself one of those that the share speaks of.
    rank = min(len(errors), ceil((len(errors) + 1) * CONFIDENCE_PERCENT / 100))
    return errors[rank - 1] * (ahead.length / tested.length) * (1 + tested.days / len(errors))


def _back_test_percent(past: Sequence[float], ahead: _Ahead) -> float | None:
    trials = _trials(past, ahead)
    off = [100 * trial.error / trial.period for trial in trials if trial.period is not None and trial.period > 0]
    return sum(off) / len(off) if len(off) >= _FEWEST_TESTS else None


def _method(past: Sequence[float]) -> str:
    if not past:
        return "today's pace"
    if len(past) < LEARNT_FROM_DAYS:
        return "average of the days so far, newer days weighing more"
    return "average of each weekday, newer weeks weighing more"
