"""Whether two items say the same of the same place, told without the transcript. Pure.

Alignment's measure, for items of which only the names of utterances are known: the larger share of one's proof that
stands in the other's, and the likeness of the words. What contradicts itself is never the same.
"""

from dataclasses import dataclass

from orchestrator.analysis.alignment import ALIKE, EVIDENCE_WEIGHT
from orchestrator.analysis.identity import utterances
from orchestrator.analysis.items import Item
from orchestrator.analysis.likeness import Words, contradict, likeness, words


@dataclass(frozen=True, slots=True)
class Apart:
    """An item, taken apart once for many comparisons."""

    item: Item
    words: Words
    utterances: frozenset[str]


def apart(item: Item) -> Apart:
    """Take an item apart."""
    return Apart(item, words(item.text), utterances(item))


def resemblance(one: Apart, other: Apart) -> float:
    """How alike, symmetrical; 0 for all that is not alike enough to be one item."""
    bonus = EVIDENCE_WEIGHT * _overlap(one.utterances, other.utterances)
    score = bonus + likeness(one.words, other.words, at_least=ALIKE - bonus)
    return 0.0 if score < ALIKE or contradict(one.words, other.words) else score


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared else 0.0
