"""Which candidate wins, by checks and by judges if there are any. Pure.

    result = checks + JUDGES_WORTH x points

`checks` is the score of `merits`; `points` the mean over the judges who were heard of 1 for their best finalist, 0 for
their last, and equal steps between. So judges decide among candidates that the checks put close together, and no judge,
whatever it was told, can lift one over another that is better by more than `JUDGES_WORTH`.

Ties go to the better checks, then to the content itself: never to a seat's number. Seats that brought the same are one
contestant.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from orchestrator.analysis.items import KINDS, Candidate, Item
from orchestrator.analysis.judging import MAX_FINALISTS

# On thirty simulated panels of five the second candidate lay 0.02 behind the first, the last 0.09: judges choose among
# the good ones.
JUDGES_WORTH: Final = 0.05
PLACES: Final = 6  # coarser than the noise of adding in another order, finer than any step


@dataclass(frozen=True)
class Contestant:
    """A candidate, what the checks gave it, the lowest seat that brought it, and its content as a name."""

    candidate: Candidate
    score: float
    seat: int
    name: str


def finalists(candidates: Mapping[int, Candidate], scores: Mapping[int, float]) -> tuple[Contestant, ...]:
    """The best by the checks, at most `MAX_FINALISTS`, in an order that goes by content alone."""
    distinct: dict[str, Contestant] = {}
    for seat, candidate in sorted(candidates.items()):
        name = _name(candidate)
        distinct.setdefault(name, Contestant(candidate, scores[seat], seat, name))
    best = sorted(distinct.values(), key=lambda one: (-one.score, one.name))[:MAX_FINALISTS]
    return tuple(sorted(best, key=lambda one: one.name))


def winner(field: Sequence[Contestant], rankings: Sequence[Sequence[int]]) -> Contestant:
    """The best of the finalists.

    Args:
        field: the finalists.
        rankings: of the judges who were heard; each holds all places in `field`, the best first.
    """

    def rank(place: int) -> tuple[float, float, str]:
        one = field[place]
        result = one.score + JUDGES_WORTH * _points(place, rankings)
        return -round(result, PLACES), -one.score, one.name

    return field[min(range(len(field)), key=rank)]


def _points(place: int, rankings: Sequence[Sequence[int]]) -> float:
    """The mean of the judges' points for a finalist, 0 without judges."""
    each = [1 - ranking.index(place) / max(1, len(ranking) - 1) for ranking in rankings]
    return fsum(each) / len(each) if each else 0.0


def _name(candidate: Candidate) -> str:
    """A digest of all but the seats, so that the order of finalists says nothing about them."""
    unseated: dict[str, tuple[Item, ...]] = {
        kind: tuple(item.model_copy(update={"seats": ()}) for item in candidate.of(kind)) for kind in KINDS
    }
    return hashlib.sha256(candidate.model_copy(update=unseated).model_dump_json().encode()).hexdigest()
