"""Fits the weights of `orchestrator/analysis/credence.py` to simulated panels of the meetings named in `FITTED_ON`.

Logistic regression by Newton's method with a trace of ridge, over every matter that some seat of a panel brought, in
all settings of noise alike; right is what `origins` calls right, the matter with most backers first.
"""

from collections.abc import Iterator, Sequence
from math import exp
from typing import Final

from ops.bench.quality.noise import SETTINGS
from ops.bench.quality.origins import verdicts
from ops.bench.quality.simulation import Simulated, Stage
from orchestrator.analysis.agreeing import Claim, claims
from orchestrator.analysis.items import KINDS, Kind

FITTED_ON: Final = ("ami-es2008a", "ami-ts3011b")  # whoever changes a weight looks at these alone
ROUNDS: Final = 25
RIDGE: Final = 0.01

Row = tuple[Sequence[float], bool]


def fit(stages: Sequence[Stage], seeds: int) -> list[float]:
    """The weights, in the order of `Signs.values`."""
    panels = (stage.panel(noise, seed) for stage in stages for noise in SETTINGS for seed in range(seeds))
    rows = [row for panel in panels for row in _rows(panel)]
    weights = [0.0] * len(rows[0][0])
    for _ in range(ROUNDS):
        weights = _step(rows, weights)
    return weights


def _rows(panel: Simulated) -> Iterator[Row]:
    found = [(kind, claim) for kind in KINDS for claim in _claims(panel, kind)]
    right = verdicts(panel, [(kind, claim.reading.item.text) for kind, claim in found])
    return ((claim.signs.values, is_right) for (_kind, claim), (_name, is_right) in zip(found, right, strict=True))


def _claims(panel: Simulated, kind: Kind) -> list[Claim]:
    found = claims(panel.candidates, kind, panel.meeting.places, lambda *seats: float(len(seats)))
    return sorted(found, key=lambda claim: -len(claim.reading.backers))


def _step(rows: Sequence[Row], weights: Sequence[float]) -> list[float]:
    size = len(weights)
    slope = [-RIDGE * weight for weight in weights]
    curve = [[RIDGE * (one == other) for other in range(size)] for one in range(size)]
    for values, is_right in rows:
        chance = 1 / (1 + exp(-sum(weight * value for weight, value in zip(weights, values, strict=True))))
        for one in range(size):
            slope[one] += (is_right - chance) * values[one]
            for other in range(size):
                curve[one][other] += chance * (1 - chance) * values[one] * values[other]
    return [weight + step for weight, step in zip(weights, _solved(curve, slope), strict=True)]


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a small, positive definite system, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot, row in enumerate(rows):
        rows[pivot] = [value / row[pivot] for value in row]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [value - factor * base for value, base in zip(rows[other], rows[pivot], strict=True)]
    return [row[-1] for row in rows]
