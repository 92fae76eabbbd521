"""Weighted votes whose outcome does not hang on the order in which they are cast. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from math import fsum
from typing import TypeVar

_Choice = TypeVar("_Choice", bound=Hashable)


def most_voted(votes: Iterable[tuple[_Choice, float]]) -> list[_Choice]:
    """The choices with the most weight; several only when they tie."""
    weights: defaultdict[_Choice, list[float]] = defaultdict(list)
    for choice, weight in votes:
        weights[choice].append(weight)
    totals = {choice: round(fsum(cast), 9) for choice, cast in weights.items()}
    return [choice for choice, total in totals.items() if total == max(totals.values())]


def only(choices: list[_Choice]) -> _Choice | None:
    """The one choice, or None where there are several or none."""
    return choices[0] if len(choices) == 1 else None
