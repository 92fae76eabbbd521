"""How good each candidate of a panel is, by checks that look at no seat number and no model's name. Pure.

| check | weight | formula |
|---|---|---|
| evidence | 0.3 | items brought / (these + what was dropped for want of proof) |
| proof | 0.2 | mean over its items of what code thinks of their proof; 0 without items |
| agreement | 0.2 | mean over the other candidates of the share of both's items that both have; 1/2 without another |
| coverage | 0.2 | of what the rule keeps, the share that it has; 1 when the rule keeps nothing |
| language | 0.1 | 1 when it is in the meeting's language, else 0; where that is not known, in the panel's |

How much of the meeting a candidate quotes (coverage in the quality score of a result) is no check here: inventions
quote widely, and winners by it were hardly better than the mean seat. By these checks, on the simulated panels of
`tests/unit/synthesis/test_contests_of_real_items.py`, the mean seat has F1 .58, the winner .68, the best seat .77.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import fsum
from typing import Final

from orchestrator.analysis.agreeing import Weighed
from orchestrator.analysis.evidence import CEILING
from orchestrator.analysis.items import KINDS, Candidate, Item
from orchestrator.analysis.quality import NOTHING_TO_JUDGE, evidence, language_share

PLACES: Final = 4  # rounded, so that sums of the same shares in another order are the same

# What was proved counts most, as in the quality score; what others bear out counts twice, as precision and as recall.
WEIGHTS: Final[dict[str, float]] = {
    "evidence": 0.3,
    "proof": 0.2,
    "agreement": 0.2,
    "coverage": 0.2,
    "language": 0.1,
}


def merits(candidates: Mapping[int, Candidate], found: Sequence[Weighed], *, language: str) -> dict[int, float]:
    """Each candidate's score in 0..1, by seat.

    Args:
        candidates: by seat; at least one.
        found: the clusters of their items, of all kinds.
        language: that of the meeting.
    """
    agreement = _agreement(candidates, found)
    return {
        seat: _score(
            {
                "evidence": evidence([candidate]),
                "agreement": agreement[seat],
                "coverage": _coverage(seat, found),
                "proof": _proof(_items(candidate)),
                "language": language_share([candidate], language),
            }
        )
        for seat, candidate in candidates.items()
    }


def _score(checks: Mapping[str, float]) -> float:
    return round(fsum(WEIGHTS[name] * value for name, value in checks.items()), PLACES)


def _agreement(candidates: Mapping[int, Candidate], found: Iterable[Weighed]) -> dict[int, float]:
    if len(candidates) == 1:
        return dict.fromkeys(candidates, NOTHING_TO_JUDGE)
    both = Counter(pair for one in found for pair in combinations(sorted(one.cluster.seats), 2))
    sizes = {seat: len(_items(candidate)) for seat, candidate in candidates.items()}

    def alike(one: int, other: int) -> float:
        size = sizes[one] + sizes[other]
        return 2 * both[min(one, other), max(one, other)] / size if size else 1.0

    others = len(candidates) - 1
    return {seat: fsum(alike(seat, other) for other in candidates if other != seat) / others for seat in candidates}


def _coverage(seat: int, found: Iterable[Weighed]) -> float:
    kept = [one.cluster.seats for one in found if one.kept]
    return sum(seat in seats for seats in kept) / len(kept) if kept else 1.0


def _proof(items: list[Item]) -> float:
    return min(1.0, fsum(item.confidence for item in items) / (CEILING * len(items))) if items else 0.0


def _items(candidate: Candidate) -> list[Item]:
    return [item for kind in KINDS for item in candidate.of(kind)]
