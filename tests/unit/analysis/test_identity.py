"""Items keep their names, and one item is listed once."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.identity import MAX_QUOTES, in_order, item_id, merged, told_apart, united
from orchestrator.analysis.items import Evidence, Item
from tests.unit.analysis.samples import PLACES, item


def first(group: Sequence[Item]) -> Item:
    return min(group, key=lambda one: one.text)


def test_an_id_is_a_name_of_the_contract() -> None:
    found = item_id("risks", ["It may rain."])

    assert found.startswith("itm_")
    assert len(found) == 30
    assert "-" not in found


@pytest.mark.parametrize("order", list(permutations(["it may rain.", "or snow.", "it may rain."])))
def test_an_id_depends_on_what_was_said_and_not_on_order_or_repetition(order: tuple[str, ...]) -> None:
    assert item_id("risks", order) == item_id("risks", ["or snow.", "it may rain."])


def test_an_id_changes_with_the_kind_and_with_the_proof() -> None:
    found = {
        item_id("risks", ["It may rain."]),
        item_id("topics", ["It may rain."]),
        item_id("risks", ["It may rain.", "Yes."]),
        item_id("risks", []),
    }

    assert len(found) == 4


def test_items_with_one_proof_are_numbered_by_their_texts() -> None:
    ship, book, hire = item("Ship it", "s1"), item("Book it", "s1"), item("Hire two", "s2")

    found = told_apart([ship, hire, book])

    assert [one.id for one in found] == [f"{ship.id}-2", hire.id, book.id]
    assert told_apart(found) == found
    assert [one.id for one in told_apart([book, ship, hire])] == [book.id, f"{ship.id}-2", hire.id]


def test_items_stand_in_the_order_of_the_meeting() -> None:
    late, early, same = item("late", "s9", "s4"), item("early", "s3"), item("also", "s3")

    assert in_order([late, early, same], PLACES) == (same, early, late)


def test_others_evidence_adds_what_is_new_up_to_five_quotes() -> None:
    own = [Evidence(utterances=(f"s{n}",), quote="we ship on Friday") for n in (8, 2)]
    inside = Evidence(utterances=("s2",), quote="ship on")
    elsewhere = [Evidence(utterances=(f"s{n}",), quote="ship on") for n in (3, 4, 5, 6)]

    found = united(own, [inside, *elsewhere, *own], PLACES)

    assert len(found) == MAX_QUOTES
    assert [one.utterances for one in found] == [("s2",), ("s3",), ("s4",), ("s5",), ("s8",)]


def test_the_same_text_is_one_item_wherever_it_is_proved() -> None:
    found = merged([item("Ship it", "s1"), item("SHIP it", "s9"), item("Hire two", "s1")], first)

    assert sorted(one.text for one in found) == ["Hire two", "SHIP it"]


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (item("Ship the release this Friday", "s1", "s2"), 1),
        (item("Ship the release this Friday", "s2"), 2),
        (item("Do not ship the release Friday", "s1"), 2),
        (item("Hire two testers", "s1"), 2),
    ],
)
def test_an_added_detail_is_one_item_if_the_proof_is_shared(other: Item, count: int) -> None:
    assert len(merged([item("Ship the release Friday", "s1"), other], first)) == count


@given(st.permutations(range(5)))
def test_groups_do_not_depend_on_the_order(order: list[int]) -> None:
    items = [
        item("Ship the release", "s1"),
        item("Ship the release Friday", "s1", "s2"),
        item("Ship Friday the release to customers", "s2"),
        item("Hire two testers", "s2"),
        item("hire two testers", "s5"),
    ]

    found = merged([items[n] for n in order], first)

    assert {one.text for one in found} == {one.text for one in merged(items, first)}
