"""One person has one name, and two people keep two."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.speakers import merged, names_of
from orchestrator.meeting.spellings import parse
from orchestrator.meeting.transcript import Transcript, Utterance

LEE = ("Ann Lee", "Annie", "Ann Cole")
DAY = ("Bob Day",)
SPELLINGS = ["Ann Lee", "ann lee", "Lee, Ann", "Ann Lee (Guest)", "ANN LEE [Acme]", "Dr. Ann Lee", "Ann Lee, PhD"]


@pytest.mark.parametrize("order", list(permutations(SPELLINGS[:5])))
def test_all_spellings_of_a_name_are_one_person_in_any_order(order: tuple[str, ...]) -> None:
    assert set(names_of(order).values()) == {"Ann Lee"}


@pytest.mark.parametrize(
    "spelling", [*SPELLINGS, "Ann Lee (she/her) (Host)", "Prof. Dr. Ann Lee", "Ann Lee MBA MD", "Lee,Ann"]
)
def test_a_participants_spelling_wins(spelling: str) -> None:
    assert names_of([spelling], [("ann LEE",), DAY]) == {spelling: "ann LEE"}


@pytest.mark.parametrize(
    "short", ["Ann", "ANN", "Lee", "Dr. Lee", "Mrs Lee", "Ann L.", "A. Lee", "AL", "A.L.", "Ann (Host)"]
)
def test_a_short_form_is_the_one_participant_whom_it_fits(short: str) -> None:
    assert names_of([short], [LEE, DAY]) == {short: "Ann Lee"}


@pytest.mark.parametrize("short", ["Ann", "A. L.", "AL", "Al", "Annabel", "A", "Ann X.", "Speaker 1", "Ann [Acme]"])
def test_a_short_form_that_fits_nobody_or_two_stays(short: str) -> None:
    people = [("Ann Long",), ("Ann Lee",)] if short in ("Ann", "AL", "A. L.") else [("Ann Lee",)]

    assert names_of([short], people) == {short: short}


@pytest.mark.parametrize(
    ("speakers", "people"),
    [
        (["Ann", "Ann Cole"], [("Ann Lee",)]),  # a second Ann, whom the caller did not name
        (["Ann", "Ann C."], [("Ann Lee",)]),
        (["Ann", "Ann Lee"], []),  # in one file these are rather two people than one
        (["Ann Lee", "Ann Cole", "Bob Lee"], []),
        (["Ann Lee", "Lee Ann"], []),
        (["Ann Lee [Acme]", "Ann Lee [Globex]", "Ann Lee"], [("Ann Lee",)]),
        (["Mr. Kim Lee", "Mrs. Kim Lee"], [("Kim Lee",)]),
        (["Mr. Lee", "Mrs. Lee"], []),
        (["The Chair (Ms. Roy)", "The Chair (Mr. Wu)", "The Chair"], []),
        (["Speaker 1", "Speaker 2", "Speaker (1)", "Unknown Speaker"], []),
        (["Ann [Acme]", "Ann Acme"], []),
        (["John Day", "John Day Jr."], []),
        (["Ann", "Annie"], [("Ann Lee", "Annie"), ("Ann Lee", "Ann B.")]),  # two of one name: nobody to tell
        (["Annie"], [("Ann Lee", "Annie"), ("Ann Cole", "Annie")]),
        (["+1 *** *** **42", "+1 *** *** **43", "...", "山田 太郎", "山田 花子"], []),
        (["Lee, Ann, PhD", "Conf. Room: 4th floor", "Room, 4th"], []),
    ],
)
def test_two_people_keep_two_names(speakers: list[str], people: list[tuple[str, ...]]) -> None:
    assert names_of(speakers, people) == {speaker: speaker for speaker in speakers}


@pytest.mark.parametrize("alias", ["Annie", "ANNIE", "Cole, Ann", "Annie (Guest)"])
def test_an_alias_is_the_participant(alias: str) -> None:
    assert names_of([alias, "Bob"], [LEE, DAY]) == {alias: "Ann Lee", "Bob": "Bob Day"}


def test_a_name_counts_before_anothers_alias() -> None:
    assert names_of(["ann cole"], [LEE, ("Ann Cole",)]) == {"ann cole": "Ann Cole"}


def test_companies_tell_two_of_one_name_apart_and_each_has_one_spelling() -> None:
    speakers = ["Ann Lee [Acme]", "ANN LEE (acme)", "Ann Lee [Globex]"]

    assert names_of(speakers) == {
        "Ann Lee [Acme]": "Ann Lee [Acme]",
        "ANN LEE (acme)": "Ann Lee [Acme]",
        "Ann Lee [Globex]": "Ann Lee [Globex]",
    }


def test_nothing_but_the_speakers_changes() -> None:
    spoken = [
        Utterance(id="a", speaker="ANN LEE", start_s=1, end_s=2, text="Ann Lee speaking"),
        Utterance(id="b", speaker=None, text="hm"),
        Utterance(id="c", speaker="Lee, Ann", start_s=3, text="yes"),
    ]
    transcript = Transcript(utterances=tuple(spoken))

    found = merged(transcript)

    assert [one.speaker for one in found.utterances] == ["Ann Lee", None, "Ann Lee"]
    assert [one.model_copy(update={"speaker": None}) for one in found.utterances] == [
        one.model_copy(update={"speaker": None}) for one in spoken
    ]
    assert merged(found) is found


def test_a_title_or_degree_alone_is_a_name() -> None:
    assert [parse(name).words for name in ("Dr. Lee", "Lee MD", "MD", "(Guest)", ".")] == [
        ("dr", "lee"),
        ("lee", "md"),
        ("md",),
        ("(guest)",),
        (".",),
    ]


WORDS = st.sampled_from(
    ["Ann", "ann", "LEE", "Lee", "Cole", "Dr.", "Mr", "PhD", "A.", "AL", "The", "Jr.", "zoë", "1", "山田"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
DECORATED = st.builds(
    lambda name, comma, mark: (name.replace(" ", ", ", 1) if comma else name) + mark,
    NAMES,
    st.booleans(),
    st.sampled_from(["", "", " (Guest)", " [Acme]", " (Globex)", " (she/her)"]),
)
SPEAKERS = st.lists(DECORATED, max_size=8, unique=True)
PEOPLE = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=4)


@given(SPEAKERS, PEOPLE)
def test_merging_twice_changes_nothing_more(speakers: list[str], people: list[tuple[str, ...]]) -> None:
    once = names_of(speakers, people)

    again = names_of(once.values(), people)

    assert all(again[name] == name for name in once.values())


@given(st.data(), SPEAKERS, PEOPLE)
def test_the_order_of_speakers_and_participants_does_not_matter(
    data: st.DataObject, speakers: list[str], people: list[tuple[str, ...]]
) -> None:
    others = data.draw(st.permutations(speakers))
    reordered = data.draw(st.permutations(people))

    assert names_of(others, reordered) == names_of(speakers, people)


@given(SPEAKERS)
def test_without_aliases_names_that_share_no_word_are_never_merged(speakers: list[str]) -> None:
    found = names_of(speakers)

    for name in found.values():
        same = [speaker for speaker in speakers if found[speaker] == name]
        assert frozenset.intersection(*(tokens(speaker) for speaker in same))


def tokens(name: str) -> frozenset[str]:
    return frozenset(word.strip(".,()[]").casefold() for word in name.split())


DISTINCT = st.sets(st.sampled_from("Ann Bob Cyd Dan Eve Fay Gus Hal".split()), min_size=2).map(sorted)


@given(DISTINCT, st.sampled_from(["Lee", "Day"]))
def test_people_of_one_family_stay_apart_whatever_the_participants(firsts: list[str], last: str) -> None:
    full = [f"{first} {last}" for first in firsts]

    found = names_of([*full, *firsts, last, f"Dr. {last}"], [(name,) for name in full])

    assert all(found[name] == name for name in [*full, last, f"Dr. {last}"])
    assert all(found[first] == f"{first} {last}" for first in firsts)
