"""The whole context of a meeting: what the caller said stands, the rest is found out, and says why."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import MEETING_TYPES, TOLD, Person, Told
from orchestrator.meeting.detection import SWITCHED_OFF, counted, detect
from orchestrator.meeting.reading import read
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.shared_data import shared
from tests.unit.meeting.spoken import MEETINGS, meeting

STANDUP = meeting(MEETINGS["standup", "en"])
# What people called these meetings, as far as the list of types has a word for it: the others are "general".
SHARED = {
    "ami-es2005a": "design",
    "ami-es2008a": "design",
    "ami-es2008b": "design",
    "ami-es2016b": "design",
    "ami-ts3005d": "design",
    "ami-ts3011b": "design",
    "qmsum-education-4": "committee",
    "qmsum-education-17": "committee",
    "qmsum-covid-1": "committee",
    "parlamint-es-2018-07-02": "committee",
    "parlamint-es-2019-02-13": "committee",
    "akash-sig-support-002-2023-02-15": "support",
    "akash-sig-community-018-2024-08-14": "general",
    "icsi-bed016": "general",
    "icsi-bmr003": "general",
    "icsi-bmr020": "general",
    "vcsum-125": "general",
    "vcsum-172": "general",
    "sharealike/fredsum-hollande-sarkozy-europe": "general",
}


def of_file(name: str) -> Transcript:
    return read(shared(f"transcripts/{name}.json").read_text("utf-8"), "auto")


def language_of(name: str) -> str:
    return str(json.loads(shared(f"transcripts/{name}.json").read_text("utf-8"))["language"])


def test_the_callers_word_wins_and_is_shown_as_theirs() -> None:
    found = detect(STANDUP, Told(type="war council", language="de-AT", industry="mining"))

    assert [found.type.value, found.language.value, found.industry and found.industry.value] == [
        "war council",
        "de-AT",
        "mining",
    ]
    assert found.type.told
    assert (found.language.confidence, found.language.because) == (1.0, (TOLD,))


def test_what_is_not_told_is_found_out_with_reasons() -> None:
    found = detect(STANDUP, Told())

    assert (found.type.value, found.language.value) == ("standup", "en")
    assert not found.type.told
    assert any('"no blockers"' in reason for reason in found.type.because)


def test_what_can_be_counted_is_counted() -> None:
    timed = Transcript(
        utterances=(Utterance(id="u1", speaker="Ann", start_s=0.0, end_s=61.5, text="We are here now."),)
    )

    found = detect(timed, Told(participants=(Person(name="Ann Lee"), Person(name="Bo"))))

    assert (found.words, found.speakers, found.heads, found.duration_s) == (4, 1, 2, 61.5)


def test_switched_off_nothing_is_found_out_and_every_meeting_is_general() -> None:
    found = counted(STANDUP, Told(type="standup", language="en"))

    assert (found.type.value, found.type.because) == ("general", (SWITCHED_OFF,))
    assert found.language.told
    assert (found.industry, found.speakers, found.words) == (None, 4, STANDUP.words)


def test_switched_off_a_language_that_nobody_told_is_not_known() -> None:
    found = counted(STANDUP, Told(industry="mining"))

    assert (found.language.value, found.language.because) == ("und", (SWITCHED_OFF,))
    assert found.industry is not None
    assert found.industry.told


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "Ann", "Bo", "The Chair"]), st.text(min_size=1, max_size=80)), min_size=1
    ),
    st.none() | st.text(max_size=30),
)
def test_any_meeting_has_a_context_and_the_same_one_each_time(said: list[tuple[str | None, str]], title: str) -> None:
    transcript = Transcript(
        utterances=tuple(Utterance(id=f"u{n}", speaker=who, text=text) for n, (who, text) in enumerate(said))
    )

    found = detect(transcript, Told(title=title))

    assert found.type.value in MEETING_TYPES
    assert all(one.because for one in (found.type, found.language))
    assert found == detect(transcript, Told(title=title))


@pytest.mark.parametrize(("name", "expected"), SHARED.items())
def test_shared_meetings_are_of_the_type_that_people_called_them_though_no_title_is_told(
    name: str, expected: str
) -> None:
    assert detect(of_file(name), Told()).type.value == expected


@pytest.mark.parametrize("name", SHARED)
def test_shared_meetings_are_in_the_language_that_they_are_in(name: str) -> None:
    assert detect(of_file(name), Told()).language.value == language_of(name)


def test_the_longest_meeting_takes_well_under_fifty_milliseconds() -> None:
    longest = of_file("parlamint-es-2019-02-13")
    spent = []

    for _ in range(5):
        began = process_time()
        detect(longest, Told())
        spent.append(process_time() - began)

    assert longest.words > 29_000
    assert min(spent) < 0.05
