"""Whether an item's confidence is what it says: of the items told with 0.8, are eight in ten right?"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, TypeAlias

BINS: Final = 10

Told: TypeAlias = tuple[float, bool]  # an item's confidence, and whether it was right


@dataclass(frozen=True)
class Bin:
    """Items told with a confidence from `low`, a tenth wide."""

    low: float
    items: int
    told: float
    right: float


def curve(told: Sequence[Told]) -> list[Bin]:
    """The bins that hold any item, lowest first."""
    bins: dict[int, list[Told]] = {}
    for one in told:
        bins.setdefault(min(BINS - 1, int(one[0] * BINS)), []).append(one)
    return [
        Bin(number / BINS, len(held), fmean(said for said, _ in held), fmean(right for _, right in held))
        for number, held in sorted(bins.items())
    ]


def calibration_error(told: Sequence[Told]) -> float:
    """The expected calibration error: the mean gap between told and true over the bins, by their items."""
    return sum(one.items * abs(one.told - one.right) for one in curve(told)) / max(1, len(told))
