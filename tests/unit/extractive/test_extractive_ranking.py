"""Centrality, segmentation, redundancy and headings: the parts of `central-sentences`."""

from collections import Counter
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import amounts, graph, nouns, phrases, summaries, tiling
from providers.extractive.conversation import Statement
from providers.extractive.phrases import Terms
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
    moved = [replace(s, place=len(many) + s.place) for s in poor]

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


def terms(**held: int) -> Terms:
    counts = Counter({name.replace("_", " "): times for name, times in held.items()})
    return Terms(counts, {term: term for term in counts})


def counted(*said: str) -> Terms:
    """The terms of English statements."""
    read = phrases.read(statements(*said))
    return phrases.count(read, nouns.learn(chain.from_iterable(read), "en"))


def test_a_heading_prefers_what_is_special_to_its_stretch_and_no_two_share_a_word() -> None:
    here = terms(rubber_case=3, rubber=4, case=3, meeting=4, once=1, price=2)
    there = terms(meeting=40, rubber=2, winter=2)

    assert phrases.headings([here, there], 2) == [("rubber case", "price"), ("meeting", "winter")]
    assert phrases.headings([here], 9) == [("rubber case", "meeting", "price")]


def test_a_word_that_is_mostly_said_in_a_pair_is_named_by_the_pair() -> None:
    assert phrases.headings([terms(remote=50, remote_control=14, button=30, red_button=2)]) == [
        ("remote control", "button")
    ]


def test_a_pair_said_once_in_a_stretch_names_it_if_the_meeting_repeats_it() -> None:
    assert phrases.headings([terms(locator_function=1), terms(locator_function=1)]) == [("locator function",), ()]


def test_a_stretch_that_repeats_nothing_has_no_heading() -> None:
    assert phrases.headings([terms(rubber=1, yellow_case=1)]) == [()]


def test_pairs_of_characters_that_overlap_name_one_thing() -> None:
    assert phrases.headings([terms(电池=5, 池材=4, 标准=3)]) == [("电池", "标准")]


def test_a_title_keeps_the_capitals_of_an_abbreviation() -> None:
    (statement,) = statements("Kind of like a PDA screen.")

    assert phrases.title(["pda screen", "case"], statement) == "PDA screen, case"
    assert phrases.title(["case"], statement) == "Case"


def test_only_nouns_and_their_pairs_are_terms() -> None:
    found = counted(
        "The remote controls get lost.",
        "You lose the remote controls of a television.",
        "Sorry, you always lose it.",
        "We look for the basic television, playing.",
    )

    assert found.held == Counter({"control": 2, "television": 2, "remote control": 2, "basic television": 1})
    assert found.spelled["remote control"] == "remote controls"


def test_a_phrase_does_not_reach_across_a_mark() -> None:
    assert "rubber case" not in counted("The rubber, case of a kind.", "My rubber, case of a kind.").held


def test_where_the_language_is_unknown_any_content_word_may_be_a_term() -> None:
    read = phrases.read(statements("Kanban sorry velocity.", "Yes."))

    found = phrases.count(read, nouns.learn(chain.from_iterable(read), "und"))

    assert found.held == Counter({"kanban": 1, "velocity": 1})


def test_a_topic_is_proved_by_the_pieces_that_hold_it() -> None:
    (statement,) = heard(("Ann", "It has a locator"), ("Ann", "function like those rings,")).statements

    assert [part.name for part in phrases.proof(statement, ["ring"])] == ["u2"]
    assert [part.name for part in phrases.proof(statement, ["locator function"])] == ["u1", "u2"]
    assert phrases.held(statement, ["rings", "locator functions", "function locator", "rubber"]) == 2


@pytest.mark.parametrize(("tokens", "expected"), [(100, 5), (2_700, 6), (9_000, 12), (900_000, 12)])
def test_longer_meetings_get_more_tasks_within_reason(tokens: int, expected: int) -> None:
    assert amounts.of("action_items", tokens) == expected
