"""What a job keeps of its meeting: the caller's facts, and what was found out where they say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import MEETING_TYPES, Context
from orchestrator.meeting.detection import SWITCHED_OFF
from orchestrator.routing.contexts import after_votes, facts_in, find, found_in, known, stored, told
from orchestrator.routing.features import ALL_ON, Features
from orchestrator.routing.opinions import resolve
from orchestrator.routing.request import MeetingFacts, Participant
from providers.calls import JsonObject
from tests.unit.meeting.spoken import MEETINGS, meeting

STANDUP = meeting(MEETINGS["standup", "en"])
OFF = Features(context_aware_routing=False)


def test_the_facts_are_told_as_they_were_posted() -> None:
    ann = Participant(name="Ann Lee", id="u-1", aliases=("Annie",))
    facts = MeetingFacts(title="Weekly", type="review", industry="mining", language="en", participants=(ann,))

    [named] = told(facts).participants

    assert told(facts).model_dump(exclude={"participants"}) == {
        "title": "Weekly",
        "type": "review",
        "industry": "mining",
        "language": "en",
    }
    assert (named.name, named.id, named.aliases) == ("Ann Lee", "u-1", ("Annie",))


def test_what_the_caller_left_null_is_filled_with_what_was_found_out() -> None:
    facts = MeetingFacts(title="Weekly")

    kept = stored(facts, find(STANDUP, facts, ALL_ON))

    assert (kept["title"], kept["type"], kept["language"], kept["industry"]) == ("Weekly", "standup", "en", None)
    assert (kept["words"], kept["duration_s"], kept["glossary"]) == (STANDUP.words, None, [])


def test_the_callers_word_is_kept_and_marked_as_theirs() -> None:
    facts = MeetingFacts(type="war council", language="de-AT", industry="mining")

    kept = stored(facts, find(STANDUP, facts, ALL_ON))
    found = Context.model_validate(kept["detected"], strict=False)

    assert (kept["type"], kept["language"], kept["industry"]) == ("war council", "de-AT", "mining")
    assert found.type.told
    assert found.language.told
    assert found.industry is not None
    assert found.industry.told


def test_a_language_that_is_not_known_stays_null_so_that_no_answer_is_held_against_it() -> None:
    foreign = meeting("Ann: Sanırım beklemeliyiz.")
    facts = MeetingFacts()

    assert stored(facts, find(foreign, facts, ALL_ON))["language"] is None


def test_what_is_kept_can_be_read_back_as_facts() -> None:
    facts = MeetingFacts()
    kept = stored(facts, find(STANDUP, facts, ALL_ON))

    again = facts_in({**kept, "of_a_newer_release": 1})

    assert (again.type, again.language) == ("standup", "en")
    assert facts_in({}) == MeetingFacts()


def test_the_context_is_read_back_as_it_was_found() -> None:
    found = find(STANDUP, MeetingFacts(), ALL_ON)

    assert found_in(stored(MeetingFacts(), found)) == found


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    found = find(STANDUP, MeetingFacts(), ALL_ON)
    kept: JsonObject = {"detected": {**found.model_dump(mode="json"), "mood": "sunny"}}

    assert found_in(kept) == found


@pytest.mark.parametrize("kept", [{}, {"detected": None}, {"words": 7}])
def test_a_job_of_an_older_release_has_none(kept: JsonObject) -> None:
    assert found_in(kept) is None


def test_switched_off_a_type_that_was_told_is_kept_but_does_not_count() -> None:
    facts = MeetingFacts(type="standup")
    found = find(STANDUP, facts, OFF)

    assert (found.type.value, found.type.because) == ("general", (SWITCHED_OFF,))
    assert stored(facts, found)["type"] == "standup"
    assert stored(MeetingFacts(), found)["type"] == "general"


def test_seats_are_told_of_a_meeting_what_the_caller_said_and_else_what_was_found_out() -> None:
    facts = MeetingFacts(title="Weekly", industry="mining")

    filled = known(facts, find(STANDUP, facts, ALL_ON))

    assert (filled.title, filled.type, filled.language, filled.industry) == ("Weekly", "standup", "en", "mining")


UNSURE = meeting("Ann: Let us begin.\nBob: We will use the conventional battery.")


def unsure() -> JsonObject:
    return stored(MeetingFacts(), find(UNSURE, MeetingFacts(), ALL_ON))


def test_the_seats_votes_become_the_type_with_their_reasons_and_the_rest_stays() -> None:
    before = unsure()

    after = after_votes(before, ["sales", "sales", "support"])

    found, ruled = found_in(after), found_in(before)
    assert found is not None
    assert ruled is not None
    assert after["type"] == found.type.value == "sales"
    assert found.type.because[:2] == ("2 of 3 seats say sales", "1 of 3 seats says support")
    assert found.model_copy(update={"type": ruled.type}) == ruled
    assert {**after, "type": before["type"]}.items() >= before.items()


def test_without_a_vote_a_job_keeps_what_it_kept() -> None:
    before = unsure()

    assert after_votes(before, []) is before
    assert after_votes(before, ["a party"]) is before


def test_a_replay_whose_seats_have_no_vote_goes_back_to_what_was_found_out() -> None:
    before = unsure()

    assert after_votes(after_votes(before, ["sales"]), []) == before


def test_the_callers_word_and_a_job_without_findings_are_left_alone() -> None:
    facts = MeetingFacts(type="war council")
    told_so = stored(facts, find(UNSURE, facts, ALL_ON))
    old: JsonObject = {"type": None, "words": 7}

    assert after_votes(told_so, ["sales"] * 3) is told_so
    assert after_votes(old, ["sales"] * 3) is old


@given(*(st.lists(st.sampled_from(MEETING_TYPES), max_size=5),) * 2)
def test_whoever_voted_before_counts_no_more_so_that_a_replay_says_what_its_own_seats_say(
    first: list[str], second: list[str]
) -> None:
    before = unsure()
    ruled = found_in(before)
    assert ruled is not None

    after = after_votes(after_votes(before, first), second)

    assert after == after_votes(before, second)
    found = found_in(after)
    assert found is not None
    assert found.type == resolve(ruled.type, second)
    assert after["type"] == found.type.value
