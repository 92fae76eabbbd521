"""What models see instead of personal data, and how it comes back: laws over any text, and the tokens' own cases."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import Person
from orchestrator.meeting.redaction import NOTHING, Redaction, Wish
from orchestrator.meeting.tokens import KINDS
from orchestrator.meeting.transcript import Transcript, Utterance

ALL = Wish(kinds=KINDS, terms=("Project Falcon", "田中工業"))
ANN = Person(name="Ann Lee", id="p1", aliases=("Annie",))

PIECES = st.sampled_from(
    [
        "Ann", "ann", "Annie", "Ann Lee", "Lee", "Bob", "will", "Will", "[EMAIL_1]", "EMAIL_2", "person 3", "PERSON 4",
        "[ phone 5 ]", "[EMAIL", "_1]", "[", "]", "bob@example.com", "Bob@Example.com", "john dot x at example dot com",
        "+1 555 123 4567", "5551234567", "4111 1111 1111 1111", "DE89370400440532013000", "10.0.0.1", "::1",
        "https://a.example/b", "example.com", "Project Falcon", "project-falcon", "田中工業は", "José", "12", ".", ",",
        "EMAIL_99999999", "[URL_7.3]", "\\_", "…",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), min_size=1, max_size=12).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)])
)


def meeting(*said: str, speakers: Sequence[str | None] = ("Ann Lee", "Will Ray")) -> Transcript:
    return Transcript(
        utterances=tuple(
            Utterance(id=f"u{place}", speaker=speakers[place % len(speakers)], text=text)
            for place, text in enumerate(said)
        )
    )


def texts(redaction: Redaction) -> list[str]:
    return [one.text for one in redaction.transcript.utterances]


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4))
def test_what_is_hidden_comes_back_letter_by_letter_and_no_token_is_invented(said: list[str]) -> None:
    talk = meeting(*said)
    redaction = Redaction(talk, ALL, (ANN,), ("Falcon", "Annie"))

    for seen, true in zip(redaction.transcript.utterances, talk.utterances, strict=True):
        assert redaction.restore(seen.text, "[removed]") == (true.text, 0)
        assert redaction.restore(seen.speaker or "") == (true.speaker, 0)
        assert redaction.hide(true.text) == seen.text


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4), st.data())
def test_a_quote_of_what_models_see_comes_back_as_a_piece_of_what_was_said(
    said: list[str], data: st.DataObject
) -> None:
    redaction = Redaction(meeting(*said), ALL, (ANN,))
    place = data.draw(st.integers(0, len(said) - 1))
    words = texts(redaction)[place].split(" ")
    start, end = sorted((data.draw(st.integers(0, len(words))), data.draw(st.integers(0, len(words)))))

    quote = redaction.restore(" ".join(words[start:end])).text

    assert quote in said[place]


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4))
def test_the_same_meeting_has_the_same_tokens_each_time_and_each_token_one_spelling(said: list[str]) -> None:
    one, other = (Redaction(meeting(*said), ALL, (ANN,)) for _ in range(2))

    assert one.transcript == other.transcript
    assert one.hidden == other.hidden


def test_one_value_has_one_number_and_each_spelling_its_own_token() -> None:
    said = "Mail bob@example.com, Bob@Example.com or bob at example dot com; call 555 123 4567 or 555-123-4567."

    redaction = Redaction(meeting(said), Wish(kinds=("email", "phone")))

    assert texts(redaction) == ["Mail [EMAIL_1], [EMAIL_1.2] or [EMAIL_1.3]; call [PHONE_1] or [PHONE_1.2]."]
    assert redaction.hidden == {"email": 1, "phone": 1}
    assert redaction.transcript.utterances[0].speaker == "Ann Lee"


def test_people_are_hidden_by_their_names_other_names_and_words_of_these() -> None:
    said = ("Will, will you ask Annie? Mr. Ray did.", "ANN LEE and Lee said so. We will mark it, Dr. Ann.")

    redaction = Redaction(meeting(*said), Wish(kinds=("person",)), (ANN,))

    assert [one.speaker for one in redaction.transcript.utterances] == ["[PERSON_1]", "[PERSON_2]"]
    assert texts(redaction) == [
        "[PERSON_2.2], will you ask [PERSON_1.2]? Mr. [PERSON_2.3] did.",
        "[PERSON_1.3] and [PERSON_1.4] said so. We will mark it, Dr. [PERSON_1.5].",
    ]
    assert redaction.hide_name("Annie") == "[PERSON_1.2]"
    assert redaction.hidden == {"person": 2}


def test_a_word_that_two_people_share_is_hidden_as_neither_and_labels_without_names_name_nobody() -> None:
    talk = meeting("Ann and the speaker agree.", speakers=("Ann Lee", "Ann Roy", "Speaker 1"))

    redaction = Redaction(talk, Wish(kinds=("person",)), (Person(name="Ann Roy"),))

    assert texts(redaction) == ["[PERSON_2] and the speaker agree."]


def test_where_nothing_is_written_large_small_names_count_too() -> None:
    small = Redaction(meeting("ask ann, she will know"), Wish(kinds=("person",)), (ANN,))
    given_small = Redaction(meeting("Ask ann", speakers=("ann",)), Wish(kinds=("person",)))

    assert texts(small) == ["ask [PERSON_1.2], she will know"]
    assert texts(given_small) == ["Ask [PERSON_1]"]


def test_terms_are_found_whatever_their_case_and_joints_and_within_scripts_without_spaces() -> None:
    redaction = Redaction(meeting("PROJECT-Falcon, project  falcon; 我们和田中工業合作; Projects Falconer"), ALL)

    assert texts(redaction) == ["[TERM_1], [TERM_1.2]; 我们和[TERM_2]合作; Projects Falconer"]


def test_who_says_a_token_gains_nothing() -> None:
    redaction = Redaction(meeting("[EMAIL_7] and person_3", "bob@example.com"), ALL)

    assert texts(redaction) == ["[EMAIL_7] and person_3", "[EMAIL_8]"]
    assert redaction.restore("[EMAIL_7], [EMAIL_8]", "[removed]") == ("[EMAIL_7], bob@example.com", 0)


@pytest.mark.parametrize(
    "token",
    [
        "[EMAIL_1]",
        "[email_1]",
        "[Email 1]",
        "[EMAIL-1]",
        "[ EMAIL_1 ]",
        "EMAIL_1",
        "email_1",
        "EMAIL 1",
        "[EMAIL\\_1]",
        "[EMAIL1]",
    ],
)
def test_a_token_is_read_however_it_is_changed_and_its_number_is_never_guessed(token: str) -> None:
    redaction = Redaction(meeting("bob@example.com"), Wish(kinds=("email",)))

    assert redaction.restore(f"ask {token}.", "[removed]") == ("ask bob@example.com.", 0)
    assert redaction.restore(f"ask {token.replace('1', '2')}.", "[removed]") == ("ask [removed].", 1)
    assert redaction.restore(f"ask {token.replace('1', '1.2')}.") == (f"ask {token.replace('1', '1.2')}.", 1)
    assert redaction.restore("email 1 of 2") == ("email 1 of 2", 0)


def test_a_value_that_the_meeting_does_not_have_is_hidden_as_another_and_a_cut_one_as_itself() -> None:
    redaction = Redaction(meeting("Ask bob@example.com."), ALL, (ANN,))

    assert redaction.hide("zed@example.com, BOB@example.com") == "[EMAIL_0], [EMAIL_1]"
    assert redaction.hide_quoted("Ask bob@exam…") == "Ask [EMAIL_1]"
    assert redaction.hide_quoted("@example.com is right") == "[EMAIL_1] is right"
    assert redaction.hide_quoted("no more") == "no more"


def test_what_overlaps_is_hidden_whole_under_the_first_kind() -> None:
    redaction = Redaction(meeting("ann@falcon.example/x"), Wish(kinds=KINDS, terms=("falcon",)))

    assert texts(redaction) == ["[EMAIL_1]/x"]


def test_a_text_without_anything_to_hide_is_the_same_and_a_meeting_may_have_no_speakers() -> None:
    talk = meeting("Nothing here.", speakers=(None,))

    redaction = Redaction(talk, ALL)

    assert redaction.transcript == talk
    assert (redaction.hidden, redaction.hide_name("Zed")) == ({}, "[PERSON_0]")


def test_wishes_add_up_and_terms_are_a_kind() -> None:
    both = Wish(kinds=("phone",), terms=("b",)).and_those_of(Wish(kinds=("email",), terms=("a", "b")))

    assert both == Wish(kinds=("email", "phone", "custom"), terms=("b", "a"))
    assert NOTHING.and_those_of(NOTHING) == NOTHING
