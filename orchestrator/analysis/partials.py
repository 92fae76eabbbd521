"""What the seats that have answered found, before anything is synthesised: verified items only. Pure.

Items of different seats about one matter are put together as consensus does (`alignment.py`) and told in the words that
are best borne out (`wording.py`), but nothing is decided: no vote keeps or drops an item, and a rival reading, which a
synthesis would let go, stays an item of its own. So each verified item of each seat is in exactly one of these.

An item's id is the one that a synthesis over the same seats would give it. Another seat's answer can bring better
words, and with them another id; `named` keeps what each seat calls it, so that an id once told can be found again.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from orchestrator.analysis import wording
from orchestrator.analysis.alignment import Cluster, align
from orchestrator.analysis.identity import in_order, told_apart, united
from orchestrator.analysis.items import KINDS, Candidate, Item, Kind
from orchestrator.analysis.prompts import MAX_ITEMS_PER_KIND
from orchestrator.analysis.wording import Reading
from providers.calls import JsonObject, Value

# Ids of a kind in one event: as many as one answer holds. A seat that is asked in parts adds up several.
MOST_NAMED: Final = MAX_ITEMS_PER_KIND


class Named(Value):
    """What a seat calls an item."""

    seat: int
    id: str


class PartialItem(Item):
    """An item of seats that have answered. Confidence, owner and due date are those of the seat whose words are shown:
    no agreement is counted and nobody has voted.
    """

    named: tuple[Named, ...]


def news(seat: int, document: JsonObject) -> JsonObject | None:
    """What an event tells of a seat's candidate: ids and counts of its verified items by kind; None: it has none."""
    candidate = _verified(Candidate.model_validate(document))
    ids = {kind: [item.id for item in candidate.of(kind)] for kind in KINDS if candidate.of(kind)}
    if not ids:
        return None
    counts: JsonObject = {kind: len(names) for kind, names in ids.items()}
    items: JsonObject = {kind: [*names[:MOST_NAMED]] for kind, names in ids.items()}
    return {"seat": seat, "counts": counts, "items": items}


def so_far(candidates: Mapping[int, Candidate], places: Mapping[str, int]) -> dict[Kind, tuple[PartialItem, ...]]:
    """The verified items of all these seats, each matter once, in the order of the transcript; a kind's ids are unique.

    Args:
        candidates: by seat; may be empty.
        places: of each utterance in the transcript, by id.
    """
    proved = {seat: _verified(one) for seat, one in candidates.items()}
    return {kind: _of_kind(proved, kind, places) for kind in KINDS}


def _verified(candidate: Candidate) -> Candidate:
    lists: dict[str, tuple[Item, ...]] = {
        kind: tuple(item for item in candidate.of(kind) if item.verified) for kind in KINDS
    }
    return candidate.model_copy(update=lists)


def _of_kind(proved: Mapping[int, Candidate], kind: Kind, places: Mapping[str, int]) -> tuple[PartialItem, ...]:
    readings = [reading for cluster in align(proved, kind, places) for reading in _readings(cluster)]
    told = told_apart(in_order((_item(one, places) for one in readings), places))
    return tuple(item for item in told if isinstance(item, PartialItem))


def _readings(cluster: Cluster) -> Iterator[Reading]:
    """All readings of one matter: the best, then the best of those that contradict it, until nobody is left."""
    left = cluster.members
    while left:
        reading = wording.choose(Cluster(members=left), lambda _seat: 1.0)
        yield reading
        left = tuple(one for one in left if one not in reading.backers and one[1] is not reading.item)


def _item(reading: Reading, places: Mapping[str, int]) -> PartialItem:
    chosen = reading.item
    others = (piece for _seat, item in reading.backers if item is not chosen for piece in item.evidence)
    return PartialItem(
        id=chosen.id,
        text=chosen.text,
        evidence=united(chosen.evidence, others, places),
        confidence=chosen.confidence,
        seats=reading.seats,
        verified=True,
        owner=chosen.owner,
        due=chosen.due,
        named=tuple(Named(seat=seat, id=item.id) for seat, item in reading.backers),
    )
