"""Means with intervals: meetings are drawn with replacement, then panels within each, as both vary."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, TypeVar

DRAWS: Final = 1_000
SEED: Final = 6  # of the bootstrap alone, so that a table can be printed twice
TAIL: Final = 0.025  # on each side: 95 % between

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Interval:
    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: Mapping[str, Sequence[float]]) -> Interval:
    """Over meetings, each with at least one value; of a mean of meetings, each counting the same."""
    chance = random.Random(SEED)  # noqa: S311  a bootstrap, not a secret
    names = sorted(values)
    drawn = sorted(fmean(_redrawn(values[name], chance) for name in _draw(names, chance)) for _ in range(DRAWS))
    cut = round(TAIL * DRAWS)
    return Interval(fmean(fmean(values[name]) for name in names), drawn[cut], drawn[-1 - cut])


def differences(ours: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """What is gained in each panel: paired, since a hard panel is hard for both."""
    return {name: [one - other for one, other in zip(ours[name], theirs[name], strict=True)] for name in ours}


def _redrawn(values: Sequence[float], chance: random.Random) -> float:
    return fmean(values) if len(values) == 1 else fmean(_draw(values, chance))


def _draw(values: Sequence[_Value], chance: random.Random) -> list[_Value]:
    return chance.choices(values, k=len(values))
