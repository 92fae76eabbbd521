"""Who takes part in a meeting, and in which part."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import MOST_ATTENDEES, Attendee, Finding, Person
from orchestrator.meeting.detectors import attendees, roles
from orchestrator.meeting.detectors.voices import Voice, Voices, listen
from orchestrator.meeting.transcript import Transcript, Utterance

ANN = Person(name="Ann Lee", id="u-1", aliases=("Annie", "alee"))
JOSE = Person(name="José Núñez", id="u-2")
LONG = "and then we went on with it for a while until nobody could say why it had been begun at all "


def voices(*labels: str) -> Voices:
    return Voices(
        heard=tuple(Voice(label, 100 - n, 0) for n, label in enumerate(labels)),
        count=len(labels),
        known=1.0,
        words_a_turn=5.0,
    )


def turns(*said: tuple[str | None, str]) -> Transcript:
    return Transcript(utterances=tuple(Utterance(id=f"u{n}", speaker=a, text=b) for n, (a, b) in enumerate(said)))


def played(transcript: Transcript, kind: str) -> dict[str, str]:
    return {label: role.value for label, role in roles.find(transcript, listen(transcript), kind).items()}


@pytest.mark.parametrize(
    ("label", "person"),
    [
        ("Ann Lee", ANN),
        ("ann lee", ANN),
        ("Annie", ANN),
        ("Ann", ANN),
        ("Lee, Ann", ANN),
        ("Ann Lee (Acme)", ANN),
        ("Dr. Ann Lee", ANN),
        ("Jose Nunez", JOSE),
        ("José", JOSE),
        ("Lee", None),
        ("Ann Poe", None),
        ("Poe, Ann", None),
        ("?", None),
    ],
)
def test_a_voice_is_the_participant_of_that_name(label: str, person: Person | None) -> None:
    found, heads = attendees.find(voices(label), (ANN, JOSE), {})

    assert found[0] == Attendee(
        speakers=(label,), name=person.name if person else None, id=person.id if person else None
    )
    assert heads == (2 if person else 3)


def test_a_first_name_that_two_have_is_nobodys() -> None:
    found, heads = attendees.find(voices("Ann"), (ANN, Person(name="Ann Poe")), {})

    assert [one.name for one in found] == [None, "Ann Lee", "Ann Poe"]
    assert heads == 3


def test_two_labels_of_one_participant_are_one_head() -> None:
    chair = Finding(value="chair", confidence=0.7, because=("keeps the order",))

    found, heads = attendees.find(voices("Ann Lee", "Bo", "Annie"), (ANN,), {"Annie": chair})

    assert found == (
        Attendee(speakers=("Ann Lee", "Annie"), name="Ann Lee", id="u-1", role=chair),
        Attendee(speakers=("Bo",)),
    )
    assert heads == 2


def test_who_was_named_and_said_nothing_comes_last() -> None:
    found, _ = attendees.find(voices("Bo"), (ANN,), {})

    assert found[-1] == Attendee(speakers=(), name="Ann Lee", id="u-1")


def test_a_hall_full_of_voices_is_counted_and_cut() -> None:
    found, heads = attendees.find(voices(*(f"P{n}" for n in range(MOST_ATTENDEES + 50))), (), {})

    assert (len(found), heads) == (MOST_ATTENDEES, MOST_ATTENDEES + 50)


def test_a_crowd_beyond_what_is_looked_at_counts_as_heads() -> None:
    crowd = voices("Ann Lee", "Bo")

    assert attendees.find(replace(crowd, count=900), (ANN,), {})[1] == 900


@given(st.lists(st.sampled_from(["Ann Lee", "Annie", "Bo", "Cy", "José"]), unique=True))
def test_nobody_is_lost_or_doubled(labels: list[str]) -> None:
    found, heads = attendees.find(voices(*labels), (ANN, JOSE), {})

    assert sorted(label for one in found for label in one.speakers) == sorted(labels)
    assert {"Ann Lee", "José Núñez"} <= {one.name for one in found}
    assert heads == len(found)


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("The Acting Chair (Ann Lee)", "chair"),
        ("Moderator", "chair"),
        ("INTERVIEWER", "interviewer"),
        ("Agent", "agent"),
        ("主持人", "chair"),
    ],
)
def test_a_label_that_says_the_role_gives_it(label: str, role: str) -> None:
    assert played(turns((label, "Good morning."), ("Bo", "Good morning.")), "general") == {label: role}


@pytest.mark.parametrize("label", ["Ann", "Speaker 1", "Presenter, Moderator"])
def test_a_label_that_says_no_role_or_two_gives_none(label: str) -> None:
    assert played(turns((label, "Good morning.")), "general") == {}


def test_who_asks_interviews_who_answers() -> None:
    spoken = turns(*(pair for _ in range(6) for pair in (("Dana", "Why is that?"), ("Ali", LONG))))

    assert played(spoken, "interview") == {"Dana": "interviewer", "Ali": "interviewee"}


def test_where_both_ask_nobody_is_the_interviewer() -> None:
    spoken = turns(*(pair for _ in range(6) for pair in (("Dana", "Why is that?"), ("Ali", "What do you mean?"))))

    assert played(spoken, "interview") == {}


def test_who_has_nearly_all_words_of_a_lecture_presents() -> None:
    assert played(turns(("Roy", 9 * LONG), ("Ann", LONG)), "lecture") == {"Roy": "presenter"}
    assert played(turns(("Roy", LONG), ("Ann", LONG)), "lecture") == {}
    assert played(turns((None, LONG)), "lecture") == {}


def committee(*chairing: str) -> Transcript:
    calls = [(who, "You have the floor.") for who in chairing]
    return turns(*(pair for call in calls for pair in (call, ("Bo", LONG))))


def test_who_gives_the_floor_chairs() -> None:
    assert played(committee("Ann", "Ann", "Ann", "Ann", "Bo"), "committee") == {"Ann": "chair"}


def test_where_everybody_gives_the_floor_nobody_chairs() -> None:
    assert played(committee("Ann", "Bo", "Cy", "Ann", "Bo", "Cy"), "committee") == {}


def test_giving_the_floor_now_and_then_is_no_chair() -> None:
    assert played(committee("Ann", "Ann", "Ann"), "committee") == {}
