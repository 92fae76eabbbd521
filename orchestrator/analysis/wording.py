"""In whose words a matter is told that several seats have, and who backs them. Pure.

A detail is believed for the same reasons as an item: the proof has it, and others have it too. So the text is chosen
with the greatest sum of

- the share of its content words that stand in what all seats of the cluster quote;
- its own item's confidence, which knows of figures and owners that are not borne out;
- half of the share of its content words that a seat has, on average over the seats: half, since models err together
  in a detail and then agree word for word;

less the share of the seats that contradict it. Who contradicts the text that was chosen does not back it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final, TypeAlias

from orchestrator.analysis.alignment import Cluster
from orchestrator.analysis.items import Item
from orchestrator.analysis.likeness import Words, contradict, words

WORD_OF_SEATS: Final = 0.5  # with 1, one corrupted wording in six more was chosen over a true one in simulated panels
SCORE_PLACES: Final = 9  # so that the order of a sum cannot decide

Weight: TypeAlias = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Reading:
    """The item whose words are chosen, and (seat, item) of those who back it, itself among them, in order of seats.

    `borne_out` is the share of its content words that the backers' quotes or the text of another backer hold.
    """

    item: Item
    backers: tuple[tuple[int, Item], ...]
    borne_out: float

    @property
    def seats(self) -> tuple[int, ...]:
        return tuple(seat for seat, _item in self.backers)


def choose(cluster: Cluster, weight: Weight) -> Reading:
    """The reading of a matter that is best borne out; `weight` is how much a seat's word counts."""
    apart = [words(item.text) for item in cluster.items]
    weights = [weight(seat) for seat in cluster.seats]
    quoted = _quoted(cluster.items)
    borne = [_share(text, quoted) for text in apart]

    def rank(place: int) -> tuple[float, int, str, str]:
        item = cluster.items[place]
        score = borne[place] + item.confidence + _agreement(place, apart, weights)
        return -round(score, SCORE_PLACES), -len(item.evidence), item.text, item.model_dump_json(exclude={"seats"})

    best = min(range(len(apart)), key=rank)
    behind = [place for place in range(len(apart)) if not contradict(apart[best], apart[place])]
    backers = tuple(cluster.members[place] for place in behind)
    others = (apart[place].stems for place in behind if place != best)
    held = _quoted(item for _seat, item in backers).union(*others)
    return Reading(cluster.items[best], backers, _share(apart[best], held))


def _quoted(items: Iterable[Item]) -> frozenset[str]:
    quotes = {piece.quote for item in items for piece in item.evidence}
    return frozenset[str]().union(*(words(quote).stems for quote in quotes))


def _share(text: Words, quoted: frozenset[str]) -> float:
    return len(text.stems & quoted) / len(text.stems) if text.stems else 1.0


def _agreement(place: int, apart: Sequence[Words], weights: Sequence[float]) -> float:
    """What the seats' texts, its own among them, say for a text; contradictions count against it."""
    ours = apart[place]
    said = fsum(
        weight * (WORD_OF_SEATS * _share(ours, text.stems) - contradict(ours, text))
        for text, weight in zip(apart, weights, strict=True)
    )
    return said / fsum(weights)
