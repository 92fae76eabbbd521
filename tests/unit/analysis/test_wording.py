"""A matter is told in the words that are best borne out, and backed by those who do not contradict them."""

from itertools import permutations

import pytest

from orchestrator.analysis.alignment import Cluster
from orchestrator.analysis.items import Item
from orchestrator.analysis.wording import Reading, choose
from tests.unit.analysis.samples import item


def chosen(*items: Item, weights: dict[int, float] | None = None) -> Reading:
    cluster = Cluster(members=tuple(enumerate(items)))
    return choose(cluster, lambda seat: (weights or {}).get(seat, 1.0))


def test_what_the_proof_says_counts_more_than_what_others_say() -> None:
    said = item("Ann posts the minutes", "s2", quote="Ann will post minutes today")
    other = item("The client posts the minutes", "s2", quote="minutes today")

    assert chosen(said, other, other).item == said


def test_without_proof_the_others_words_decide() -> None:
    odd, usual = item("Ann posts the minutes", "s2"), item("Bob Lee posts minutes", "s2")

    assert chosen(odd, usual, item("Minutes are posted, says Bob Lee", "s2")).item == usual


def test_seats_weigh() -> None:
    one, other = item("Hire 2 testers", "s2"), item("Hire 3 testers", "s2")

    assert chosen(one, one, other).item.text == "Hire 2 testers"
    assert chosen(one, one, other, weights={2: 5.0}).item.text == "Hire 3 testers"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_contradicts_does_not_back(order: tuple[int, ...]) -> None:
    items = [item("Hire 2 testers", "s2"), item("Hire 3 testers", "s2"), item("They hire two testers", "s2")]

    found = chosen(*(items[n] for n in order))

    assert {one.text for _seat, one in found.backers} == {"Hire 2 testers", "They hire two testers"}
    assert found.seats == tuple(sorted((order.index(0), order.index(2))))


def test_a_text_without_content_words_is_never_unborne() -> None:
    empty = item("to of", "s2", confidence=0.9)

    assert chosen(empty).item == empty
