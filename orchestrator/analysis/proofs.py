"""Where an item's proof lies in the meeting, and how much two proofs have in common. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Final

from orchestrator.analysis.identity import utterances
from orchestrator.analysis.items import Item

NEXT_TO: Final = 0.75  # what an utterance counts when the other item names only its neighbour: models cut differently


@dataclass(frozen=True, slots=True)
class Proof:
    """The places of the utterances that an item's evidence names; `widened` by one on both sides."""

    places: frozenset[int]
    widened: frozenset[int]


def proof(item: Item, places: Mapping[str, int]) -> Proof:
    """Where an item's proof lies, given the place of each utterance by its id."""
    return spread(places[utterance] for utterance in utterances(item))


def spread(named: Iterable[int]) -> Proof:
    """The proof that names these places."""
    exact = frozenset(named)
    return Proof(exact, frozenset(place + step for place in exact for step in (-1, 0, 1)))


def together(one: Proof, other: Proof, sharpness: Mapping[int, float] | None = None) -> float:
    """The larger share of one proof that lies in the other, neighbours counting less; 0 to 1, symmetrical.

    Args:
        one: a proof.
        other: another.
        sharpness: how much a place counts, where that is less than 1.
    """
    if one.widened.isdisjoint(other.places):
        return 0.0
    counts = sharpness or {}
    return max(_share(one, other, counts), _share(other, one, counts))


def sharpness(proofs: Iterable[tuple[int, Proof]]) -> dict[int, float]:
    """How well each place tells items apart: one by the number of items that one seat proves with it.

    A long turn proves many things, and that two items lean on it says little. Given (seat, proof) of all items of a
    kind; the seat that found most in a place decides.
    """
    uses: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for seat, one in proofs:
        for place in one.places:
            uses[place][seat] += 1
    return {place: 1 / max(by_seat.values()) for place, by_seat in uses.items()}


def _share(one: Proof, other: Proof, counts: Mapping[int, float]) -> float:
    same = fsum(counts.get(place, 1.0) for place in one.places & other.places)
    beside = fsum(counts.get(place, 1.0) for place in (one.places - other.places) & other.widened)
    return (same + NEXT_TO * beside) / len(one.places)
