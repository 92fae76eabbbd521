"""Which found item is which annotated one: one to one, the assignment with the greatest sum of likeness.

The likeness of an item and a gold item is the mean of two parts: how much of their evidence lies together, and
how alike their words are. A pair below `MATCHED` is no match. Where the gold has no evidence the words count alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.bench.quality.meetings import GoldItem
from orchestrator.analysis.items import Kind
from orchestrator.analysis.likeness import likeness, words

MATCHED: Final = 0.55  # all of its proof near the gold's and a likeness of 0.1, or half of it and one of 0.6
NEAR_SEGMENTS: Final = 2  # the gold's own links are now and then off by one
IMPOSSIBLE: Final = 0.0


@dataclass(frozen=True)
class Found:
    """An item that a model or strategy found, its evidence as places."""

    kind: Kind
    text: str
    places: frozenset[int]


def matched(found: Sequence[Found], gold: Sequence[GoldItem]) -> list[tuple[int, int]]:
    """The pairs (place in `found`, place in `gold`) of the best assignment that are a match."""
    scores = [[_likeness(one, other) for other in gold] for one in found]
    return [(row, column) for row, column in assignment(scores) if scores[row][column] >= MATCHED]


def near(found: Sequence[Found], gold: Sequence[GoldItem]) -> float:
    """The share of items some of whose evidence lies near that of a gold item of the same kind; 0 of none."""
    hits = [any(_together(one.places, other.places) for other in gold if other.kind == one.kind) for one in found]
    return sum(hits) / len(hits) if hits else 0.0


def assignment(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs (row, column) that give the greatest sum, each row and column once at most.

    Source: the Hungarian method by shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957), O(n^2 m).
    """
    if not scores or not scores[0]:
        return []
    if len(scores) > len(scores[0]):
        return sorted((row, column) for column, row in assignment(list(zip(*scores, strict=True))))
    return _Hungarian(scores).solve()


class _Hungarian:
    """Rows are assigned one after the other; there are no more rows than columns. Index 0 of each list is nobody."""

    def __init__(self, scores: Sequence[Sequence[float]]) -> None:
        self._scores = scores
        self._rows, self._columns = len(scores), len(scores[0])
        self._of_row = [0.0] * (self._rows + 1)  # potentials
        self._of_column = [0.0] * (self._columns + 1)
        self._owner = [0] * (self._columns + 1)  # the row that holds a column

    def solve(self) -> list[tuple[int, int]]:
        for row in range(1, self._rows + 1):
            self._assign(row)
        return sorted((owner - 1, column - 1) for column, owner in enumerate(self._owner) if column and owner)

    def _assign(self, row: int) -> None:
        self._owner[0] = row
        slack = [float("inf")] * (self._columns + 1)
        before = [0] * (self._columns + 1)
        used = [False] * (self._columns + 1)
        column = 0
        while self._owner[column]:
            used[column] = True
            column = self._reach(column, slack, before, used)
        while column:
            self._owner[column] = self._owner[before[column]]
            column = before[column]

    def _reach(self, column: int, slack: list[float], before: list[int], used: list[bool]) -> int:
        """Grow the tree by the column that is nearest, and give it back."""
        row = self._owner[column]
        free = [n for n in range(1, self._columns + 1) if not used[n]]
        for n in free:
            cost = -self._scores[row - 1][n - 1] - self._of_row[row] - self._of_column[n]
            if cost < slack[n]:
                slack[n], before[n] = cost, column
        nearest = min(free, key=lambda n: slack[n])
        step = slack[nearest]
        for n in range(self._columns + 1):
            if used[n]:
                self._of_row[self._owner[n]] += step
                self._of_column[n] -= step
            else:
                slack[n] -= step
        return nearest


def _likeness(one: Found, other: GoldItem) -> float:
    if one.kind != other.kind:
        return IMPOSSIBLE
    alike = likeness(words(one.text), words(other.text))
    return (alike + _together(one.places, other.places)) / 2 if other.places else alike


def _together(ours: frozenset[int], theirs: Sequence[int]) -> float:
    """The share of our evidence that lies near theirs."""
    near = [place for place in ours if any(abs(place - other) <= NEAR_SEGMENTS for other in theirs)]
    return len(near) / len(ours) if ours else 0.0
