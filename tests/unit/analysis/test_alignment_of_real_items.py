"""The weights of alignment, held against what people and paraphrasers wrote of real meetings."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import pytest

from orchestrator.analysis.alignment import align
from orchestrator.analysis.items import Candidate, Item
from tests.shared_data import shared
from tests.unit.analysis.samples import candidate, item

Pairs = set[frozenset[str]]


def groups(keep: float) -> Iterator[tuple[dict[int, Candidate], dict[str, int]]]:
    """Panels of three seats, each with its own wording of a meeting's items and a share of them left out."""
    chance = random.Random(4)
    for file in sorted(shared("transcripts/panel").glob("*.json")):
        seed = json.loads(file.read_text("utf-8"))
        places = {
            one["id"]: place
            for place, one in enumerate(json.loads((file.parent / seed["transcript"]).read_text("utf-8"))["segments"])
        }
        by_type: dict[str, dict[int, list[Item]]] = defaultdict(lambda: {0: [], 1: [], 2: []})
        for gold in (one for one in seed["items"] if one["evidence"]):
            for seat, text in enumerate((gold["text"], *gold.get("paraphrases", ()))):
                if chance.random() < keep:
                    named = item(text, *gold["evidence"], seat=seat).model_copy(update={"id": f"{gold['id']}/{seat}"})
                    by_type[gold["type"]][seat].append(named)
        for lists in by_type.values():
            yield {seat: candidate(*found) for seat, found in lists.items()}, places


@pytest.mark.parametrize(("keep", "precision", "recall"), [(1.0, 0.99, 0.9), (0.6, 0.9, 0.8), (0.35, 0.75, 0.7)])
def test_paraphrases_of_one_item_meet_and_different_items_do_not(keep: float, precision: float, recall: float) -> None:
    found: Pairs = set()
    wanted: Pairs = set()

    for number, (panel, places) in enumerate(groups(keep)):
        named = [f"{number}:{one.id}" for seat in panel.values() for one in seat.decisions]
        wanted |= {frozenset(pair) for pair in combinations(named, 2) if len({n.partition("/")[0] for n in pair}) == 1}
        for cluster in align(panel, "decisions", places):
            found |= {frozenset(pair) for pair in combinations((f"{number}:{one.id}" for one in cluster.items), 2)}

    assert len(wanted) > 10
    assert len(found & wanted) / len(found) >= precision
    assert len(found & wanted) / len(wanted) >= recall
