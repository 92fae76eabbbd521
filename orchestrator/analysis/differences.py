"""In what two analyses of one meeting differ, item by item. Pure.

What has one proof and one wording is one item, then what has one id; of the rest those are paired that are most alike
by wording and by the utterances that prove them, as alignment would pair the items of two seats. Each item stands in
one place of the answer. Asked the other way round, the answer is the same with its sides changed.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from orchestrator.analysis.items import KINDS, Analysis, Due, Item, Kind
from orchestrator.analysis.quotes import fold
from orchestrator.analysis.resemblance import apart, resemblance
from providers.calls import Value

Part: TypeAlias = Literal["text", "owner", "due"]

_Numbers: TypeAlias = dict[int, int]  # place in one list -> place in the other

_KEYS: Final[tuple[Callable[[Item], Hashable], ...]] = (
    lambda item: (item.id.partition("-")[0], fold(item.text)),  # numbers tell apart by the order of texts
    lambda item: item.id,
)


class Only(Value):
    """An item that one of the two has."""

    kind: Kind
    item: Item


class Both(Value):
    """An item that both have, and the parts that read differently."""

    kind: Kind
    before: Item
    after: Item
    parts: tuple[Part, ...]


class Differences(Value):
    """All items of both: by kind, then in the order in which they stand. `same` may differ in proof and confidence."""

    gone: tuple[Only, ...]
    new: tuple[Only, ...]
    changed: tuple[Both, ...]
    same: tuple[Both, ...]


def differences(before: Analysis, after: Analysis) -> Differences:
    """What became of the items of `before` in `after`."""
    gone: list[Only] = []
    new: list[Only] = []
    both: list[Both] = []
    for kind in KINDS:
        old, now = before.of(kind), after.of(kind)
        found = _paired(old, now)
        gone += [Only(kind=kind, item=old[n]) for n in range(len(old)) if n not in found]
        new += [Only(kind=kind, item=now[n]) for n in range(len(now)) if n not in found.values()]
        both += [_both(kind, old[n], now[found[n]]) for n in sorted(found)]
    return Differences(
        gone=tuple(gone),
        new=tuple(new),
        changed=tuple(one for one in both if one.parts),
        same=tuple(one for one in both if not one.parts),
    )


def _paired(old: Sequence[Item], now: Sequence[Item]) -> _Numbers:
    found: _Numbers = {}
    for key in _KEYS:
        places: defaultdict[Hashable, list[int]] = defaultdict(list)
        for n in _unpaired(now, found.values()):
            places[key(now[n])].append(n)
        for n in _unpaired(old, found):
            if places[key(old[n])]:
                found[n] = places[key(old[n])].pop(0)
    for n, m in _alike(old, now, found):
        if n not in found and m not in found.values():
            found[n] = m
    return found


def _unpaired(items: Sequence[Item], taken: Iterable[int]) -> list[int]:
    known = set(taken)
    return [n for n in range(len(items)) if n not in known]


def _alike(old: Sequence[Item], now: Sequence[Item], found: _Numbers) -> Iterator[tuple[int, int]]:
    """Pairs that are alike enough, the most alike first. Ties go by content, so that the sides may be changed."""
    rest = {m: apart(now[m]) for m in _unpaired(now, found.values())}
    ranked = []
    for n in _unpaired(old, found):
        one = apart(old[n])
        for m, other in rest.items():
            score = resemblance(one, other)
            if score:
                ranked.append((-round(score, 9), sorted((_content(old[n]), _content(now[m]))), n, m))
    return ((n, m) for _score, _contents, n, m in sorted(ranked))


def _content(item: Item) -> str:
    return f"{fold(item.text)}\n{item.model_dump_json()}"


def _both(kind: Kind, before: Item, after: Item) -> Both:
    differs: dict[Part, bool] = {
        "text": before.text != after.text,
        "owner": before.owner != after.owner,
        "due": _meaning(before.due) != _meaning(after.due),
    }
    return Both(kind=kind, before=before, after=after, parts=tuple(part for part in differs if differs[part]))


def _meaning(due: Due | None) -> str | None:
    """The day where it is known; else the words."""
    return None if due is None else due.date or fold(due.text)
