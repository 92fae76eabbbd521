"""Which items of different seats are about the same matter. Pure.

Two items are alike by what proves them and by what they say. Clusters grow by the pair of clusters whose items are
most alike on average, as long as that average is enough (average link), so that one small step after the other does not
join two different things; a cluster holds at most one item per seat. Ties are broken by content, so the order of the
seats cannot matter.

Items that lean on the same proof and contradict each other in a figure or by a "not" are rival readings of one matter
and share a cluster; which reading holds is decided elsewhere (`wording.py`). Without common proof they are two matters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from orchestrator.analysis.items import Candidate, Item, Kind
from orchestrator.analysis.likeness import Words, contradict, likeness, words
from orchestrator.analysis.proofs import Proof, proof, sharpness, together
from providers.calls import Value

ALIKE: Final = 0.6  # without common proof: of different items, one in a hundred reaches 0.5
EVIDENCE_WEIGHT: Final = (
    0.35  # with the same proof, a likeness of 0.25 is enough: nineteen paraphrases in twenty reach it
)
IN_COMMON: Final = 0.1  # of the words of two items: with fewer, and no proof in common, only their letters are alike
UNLIKE: Final = 0.4  # a pair below it counts 0 in an average, so that a few equal texts do not carry strangers along

_Content: TypeAlias = tuple[str, str, tuple[int, ...], str]


class Cluster(Value):
    """One matter as several seats have it: (seat, item) in the order of seats, each seat at most once."""

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
    proof: Proof
    content: _Content


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
    return tuple(
        Cluster(members=tuple((entry.seat, entry.item) for entry in sorted(cluster, key=lambda entry: entry.seat)))
        for cluster in sorted(_linked(entries), key=_first)
    )


def _entry(seat: int, item: Item, places: Mapping[str, int]) -> _Entry:
    where, apart = proof(item, places), words(item.text)
    content = (apart.folded, item.text, tuple(sorted(where.places)), item.model_dump_json(exclude={"seats"}))
    return _Entry(seat, item, apart, where, content)


def _first(cluster: Sequence[_Entry]) -> tuple[int, _Content]:
    return min((min(one.proof.places), one.content) for one in cluster)


def _linked(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    """Equal items first; then, as often as there is one, the pair of clusters that is most alike."""
    linking = _Linking(_equal(entries))
    for one, other, score in _pairs(linking.clusters):
        linking.note(one, other, score)
    linking.run()
    return [cluster for cluster in linking.clusters if cluster]


def _equal(entries: Sequence[_Entry]) -> list[list[_Entry]]:
    """The entries, those of equal content together: which of them is whose can then decide nothing."""
    by_content: defaultdict[_Content, list[_Entry]] = defaultdict(list)
    for entry in entries:
        by_content[entry.content].append(entry)
    return [by_content[content] for content in sorted(by_content)]


def _pairs(groups: Sequence[Sequence[_Entry]]) -> Iterator[tuple[int, int, float]]:
    """The pairs of groups of equal items that are not unlike, as numbers, and how alike."""
    firsts = [group[0] for group in groups]
    counts = sharpness((entry.seat, entry.proof) for group in groups for entry in group)
    for one, other in _touching(firsts):
        first, second = firsts[one], firsts[other]
        common = together(first.proof, second.proof, counts)
        bonus = EVIDENCE_WEIGHT * common
        score = bonus + likeness(first.words, second.words, at_least=UNLIKE - bonus)
        if score >= UNLIKE and (common or not contradict(first.words, second.words)):
            yield one, other, score


def _touching(entries: Sequence[_Entry]) -> Iterator[tuple[int, int]]:
    """The pairs, as numbers, worth comparing: with a place, a fifth of their words or all their text in common."""
    saying: defaultdict[str, list[int]] = defaultdict(list)
    proved: defaultdict[int, list[int]] = defaultdict(list)
    same: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        stems, places = entry.words.stems, entry.proof.places
        shared = Counter(other for stem in stems for other in saying[stem])
        near = {other for place in entry.proof.widened for other in proved[place]}
        near.update(same[entry.words.folded])
        near.update(n for n, count in shared.items() if count >= IN_COMMON * (len(stems) + len(entries[n].words.stems)))
        yield from ((other, number) for other in sorted(near))
        for stem in stems:
            saying[stem].append(number)
        for place in places:
            proved[place].append(number)
        same[entry.words.folded].append(number)


class _Linking:
    """Clusters that grow, by number in the order of their contents; the one that was joined to another is empty."""

    def __init__(self, clusters: list[list[_Entry]]) -> None:
        self.clusters = clusters
        self._seats = [{entry.seat for entry in cluster} for cluster in clusters]
        self._sums: list[dict[int, float]] = [{} for _ in clusters]  # of the scores between two clusters' items
        self._waiting: list[tuple[float, int, int]] = []

    def note(self, one: int, other: int, score: float) -> None:
        """How alike the equal items of two clusters are."""
        pairs = len(self.clusters[one]) * len(self.clusters[other])
        self._sums[one][other] = self._sums[other][one] = score * pairs
        if self._average(one, other) >= ALIKE:
            self._waiting.append((-self._average(one, other), one, other))

    def run(self) -> None:
        heapify(self._waiting)
        while self._waiting:
            score, one, other = heappop(self._waiting)
            if self._may_join(one, other) and -score == self._average(one, other):
                self._join(one, other)

    def _may_join(self, one: int, other: int) -> bool:
        is_alive = bool(self.clusters[one]) and bool(self.clusters[other])
        return is_alive and self._seats[one].isdisjoint(self._seats[other])

    def _join(self, one: int, other: int) -> None:
        self.clusters[one] = [*self.clusters[one], *self.clusters[other]]
        self.clusters[other] = []
        self._seats[one] |= self._seats[other]
        for third, total in self._sums[other].items():
            if third != one:
                self._sums[one][third] = self._sums[one].get(third, 0.0) + total
                self._sums[third][one] = self._sums[one][third]
        for third in self._sums[one]:
            if self._may_join(*sorted((one, third))) and self._average(one, third) >= ALIKE:
                first, second = sorted((one, third))
                heappush(self._waiting, (-self._average(one, third), first, second))

    def _average(self, one: int, other: int) -> float:
        """Rounded, so that the order of a sum cannot decide."""
        pairs = len(self.clusters[one]) * len(self.clusters[other])
        return round(self._sums[one].get(other, 0.0) / pairs, 9)
