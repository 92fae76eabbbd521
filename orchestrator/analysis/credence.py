"""How likely an item of a panel is right, by what speaks for it. Pure.

    credence = 1 / (1 + exp(-s)),   s = BIAS + NET x net + TOGETHER x others x proof + OWN x (c - 0.45)

| sign | meaning |
|---|---|
| net | seats that back it less seats that do not, each by its weight; weights are scaled so that their mean is 1 |
| others | how many other seats back it, at most two: models err together, so a fourth adds little |
| proof | a x log(u / 0.15) + (1 - a) x log((1 - u) / 0.85): what the agreement of the backers' proofs says |
| a | their agreement: how far two of them lie together, 0 to 1, on average over the pairs |
| u | how far proofs of true items lie together in this panel: the better half of what several seats have |
| c | the confidence of the item chosen, from its own proof (`evidence.py`) |

A model that makes something up can always quote something. That two quote the same is rare unless it proves what they
say, so agreement in proof says more than a vote; but in a panel whose proofs seldom meet (each quotes another moment
of a long talk) the votes decide. 0.15 is how often proofs of one invention meet. The weights: ADR 0040 and
`ops/bench/quality/fitting.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, fsum, log
from statistics import fmean
from typing import Final

from orchestrator.analysis.proofs import Proof, together

BIAS: Final = 0.0
NET: Final = 0.21
TOGETHER: Final = 1.23
OWN: Final = 2.18

MEAN_CONFIDENCE: Final = 0.45  # of the items that the weights were fitted on
MOST_OTHERS: Final = 2
BY_CHANCE: Final = 0.15  # none of those with random quotes, a third of those with quotes that resemble them
USUAL_RANGE: Final = (0.17, 0.8)  # below it, agreement would speak against an item; above it, one odd quote would
EXPECTED: Final = 0.8  # before anything of a panel is seen; weighs as much as one item


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an item; `agreement` is None where one seat alone backs it."""

    net: float
    others: int
    agreement: float | None
    usual: float
    confidence: float

    @property
    def values(self) -> tuple[float, float, float, float]:
        """What the four weights are multiplied with."""
        if self.agreement is None:
            return 1.0, self.net, 0.0, self.confidence - MEAN_CONFIDENCE
        return 1.0, self.net, min(self.others, MOST_OTHERS) * _told_by(self.agreement, self.usual), 0.0


def credence(signs: Signs) -> float:
    """A probability, 0 to 1."""
    weighed = zip((BIAS, NET, TOGETHER, OWN), signs.values, strict=True)
    return 1 / (1 + exp(-fsum(weight * value for weight, value in weighed)))


def agreement(proofs: Sequence[Proof]) -> float | None:
    """How far several proofs lie together, on average over all pairs; None of one."""
    pairs = [together(one, other) for one, other in combinations(proofs, 2)]
    return fsum(pairs) / len(pairs) if pairs else None


def usual(agreements: Sequence[float | None]) -> float:
    """How far the proofs of one item lie together in a panel: the mean of the better half, and of what is expected."""
    known = sorted((one for one in agreements if one is not None), reverse=True)
    least, most = USUAL_RANGE
    return min(most, max(least, fmean([EXPECTED, *known[: (len(known) + 1) // 2]])))


def _told_by(agreement: float, usual: float) -> float:
    """The logarithm of how much likelier a true item is to show this agreement than an invented one."""
    return agreement * log(usual / BY_CHANCE) + (1 - agreement) * log((1 - usual) / (1 - BY_CHANCE))
