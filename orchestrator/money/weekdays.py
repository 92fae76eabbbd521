"""What the next days will cost, by weekday, from the days before. Pure.

An exponentially weighted mean per weekday, shrunk towards the mean of all weekdays:

    w(i) = 1/2 ** (age in days / HALF_LIFE_DAYS)               the weight of day i, the newest day's age being 0
    mean(d) = sum of w(i) x cost(i) / sum of w(i)              over the days i of weekday d
    all = mean of the seven mean(d)
    expected(d) = all + (mean(d) - all) x between / (between + within / n(d))

`within` is the variance of days around their weekday's mean; `between` that of the seven means around `all`, less what
`within` alone would make of it; n(d) is the number of equal days that the weights of weekday d are worth. So weekdays
that repeat themselves are believed, and those that do not are averaged away.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

WEEK: Final = 7
LEARNT_FROM_DAYS: Final = 2 * WEEK  # before each weekday was seen twice, nothing says whether it repeats itself

# Chosen on made series: 7 follows the noise of single days, 21 half believes a doubled spend after three weeks only.
HALF_LIFE_DAYS: Final = 10.0


class _Seen(NamedTuple):
    """Some days' weighted mean and squared deviations from it, their weight, and how many equal days that is worth."""

    mean: float
    deviations: float
    weight: float
    days: float


def expected(past: Sequence[float]) -> tuple[float, ...]:
    """What each of the seven days that follow is expected to cost, the next one first; never below 0.

    Args:
        past: what full days cost, one after the other, at least one.
    """
    weights = [0.5 ** (age / HALF_LIFE_DAYS) for age in range(len(past) - 1, -1, -1)]
    if len(past) < LEARNT_FROM_DAYS:
        return (max(0.0, _seen(past, weights).mean),) * WEEK
    # Days of one weekday stand a week apart in the history; the next day's stand where its length leaves off.
    places = [(len(past) + ahead) % WEEK for ahead in range(WEEK)]
    seen = [_seen(past[place::WEEK], weights[place::WEEK]) for place in places]
    return tuple(max(0.0, cost) for cost in _shrunk(seen))


def _seen(costs: Sequence[float], weights: Sequence[float]) -> _Seen:
    weight = sum(weights)
    mean = sum(w * cost for w, cost in zip(weights, costs, strict=True)) / weight
    deviations = sum(w * (cost - mean) ** 2 for w, cost in zip(weights, costs, strict=True))
    return _Seen(mean, deviations, weight, weight**2 / sum(w * w for w in weights))


def _shrunk(seen: Sequence[_Seen]) -> list[float]:
    """Each mean, pulled towards the mean of all by as much as noise alone could have set it apart."""
    overall = sum(day.mean for day in seen) / WEEK
    # A mean lies nearer to its own days than to the truth: 1 - 1/n undoes that, as n - 1 does for equal weights.
    within = sum(day.deviations for day in seen) / sum(day.weight * (1 - 1 / day.days) for day in seen)
    noise = [within / day.days for day in seen]
    apart = sum((day.mean - overall) ** 2 for day in seen) / (WEEK - 1)
    between = max(0.0, apart - sum(noise) / WEEK)
    if not between:
        return [overall] * WEEK
    believed = [between / (between + of_day) for of_day in noise]
    return [overall + (day.mean - overall) * share for day, share in zip(seen, believed, strict=True)]
