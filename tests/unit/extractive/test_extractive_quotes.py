"""What a stranger reads as proof: quotes without fillers, statements without false starts, clauses that stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import clauses, quotes, tidy
from providers.extractive.answering import MODELS
from tests.unit.extractive.asking import ask, heard
from tests.unit.extractive.test_extractive_cues import PADDING

EACH_MODEL = pytest.mark.parametrize("model", list(MODELS))


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("Um, I'll send it uh --", "I'll send it"),
        ("[laugh] Okay, so, we use rubber. [cough]", "we use rubber."),
        ("Right buttons are like that", "Right buttons are like that"),
        ("Mm-hmm. It is red, yeah", "It is red"),
        ("the um-shaped one", "the um-shaped one"),
        ("we hum and sum", "we hum and sum"),
        ("uh -- um", "uh -- um"),
        ("", ""),
        ("euh, on décide, äh", "on décide"),
    ],
)
def test_a_quote_loses_its_fillers_at_both_ends(said: str, quoted: str) -> None:
    assert quotes.trim(said) == quoted


@given(st.lists(st.sampled_from(["um", "yeah,", "--", "[laugh]", "rubber", "so,", ".", "mm-hmm"]), max_size=12))
def test_a_trimmed_quote_is_a_verbatim_piece_and_loses_no_content(said: list[str]) -> None:
    text = " ".join(said)

    trimmed = quotes.trim(text)

    assert trimmed in text
    assert trimmed.count("rubber") == said.count("rubber")
    assert quotes.trim(trimmed) == trimmed


def test_pieces_that_only_hold_the_floor_are_not_quoted() -> None:
    said = [("Ann", "So um"), ("Ann", "I've --"), ("Ann", "The only remote I used came with the television,")]

    (statement,) = heard(*said).statements

    assert [part.name for part in statement.quotes] == ["u3"]
    assert statement.text == "So um The only remote I used came with the television,"


def test_a_clause_that_was_begun_anew_is_left_out() -> None:
    said = [("Ann", "We'll have to um -- I'll --"), ("Ann", "we have another supplier"), ("Ann", "does anyone --")]

    (statement,) = heard(*said).statements

    assert statement.text == "we have another supplier"


def test_a_clause_that_goes_on_after_a_break_is_kept() -> None:
    (statement,) = heard(("Ann", "We'll go for --"), ("Ann", "rubber in yellow and --")).statements

    assert [part.name for part in statement.parts] == ["u1", "u2"]


def test_a_tag_that_makes_a_question_is_kept() -> None:
    (statement,) = heard(("Ann", "It needs a battery"), ("Ann", "right?")).statements

    assert statement.asks


def test_where_nothing_but_murmurs_was_said_they_are_the_statement() -> None:
    (statement,) = heard(("Ann", "Yeah,"), ("Ann", "okay")).statements

    assert [part.text for part in statement.parts] == ["Yeah,", "okay"]


def test_tasks_given_out_in_a_row_are_a_statement_each() -> None:
    said = [
        ("Ann", "If you could draw the shapes,"),
        ("Ann", "and you could look into materials,"),
        ("Ann", "and more"),
    ]

    statements = heard(*said).statements

    assert [statement.text for statement in statements] == [
        "If you could draw the shapes,",
        "and you could look into materials, and more",
    ]


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("we use rubber, how -- what colours are there", "We use rubber, what colours are there."),
        ("you look into how -- what colours we use", "You look into how, what colours we use."),
        ("it is red, I'll -- we'll send it", "It is red, we'll send it."),
        ("the rubber -- the plastic is cheap", "The rubber, the plastic is cheap."),
        ("find shapes or whatever.", "Find shapes."),
        ("prices and so on", "Prices."),
    ],
)
def test_a_sentence_loses_false_starts_and_vague_ends(spoken: str, written: str) -> None:
    assert tidy.sentence(spoken) == written


@pytest.mark.parametrize(
    ("sentence", "language", "whole"),
    [
        ("The only remotes I used came with the television.", "en", True),
        ("Most users find the remote ugly.", "en", True),
        ("Making a profit of fifty million Euros.", "en", False),
        ("Shapes and colours to make it attractive.", "en", False),
        ("We use it.", "en", False),
        ("We will use rubber for the…", "en", False),
        ("That we'll each be doing our own.", "en", False),
        ("That is one thing we like.", "en", True),
        ("Which is why we use rubber.", "en", False),
        ("We need the rubber for the.", "en", False),
        ("We know the, we use a rubber case.", "en", False),
        ("We use rubber, no sorry, we use plastic.", "en", False),
        ("El nuevo modelo es muy caro.", "es", True),
        ("Kanban backlog sprint velocity roadmap", "und", True),
    ],
)
def test_a_sentence_stands_alone_or_leans_on_others(sentence: str, language: str, *, whole: bool) -> None:
    assert clauses.stands_alone(sentence, language) is whole


@EACH_MODEL
def test_a_summary_prefers_whole_clauses(model: str) -> None:
    fragment = "Making rubber cases for battery supplier samples in yellow colours."
    whole = "The battery supplier has yellow samples of rubber cases in winter colours."

    answered = ask(model, ("Zoe", PADDING["en"]), *[("Ann", fragment)] * 6, ("Bob", whole))

    assert whole in answered.summary.text
    assert whole in answered.summary.bullets
    assert fragment not in answered.summary.text
    assert fragment not in answered.summary.bullets
