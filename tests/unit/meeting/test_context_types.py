"""Of what type a meeting is: by its title, its words, its way of speaking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import MEETING_TYPES, Finding, MeetingType, Told
from orchestrator.meeting.cues.titles import TITLES
from orchestrator.meeting.detection import detect
from orchestrator.meeting.detectors import meeting_types, patterns, scoring
from orchestrator.meeting.detectors.phrases import Tally
from orchestrator.meeting.detectors.voices import listen
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.unit.meeting.spoken import MEETINGS, meeting, unlabelled

FILLER = "Well, that is what they said about the garden and the old house near the river, and we all liked it there. "


def found(transcript: Transcript, title: str | None = None) -> Finding:
    return detect(transcript, Told(title=title)).type


def turns(*said: tuple[str, str]) -> Transcript:
    return Transcript(utterances=tuple(Utterance(id=f"u{n}", speaker=a, text=b) for n, (a, b) in enumerate(said)))


@pytest.mark.parametrize(("kind", "language"), MEETINGS)
def test_a_meeting_is_known_by_what_is_said_in_it(kind: MeetingType, language: str) -> None:
    assert found(meeting(MEETINGS[kind, language])).value == kind


@pytest.mark.parametrize(("kind", "language"), MEETINGS)
def test_a_meeting_is_known_without_knowing_who_speaks(kind: MeetingType, language: str) -> None:
    assert found(unlabelled(MEETINGS[kind, language])).value == kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Weekly stand-up", "standup"),
        ("Sprint 12: retro", "retrospective"),
        ("Ann / Bo 1:1", "one-to-one"),
        ("Q3 board meeting", "executive"),
        ("Entrevista con la candidata", "interview"),
        ("Réunion du conseil municipal", "committee"),
        ("Vorlesung Analysis II", "lecture"),
        ("Roadmap 2027", "planning"),
        ("网站设计", "design"),
        ("Pricing call with Acme", "sales"),
        ("Outage of Tuesday", "support"),
    ],
)
def test_a_title_alone_tells_the_type(title: str, kind: str) -> None:
    told = found(turns(("Ann", FILLER), ("Bo", FILLER), ("Cy", FILLER)), title)

    assert told.value == kind
    assert told.because[0].startswith("the title says ")


def test_each_type_but_general_is_known_by_some_title() -> None:
    assert set(TITLES) == set(MEETING_TYPES) - {"general"}


def test_nothing_in_it_makes_a_meeting_general_and_unsure() -> None:
    told = found(turns(("Ann", FILLER), ("Bo", FILLER), ("Cy", FILLER)))

    assert (told.value, told.confidence) == ("general", meeting_types.GENERAL)
    assert told.because == ("neither title, words nor way of speaking point to a type",)


def test_two_types_side_by_side_are_general_and_both_are_named() -> None:
    told = found(turns(("Ann", FILLER), ("Bo", FILLER), ("Cy", FILLER)), "Design review and sprint planning")

    assert told.value == "general"
    assert "planning has 3.0 points, design 3.0" in told.because[0]


def test_the_second_type_is_told_where_it_comes_near() -> None:
    told = found(meeting(MEETINGS["standup", "en"]), "Roadmap")

    assert any("planning comes next" in reason for reason in told.because)


def test_a_title_outweighs_a_few_words() -> None:
    words = "We have a ticket, an issue and a customer who complains about errors. " + 6 * FILLER

    assert found(turns(("Ann", words), ("Bo", FILLER), ("Cy", FILLER)), "Retrospective").value == "retrospective"


@given(st.integers(1, 40))
def test_more_of_the_same_words_never_makes_a_type_less_likely(times: int) -> None:
    once, more = (Tally(weight=n, counts=(("a", n), ("b", n)), strong=()) for n in (times, times + 1))

    assert scoring.points(once, 1000) < scoring.points(more, 1000) < scoring.FULL_POINTS


@given(st.floats(0, 12), st.floats(0, 12))
def test_a_confidence_is_never_a_certainty_and_falls_as_the_second_comes_near(best: float, second: float) -> None:
    near = scoring.confidence(best, second)

    assert 0 <= near < 1
    assert near <= scoring.confidence(best, second / 2)


def interview(asked: int, answers: str) -> Transcript:
    return turns(*(pair for _ in range(asked) for pair in (("Dana", "And what was it like?"), ("Ali", answers))))


def test_of_two_people_one_who_asks_and_one_who_answers_are_an_interview() -> None:
    told = found(interview(8, FILLER))

    assert told.value == "interview"
    assert any("is asked 8 of 8 questions" in reason for reason in told.because)


def test_a_panel_that_asks_one_is_an_interview() -> None:
    spoken = turns(*(pair for n in range(9) for pair in ((f"P{n % 3}", "And then? How so?"), ("Ali", 2 * FILLER))))

    assert found(spoken).value == "interview"


def test_questions_after_a_talk_make_no_interview_of_it() -> None:
    spoken = turns(("Roy", 60 * FILLER), *(pair for _ in range(5) for pair in (("Ann", "Why?"), ("Roy", 9 * FILLER))))

    assert found(spoken).value == "lecture"


def test_few_questions_are_no_interview() -> None:
    assert found(interview(patterns.FEWEST_QUESTIONS - 1, 3 * FILLER)).value != "interview"


def test_two_who_talk_alike_are_a_meeting_of_two() -> None:
    told = found(turns(*(("Ann" if n % 2 else "Bo", FILLER) for n in range(12))))

    assert told.value == "one-to-one"


def test_one_voice_above_all_others_is_a_lecture() -> None:
    told = found(turns(("Roy", 20 * FILLER), ("Ann", FILLER), ("Bo", FILLER), ("Roy", 20 * FILLER)))

    assert (told.value, told.because[0][:17]) == ("lecture", "one voice has 95%")


def test_one_voice_alone_is_a_lecture() -> None:
    assert found(turns(("Roy", 20 * FILLER))).value == "lecture"


def test_two_of_whom_one_has_most_of_the_words_show_nothing() -> None:
    assert found(turns(("Roy", 8 * FILLER), ("Ann", 3 * FILLER))).value == "general"


def test_many_voices_in_long_turns_speak_as_a_committee_does() -> None:
    signs = patterns.signs(listen(turns(*((f"P{n % 7}", 4 * FILLER) for n in range(14)))), 2000)

    assert [(sign.type, sign.points) for sign in signs] == [("committee", 1.0)]


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [
        (("Hon. Ann Lee", "Mr. Bo Poe (Minister)", "Cllr Cy"), ["committee"]),
        (("Hon. Ann Lee", "Bo", "Cy"), []),
        (("Agent", "Customer"), ["support"]),
        (("Interviewer", "P7"), ["interview"]),
        (("Ann Lee (CEO)", "Bo Poe (CFO)", "Cy"), ["executive"]),
        (("Ann Lee (CEO)", "Bo", "Cy"), []),
        (("Sales Rep", "Ann", "Bo", "Cy", "Di"), []),
    ],
)
def test_what_speakers_are_called_tells_the_type(labels: tuple[str, ...], kinds: list[str]) -> None:
    voices = listen(turns(*((label, "Good morning.") for label in labels)))

    assert [sign.type for sign in patterns.signs(voices, words=8)] == kinds


def test_unknown_speakers_show_no_way_of_speaking() -> None:
    transcript = Transcript(
        utterances=(Utterance(id="u1", speaker="Roy", text=FILLER), Utterance(id="u2", text=9 * FILLER))
    )

    assert patterns.signs(listen(transcript), transcript.words) == ()
    assert patterns.doubt("lecture", listen(transcript), transcript.words) == 1.0


@pytest.mark.parametrize(
    ("kind", "voices", "words", "factor"),
    [
        ("one-to-one", 2, 500, 1.0),
        ("one-to-one", 3, 500, 0.2),
        ("lecture", 1, 500, 1.0),
        ("lecture", 4, 500, 0.4),
        ("interview", 3, 500, 1.0),
        ("interview", 6, 500, 0.5),
        ("standup", 3, 500, 1.0),
        ("standup", 3, 9_000, 0.5),
        ("standup", 1, 500, 0.5),
        ("design", 9, 500, 1.0),
    ],
)
def test_words_count_for_less_where_the_way_of_speaking_does_not_fit(
    kind: MeetingType, voices: int, words: int, factor: float
) -> None:
    heard = listen(turns(*((f"P{n}", FILLER) for n in range(voices))))

    assert patterns.doubt(kind, heard, words) == factor


def test_english_terms_are_understood_in_a_language_without_a_table() -> None:
    said = (
        "Allora, il prossimo sprint: il backlog è lungo, e la roadmap non è chiara. Gli story points della user story "
        "sono otto, la milestone è a maggio, la release anche."
    )

    assert (
        found(turns(("Ann", said), ("Bo", "Va bene, lo facciamo così."), ("Cy", "Sì, per me va bene."))).value
        == "planning"
    )
