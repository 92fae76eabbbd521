"""What an item is called, and when two items of one list are one. Pure.

An id is made of the item's kind and of what was said where it is proved, not of a model's wording, an utterance's id
or a seat: so it is the same whichever model found the item, in whatever order, on every replay, and after another
part of the transcript was corrected. Items of one kind with the same proof share the name and are told apart by a
number, in the order of their texts.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from orchestrator.analysis.items import Evidence, Item, Kind
from orchestrator.analysis.likeness import Words, contradict, words
from orchestrator.analysis.quotes import fold

SAME_TEXT: Final = 93.0  # token_set_ratio, and evidence in common: a slip of a letter or an added detail
MAX_QUOTES: Final = 5  # a reader checks two or three
ID_BYTES: Final = 16  # as many random-looking bits as the other ids of the contract have


def item_id(kind: Kind, said: Iterable[str]) -> str:
    """Name an item by the texts of the utterances that prove it: folded, in any order."""
    lines = "\n".join((kind, *sorted(set(said))))
    digest = hashlib.sha256(lines.encode()).digest()[:ID_BYTES]
    return f"itm_{base64.b32encode(digest).decode().lower().rstrip('=')}"


def told_apart(items: Iterable[Item]) -> tuple[Item, ...]:
    """The same items in the same order, those that share a name numbered from the second on. Safe to run twice."""
    whole = list(items)
    seen: Counter[str] = Counter()
    for place in sorted(range(len(whole)), key=lambda n: (fold(whole[n].text), whole[n].text)):
        name = whole[place].id.partition("-")[0]
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
        whole[place] = whole[place].model_copy(update={"id": unique})
    return tuple(whole)


def in_order(items: Iterable[Item], places: Mapping[str, int]) -> tuple[Item, ...]:
    """Items in the order in which the meeting came to them, whichever order their models chose."""
    return tuple(sorted(items, key=lambda item: (_first_place(item, places), fold(item.text), item.text, item.id)))


def united(own: Iterable[Evidence], others: Iterable[Evidence], places: Mapping[str, int]) -> tuple[Evidence, ...]:
    """An item's own evidence and what others add to it: at most `MAX_QUOTES`, in the order of the transcript.

    Others' quotes that lie within one already kept add nothing.
    """

    def place(piece: Evidence) -> tuple[int, int, str]:
        return places[piece.utterances[0]], len(piece.utterances), piece.quote

    kept = sorted(set(own), key=place)
    for piece in sorted(set(others), key=place):
        if not any(set(piece.utterances) <= set(one.utterances) and piece.quote in one.quote for one in kept):
            kept.append(piece)
    return tuple(sorted(kept[:MAX_QUOTES], key=place))


def merged(
    items: Sequence[Item],
    merge: Callable[[Sequence[Item]], Item],
    *,
    proof: Callable[[Item], frozenset[str]] | None = None,
) -> tuple[Item, ...]:
    """One item for each group that says the same, made by `merge`; groups grow by any two members that agree.

    `proof`: what two items must have in common unless their texts are the same; without it, an utterance.
    """
    prove = proof or utterances
    groups: list[list[_Apart]] = []
    for one in [_Apart(item, words(item.text), prove(item)) for item in items]:
        same = [group for group in groups if any(_is_same(one, other) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([one, *(other for group in same for other in group)])
    return tuple(merge([one.item for one in group]) for group in groups)


def utterances(item: Item) -> frozenset[str]:
    """All that an item's evidence names."""
    return frozenset(utterance for piece in item.evidence for utterance in piece.utterances)


@dataclass(frozen=True, slots=True)
class _Apart:
    item: Item
    words: Words
    utterances: frozenset[str]


def _is_same(one: _Apart, other: _Apart) -> bool:
    if one.words.folded == other.words.folded:
        return True
    if one.utterances.isdisjoint(other.utterances) or contradict(one.words, other.words):
        return False
    return fuzz.token_set_ratio(one.words.folded, other.words.folded) >= SAME_TEXT


def _first_place(item: Item, places: Mapping[str, int]) -> int:
    return min(places[utterance] for utterance in utterances(item))
