"""Whether two samples can be told apart, by ranks. Pure.

The test of Mann and Whitney (1947): all values are ranked together, and if neither sample tends to be the larger, the
sum of ranks of each is what its size makes it, within a spread that is known. It asks nothing of the distribution,
which for times is anything but normal. Ties share their mean rank; the spread is corrected for them, and above some
dozens of values the statistic is normal (Conover, "Practical Nonparametric Statistics", section 5.1).
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple


class Verdict(NamedTuple):
    """`share`: how likely a value of the first is above one of the second, ties counted half; 0.5: neither is above.

    `p`: how likely it is that samples of one and the same thing differ by as much, to either side.
    """

    share: float
    z: float
    p: float


def compare(first: Sequence[float], second: Sequence[float]) -> Verdict:
    """Raises ValueError: one of them is empty."""
    if not first or not second:
        raise ValueError("Nothing can be said of no values.")
    marked = sorted([(value, True) for value in first] + [(value, False) for value in second])
    groups = [[is_first for _, is_first in group] for _, group in groupby(marked, key=lambda pair: pair[0])]
    above = sum(rank * sum(group) for rank, group in _ranked(groups)) - len(first) * (len(first) + 1) / 2
    pairs, total = len(first) * len(second), len(marked)
    ties = sum(len(group) ** 3 - len(group) for group in groups)
    spread = math.sqrt(pairs / 12 * (total + 1 - ties / (total * (total - 1))))
    z = (above - pairs / 2) / spread if spread else 0.0
    return Verdict(above / pairs, z, math.erfc(abs(z) / math.sqrt(2)))


def _ranked(groups: Sequence[list[bool]]) -> Iterator[tuple[float, list[bool]]]:
    """Each group of equal values with the mean of the ranks that it takes up."""
    taken = 0
    for group in groups:
        yield taken + (len(group) + 1) / 2, group
        taken += len(group)
