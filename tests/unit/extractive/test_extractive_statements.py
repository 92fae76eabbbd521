"""Utterances become statements: joined where one thought was cut up, cut where a turn holds many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.extractive import owners
from providers.extractive.conversation import MAX_PART_CHARACTERS, Part
from tests.unit.extractive.asking import heard


def test_a_turn_is_cut_into_its_sentences() -> None:
    statements = heard(("Ann", 'Mr. Lee agreed. "We ship!" Is that all? It is')).statements

    assert [statement.text for statement in statements] == ["Mr. Lee agreed.", '"We ship!"', "Is that all?", "It is"]


def test_chinese_sentences_need_no_space_between_them() -> None:
    statements = heard(("Ann", "我们决定了。你同意吗？好")).statements

    assert [statement.text for statement in statements] == ["我们决定了。", "你同意吗？", "好"]


def test_pieces_of_one_thought_are_joined_across_a_murmur_and_keep_their_names() -> None:
    conversation = heard(("Ann", "I'll type up"), ("Bob", "Mm-hmm."), ("Ann", "the minutes."), ("Ann", "Next."))

    first, murmur, last = conversation.statements
    assert first.parts == (Part("u1", "I'll type up"), Part("u3", "the minutes."))
    assert (murmur.text, murmur.is_backchannel) == ("Mm-hmm.", True)
    assert last.text == "Next."


@pytest.mark.parametrize(
    "between",
    [
        ("Bob", "No, that is the wrong way round."),
        ("Bob", "I really do think so, as I have said a few times before."),
    ],
)
def test_a_real_answer_ends_a_statement(between: tuple[str, str]) -> None:
    statements = heard(("Ann", "I'll type up"), between, ("Ann", "the minutes.")).statements

    assert [statement.speaker for statement in statements] == ["Ann", "Bob", "Ann"]


def test_a_third_murmur_ends_a_statement() -> None:
    said = [("Ann", "I'll type up"), *[("Bob", "Yeah.")] * 3, ("Ann", "the minutes.")]

    statements = heard(*said).statements

    assert [statement.text for statement in statements] == ["I'll type up", "Yeah.", "Yeah.", "Yeah.", "the minutes."]


def test_no_more_than_three_pieces_are_joined() -> None:
    statements = heard(*[("Ann", f"and piece {number}") for number in range(4)]).statements

    assert [len(statement.parts) for statement in statements] == [3, 1]


def test_a_broken_off_sentence_goes_on() -> None:
    statements = heard(("Ann", "We could maybe --"), ("Ann", "we should use rubber.")).statements

    assert len(statements) == 1


def test_utterances_without_a_word_make_no_statement() -> None:
    assert heard(("Ann", "[laugh]"), ("Bob", "...")).statements == ()
    assert heard(("Ann", " ")).statements == ()


@pytest.mark.parametrize("text", ["word " * 300, "电" * 1000, "word, " * 300, "a" * 1000])
def test_a_sentence_that_never_ends_is_cut_into_quotable_pieces(text: str) -> None:
    statements = heard(("Ann", text.strip())).statements

    parts = [part.text for statement in statements for part in statement.parts]
    assert all(0 < len(part) <= MAX_PART_CHARACTERS for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_who_runs_the_meeting_is_told_by_what_they_say() -> None:
    said = [("Ann", "Welcome to the meeting."), ("Ann", "Next item."), ("Ann", "Any questions?"), ("Bob", "My agenda.")]

    assert heard(*said).chair == "Ann"
    assert heard(*said[:2], said[3]).chair == ""


def test_unknown_speakers_run_nothing() -> None:
    assert heard(*[(None, "The next item of the meeting.")] * 5).chair == ""


@given(st.lists(st.tuples(st.sampled_from(["Ann", "Bob"]), st.text(min_size=1, max_size=80)), min_size=1, max_size=12))
def test_every_part_is_copied_from_the_utterance_that_it_names(said: list[tuple[str, str]]) -> None:
    conversation = heard(*said)

    text = {line.name: line.text for line in conversation.lines}
    for place, statement in enumerate(conversation.statements):
        assert statement.place == place
        assert all(part.text and part.text in text[part.name] for part in statement.parts)


def test_participants_are_known_by_label_and_first_name() -> None:
    conversation = heard(
        ("Scott Carruthers", "Hi."), ("User Interface Designer", "Hi."), ("A", "Hi."), ("lee ann", "Hi.")
    )
    known = owners.roster(conversation)

    found = [
        known.search(text) for text in ("ask Scott to", "the user interface designer", "A dog", "Lee", "User error")
    ]
    assert [match[0] if match else "" for match in found] == ["Scott", "user interface designer", "", "", "User"]
