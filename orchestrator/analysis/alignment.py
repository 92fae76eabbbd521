"""Which items of different seats are the same item. Pure.

Two items are alike by what proves them and by what they say; a cluster holds at most one item per seat, and each of
its items is alike enough to each other (complete link), so that no chain of small steps joins two different things.
Pairs are taken best first and ties are broken by content, so the order of the seats cannot matter.

The weights come from the five panel files of the shared data. Three seats that word every item differently: 149 of 159
pairs found, none wrong. Each seat missing items at random (four in ten), so that a wrong partner is the only one left:
35 of 38 found, 2 wrong. A weight of 0.4 finds a fifth fewer; above 0.5 the wrong ones grow when proofs lie one off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from orchestrator.analysis.identity import utterances
from orchestrator.analysis.items import Candidate, Item, Kind
from orchestrator.analysis.likeness import Words, contradict, likeness, words
from providers.calls import Value

EVIDENCE_WEIGHT: Final = 0.5  # with the same proof, a likeness of 0.3 is enough: nine paraphrases in ten reach 0.36
ALIKE: Final = 0.8  # without common proof: of different items, one in a hundred reaches 0.51
NEXT_TO: Final = 0.75  # what an utterance counts when the other item names only its neighbour: models cut differently


class Cluster(Value):
    """One item as several seats have it: (seat, item) in the order of seats, each seat at most once."""

    members: tuple[tuple[int, Item], ...]

    @property
    def seats(self) -> tuple[int, ...]:
        return tuple(seat for seat, _item in self.members)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for _seat, item in self.members)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item, taken apart once. `content` orders entries without looking at their seats."""

    seat: int
    item: Item
    words: Words
    places: frozenset[int]
    widened: frozenset[int]
    content: tuple[str, str, tuple[int, ...], str]


def align(candidates: Mapping[int, Candidate], kind: Kind, places: Mapping[str, int]) -> tuple[Cluster, ...]:
    """Group one kind's items over all seats; every item is in exactly one cluster.

    Args:
        candidates: by seat.
        kind: which list.
        places: of each utterance in the transcript, by id.

    Returns:
        The clusters in the order of the transcript.
    """
    entries = [_entry(seat, item, places) for seat, found in candidates.items() for item in found.of(kind)]
    clusters = _linked(entries)
    return tuple(
        Cluster(members=tuple((entry.seat, entry.item) for entry in sorted(cluster, key=lambda entry: entry.seat)))
        for cluster in sorted(clusters, key=lambda cluster: min((min(one.places), one.content) for one in cluster))
    )


def _entry(seat: int, item: Item, places: Mapping[str, int]) -> _Entry:
    named = frozenset(places[utterance] for utterance in utterances(item))
    widened = frozenset(place + step for place in named for step in (-1, 0, 1))
    apart = words(item.text)
    content = (apart.folded, item.text, tuple(sorted(named)), item.model_dump_json(exclude={"seats"}))
    return _Entry(seat, item, apart, named, widened, content)


def _linked(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    scores = {(one, other): score for one, other, score in _pairs(entries)}
    ranked = sorted(scores, key=lambda pair: _rank(entries[pair[0]], entries[pair[1]], scores[pair]))
    cluster_of = [[n] for n in range(len(entries))]
    for one, other in ranked:
        ours, theirs = cluster_of[one], cluster_of[other]
        if ours is not theirs and all((min(n, m), max(n, m)) in scores for n in ours for m in theirs):
            ours.extend(theirs)
            for member in theirs:
                cluster_of[member] = ours
    whole = {id(cluster): cluster for cluster in cluster_of}
    return [[entries[n] for n in cluster] for cluster in whole.values()]


def _pairs(entries: Sequence[_Entry]) -> Iterator[tuple[int, int, float]]:
    """The pairs of different seats that are alike enough, as numbers of entries, and how much."""
    for one, other in combinations(range(len(entries)), 2):
        first, second = entries[one], entries[other]
        if first.seat == second.seat:
            continue
        bonus = EVIDENCE_WEIGHT * _overlap(first, second)
        score = bonus + likeness(first.words, second.words, at_least=ALIKE - bonus)
        if score >= ALIKE and not contradict(first.words, second.words):
            yield one, other, score


def _overlap(one: _Entry, other: _Entry) -> float:
    """The larger share of one's proof that stands in the other's, neighbours counting less; 0 to 1."""
    if one.widened.isdisjoint(other.places):
        return 0.0
    return max(_share(one, other), _share(other, one))


def _share(one: _Entry, other: _Entry) -> float:
    same = len(one.places & other.places)
    beside = len((one.places - other.places) & other.widened)
    return (same + NEXT_TO * beside) / len(one.places)


def _rank(one: _Entry, other: _Entry, score: float) -> tuple[float, bool, list[tuple[object, ...]]]:
    """Best first; then equal texts; then by content."""
    return (-round(score, 9), one.content != other.content, sorted((one.content, other.content)))
