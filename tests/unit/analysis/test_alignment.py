"""Which items of different seats are the same."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.alignment import Cluster, align
from orchestrator.analysis.items import KINDS, Candidate, Item
from tests.unit.analysis.samples import PLACES, candidate, item, panels, seated


def aligned(*found: Item) -> list[list[str]]:
    """The texts of each cluster, each item brought by a seat of its own."""
    panel = {seat: seated(candidate(one), seat) for seat, one in enumerate(found)}
    return [[one.text for one in cluster.items] for cluster in align(panel, "decisions", PLACES)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (item("The beta ships on Friday", "s2"), item("The beta ships on Friday", "s2"), True),
        (item("The beta ships on Friday", "s2"), item("the beta ships on friday", "s20"), True),
        (item("The beta ships on Friday", "s2"), item("On Friday they ship a beta", "s2"), True),
        (item("The beta ships on Friday", "s2"), item("On Friday they ship a beta", "s3"), True),
        (item("The beta ships on Friday", "s2"), item("On Friday they ship a beta", "s2", "s3", "s4"), True),
        (item("The beta ships on Friday", "s2"), item("Friday is the day of the beta", "s9"), True),
        (item("The beta ships on Friday", "s2"), item("The beta needs another name", "s9"), False),
        (item("The beta ships on Friday", "s2"), item("Hire two testers", "s2"), False),
        (item("The beta ships on Friday", "s2"), item("The beta does not ship on Friday", "s2"), True),
        (item("The beta ships on Friday", "s2"), item("The beta does not ship on Friday", "s9"), False),
        (item("Hire 2 testers", "s2"), item("Hire 3 testers", "s2"), True),
        (item("Hire 2 testers", "s2"), item("Hire 3 testers", "s9"), False),
        (item("Hire two testers", "s2"), item("Hire 2 testers", "s2"), True),
    ],
)
def test_two_items_are_one_matter_by_their_proof_and_their_words(one: Item, other: Item, same: bool) -> None:
    assert len(aligned(one, other)) == (1 if same else 2)


def test_a_seat_stands_in_a_cluster_once_with_its_best_fitting_item() -> None:
    ship, review = item("Ann ships the beta", "s2"), item("Ann ships the beta after the review", "s2")
    panel = {0: seated(candidate(ship, review), 0), 1: seated(candidate(ship), 1)}

    clusters = align(panel, "decisions", PLACES)

    assert [(cluster.seats, [one.text for one in cluster.items]) for cluster in clusters] == [
        ((0, 1), ["Ann ships the beta", "Ann ships the beta"]),
        ((0,), ["Ann ships the beta after the review"]),
    ]


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize(
    ("one", "rivals"),
    [
        (item("ship it", "s2"), [item("ship it", "s2"), item("Ship it", "s2")]),
        (item("Ship it", "s5"), [item("Ship it", "s4"), item("Ship it", "s6")]),
    ],
    ids=["identical first", "then by content"],
)
def test_of_equally_fitting_items_the_same_one_is_taken_in_any_order(one: Item, rivals: list[Item], turn: int) -> None:
    panel = {0: seated(candidate(one), 0), 1: seated(candidate(*rivals[::turn]), 1)}

    joined = [cluster for cluster in align(panel, "decisions", PLACES) if len(cluster.members) == 2]

    assert [cluster.items[1].id for cluster in joined] == [rivals[0].id]
    assert [cluster.items[1].text for cluster in joined] == [rivals[0].text]


def test_small_steps_do_not_join_two_different_things() -> None:
    near = item("Ann sends the report to Bo", "s3")
    found = aligned(item("Ann sends the report", "s2"), near, item("Bo will read and sign the contract", "s4", "s5"))

    assert found == [["Ann sends the report", near.text], ["Bo will read and sign the contract"]]


def test_a_turn_that_proves_several_items_of_a_seat_tells_them_apart_less() -> None:
    ship, hire = item("Ann ships the beta soon", "s2"), item("Bo hires testers for the beta", "s2")
    other = item("Somebody sends customers the beta", "s2")

    alone = align({0: candidate(ship), 1: seated(candidate(other), 1)}, "decisions", PLACES)
    beside = align({0: candidate(ship, hire), 1: seated(candidate(other), 1)}, "decisions", PLACES)

    assert len(alone) == 1
    assert len(beside) == 3


def test_clusters_stand_in_the_order_of_the_meeting() -> None:
    found = aligned(item("Late thing", "s9"), item("Early matter", "s2"), item("Budget approved", "s2"))

    assert found == [["Budget approved"], ["Early matter"], ["Late thing"]]


def test_no_items_make_no_clusters() -> None:
    assert align({0: candidate(), 1: candidate()}, "risks", PLACES) == ()


def as_sets(clusters: tuple[Cluster, ...]) -> list[set[tuple[int, str]]]:
    return [{(seat, one.model_dump_json(exclude={"seats"})) for seat, one in cluster.members} for cluster in clusters]


@given(panels())
def test_every_item_is_in_one_cluster_and_every_seat_in_a_cluster_once(panel: dict[int, Candidate]) -> None:
    for kind in KINDS:
        clusters = align(panel, kind, PLACES)

        placed = [one for cluster in clusters for one in cluster.items]
        assert sorted(map(repr, placed)) == sorted(repr(one) for found in panel.values() for one in found.of(kind))
        assert all(len(set(cluster.seats)) == len(cluster.seats) for cluster in clusters)


@given(panels(max_seats=4).flatmap(lambda panel: st.tuples(st.just(panel), st.permutations(list(panel)))))
def test_clusters_do_not_depend_on_which_seat_is_which(made: tuple[dict[int, Candidate], list[int]]) -> None:
    panel, order = made
    moved = {order[seat]: seated(found, order[seat]) for seat, found in panel.items()}

    for kind in KINDS:
        expected = [
            {(order[seat], content) for seat, content in cluster} for cluster in as_sets(align(panel, kind, PLACES))
        ]
        assert as_sets(align(moved, kind, PLACES)) == expected


def test_aligning_takes_no_more_than_four_times_as_long_for_lists_of_twice_the_length() -> None:
    """Each item is compared with each once. A ratio, in processor time: what the machine does beside does not count."""
    few, many = full_panel(25), full_panel(50)

    ratio = fastest_s(many) / fastest_s(few)

    assert ratio < 6


def full_panel(items: int) -> dict[int, Candidate]:
    """Five seats with so many decisions each, of made-up words."""
    chance = random.Random(7)
    words = [f"{start}{end}ing" for start in "abcdefghij" for end in ("rom", "lun", "tis", "vek", "dop", "san")]
    return {
        seat: seated(
            candidate(*(item(" ".join(chance.sample(words, 12)), f"s{chance.randrange(1_000)}") for _ in range(items))),
            seat,
        )
        for seat in range(5)
    }


def fastest_s(panel: dict[int, Candidate]) -> float:
    places = {f"s{number}": number for number in range(1_000)}
    times_s = []
    for _ in range(7):
        started_s = time.process_time()
        align(panel, "decisions", places)
        times_s.append(time.process_time() - started_s)
    return min(times_s)
