"""Centrality, segmentation, redundancy and headings: the parts of `central-sentences`."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import amounts, graph, phrases, summaries, tiling
from providers.extractive.conversation import Statement
from tests.unit.extractive.asking import heard

MODEL = "central-sentences"


def statements(*said: str) -> tuple[Statement, ...]:
    return heard(*[("Ann", text) for text in said]).statements


HUB = (
    "The battery supplier raised prices for rubber cases.",
    "Another battery supplier offers lower freight.",
    "Prices for rubber rose during winter.",
    "Rubber cases need colour samples.",
    "My grandmother collects porcelain elephants.",
)


def test_the_statement_that_shares_most_with_the_others_is_the_most_central() -> None:
    central = graph.centrality(statements(*HUB))

    assert max(central, key=lambda place: central[place]) == 0
    assert central[0] == 1.0
    assert min(central, key=lambda place: central[place]) == 4


def test_statements_with_too_little_content_are_no_nodes() -> None:
    assert graph.centrality(statements("Yes.", "Rubber.")) == {}
    assert graph.centrality(()) == {}


def test_only_the_richest_statements_of_a_very_long_meeting_become_nodes() -> None:
    many = statements(*[f"Common rubber battery supplier item{number}." for number in range(graph.MAX_NODES)])
    poor = statements(*[f"alpha{number} beta{number} gamma{number}." for number in range(5)])
    moved = [Statement(len(many) + s.place, s.speaker, s.parts, s.text, s.tokens, s.terms) for s in poor]

    central = graph.centrality([*many, *moved])

    assert len(central) == graph.MAX_NODES
    assert not central.keys() & {s.place for s in moved}


def test_a_vector_has_length_one_and_is_like_itself() -> None:
    (one, other) = statements("Rubber cases need samples.", "I am.")
    idf = graph.rarity([one, other])

    assert graph.cosine(graph.vector(one, idf), graph.vector(one, idf)) == pytest.approx(1.0)
    assert graph.cosine(graph.vector(one, idf), graph.vector(other, idf)) == 0.0
    assert graph.vector(other, idf) == {}


def test_a_meeting_is_cut_where_its_vocabulary_changes() -> None:
    first = [f"Battery voltage charger socket cable plug number{n}." for n in range(30)]
    second = [f"Marketing survey customer brochure campaign poster number{n}." for n in range(30)]

    stretches = tiling.segments(statements(*first, *second), 2)

    assert [len(stretch) for stretch in stretches] == [pytest.approx(30, abs=4), pytest.approx(30, abs=4)]


@given(st.lists(st.sampled_from(HUB), max_size=60), st.integers(1, 8))
def test_the_stretches_are_the_whole_meeting_in_order(said: list[str], limit: int) -> None:
    whole = statements(*said) if said else ()

    stretches = tiling.segments(whole, limit)

    assert tuple(statement for stretch in stretches for statement in stretch) == whole
    assert len(stretches) <= limit
    assert all(stretches)


def test_a_summary_does_not_say_the_same_thing_twice() -> None:
    said = statements(
        "Rubber cases need colour samples.", "The rubber cases need colour samples.", "Freight prices rose in winter."
    )

    picked = summaries.pick(said, {0: 1.0, 1: 0.99, 2: 0.6}, 2)

    assert [statement.place for statement in picked] == [0, 2]


def test_a_summary_ends_when_nothing_is_left() -> None:
    said = statements(*HUB)

    assert len(summaries.pick(said, {0: 1.0, 3: 0.5}, 7)) == 2
    assert summaries.pick(said, {}, 7) == []


def test_a_heading_prefers_what_is_special_to_its_stretch_and_repeats_no_word() -> None:
    inside = Counter({"rubber cases": 3, "rubber": 4, "cases": 3, "meeting": 4, "once": 1, "price": 2})
    everywhere = inside + Counter({"meeting": 40})

    assert phrases.leading(inside, everywhere, 2) == ["rubber cases", "price"]
    assert phrases.leading(inside, everywhere, 9) == ["rubber cases", "price", "meeting"]
    assert phrases.title(["rubber cases", "price"]) == "Rubber cases, price"


def test_pairs_of_characters_that_overlap_name_one_thing() -> None:
    counts = Counter({"电池": 5, "池材": 4, "标准": 3})

    assert phrases.leading(counts, counts, 3) == ["电池", "标准"]


def test_phrases_are_single_words_and_neighbours_with_content() -> None:
    counts = phrases.count(statements("The rubber case, the rubber rubber case."))

    assert counts == Counter({"rubber": 3, "case": 2, "rubber case": 2})


@pytest.mark.parametrize(("tokens", "expected"), [(100, 5), (2_700, 6), (9_000, 12), (900_000, 12)])
def test_longer_meetings_get_more_tasks_within_reason(tokens: int, expected: int) -> None:
    assert amounts.of("action_items", tokens) == expected
