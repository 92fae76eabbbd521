"""Made histories of spend, in micro-dollars a day."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

OFFICE = (1.0, 1.1, 1.2, 1.1, 0.9, 0.1, 0.0)  # a week's days, as shares of a usual day


def dated(costs: Sequence[int], at: datetime, today: int = 0) -> dict[date, int]:
    """Days that cost this, the last of them yesterday; and today so far."""
    day = at.astimezone(UTC).date()
    return {day - timedelta(days=back): cost for back, cost in enumerate((today, *reversed(costs)))}


def noisy(days: int, seed: int, *, week: Sequence[float] = (1.0,) * 7, noise: float = 0.3) -> list[int]:
    """Usual days of 100 dollars, times their weekday's share, times chance: log-normal of mean 1 and this deviation."""
    chance = random.Random(seed)
    return [
        round(100_000_000 * week[day % 7] * chance.lognormvariate(-noise * noise / 2, noise)) for day in range(days)
    ]
