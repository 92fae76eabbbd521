"""How far a budget's period has gone, and what it may have cost by then. Pure: the time is an argument.

Days and months are those of UTC, as in the ledger.
"""

from datetime import UTC, date, datetime, time
from typing import Final

from orchestrator.work.scopes import Period, after_last_day, first_day

_PPM: Final = (
    1_000_000  # money meets time in integers: a share of time is counted in millionths, 2.7 seconds of a month
)


def end_of(period: Period, day: date) -> datetime:
    """The first instant after the period that `day` is in, in UTC: when its budget begins anew."""
    return _midnight(after_last_day(period, day))


def elapsed(period: Period, at: datetime) -> float:
    """The share of the period around `at` that has passed: 0 at its first instant, always below 1.

    Args:
        at: an aware time, in any zone.
    """
    day = at.astimezone(UTC).date()
    start = _midnight(first_day(period, day))
    return (at - start) / (end_of(period, day) - start)


def allowed_to_date_micro_usd(limit_micro_usd: int, share: float) -> int:
    """What has been spent by now if the limit is spent evenly and lasts to the period's end, rounded down.

    `share` is what `elapsed` says.
    """
    return limit_micro_usd * round(share * _PPM) // _PPM


def is_ahead(limit_micro_usd: int, used_micro_usd: int, share: float) -> bool:
    """Whether more is used than the even pace allows. New plans mind only a good deal more (`work/pressure.py`)."""
    return used_micro_usd > allowed_to_date_micro_usd(limit_micro_usd, share)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
