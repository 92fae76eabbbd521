"""The export as a calendar: by the letters of RFC 5545, and read back by the library's reader."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from api.exports import calendars
from api.exports.material import Material
from orchestrator.meeting.cleaning import clean
from tests.unit.api.exporting import TRANSCRIPT_ID, dated, material, poisoned
from tests.unit.api.meetings import analysis, job
from tests.unit.api.test_report_page import HOSTILE

DESCRIBED = (
    'DESCRIPTION:Owner: Ann\\nDue: by Thursday\\n"I will write the notes by Thursday" (Ann\\, 1:05)'
    "\\nRelease planning: consensus of 2"
)
LINE = re.compile(r"[A-Z][A-Z0-9-]*(;[A-Z-]+=[^:;,\"]+)*:.*")


def lines(of: Material) -> list[str]:
    """The content lines, unfolded (section 3.1); what ends a line is CRLF alone."""
    whole = calendars.write(of)
    assert whole.endswith("\r\n")
    folded = whole.removesuffix("\r\n").split("\r\n")
    assert not any("\n" in line or "\r" in line for line in folded)
    assert all(len(line.encode()) <= 75 for line in folded)
    return whole.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def todos(of: Material) -> list[Component]:
    return Calendar.from_ical(calendars.write(of)).walk("VTODO")


def test_an_action_with_a_day_is_a_todo() -> None:
    found = lines(material())

    assert found[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "PRODID:-//MeetingMind//MeetingMind 1//EN", "NAME:Release planning"} <= set(found)
    todo = found[found.index("BEGIN:VTODO") : found.index("END:VTODO") + 1]
    assert set(todo) == {
        "BEGIN:VTODO",
        f"UID:itm_Write the notes.{TRANSCRIPT_ID}@meetingmind",
        "DTSTAMP:20261120T120002Z",
        "DUE;VALUE=DATE:20261126",
        "SUMMARY:Write the notes",
        DESCRIBED,
        "STATUS:NEEDS-ACTION",
        "END:VTODO",
    }
    assert found[-1] == "END:VCALENDAR"


def test_actions_without_a_day_are_left_out_and_counted() -> None:
    (todo,) = todos(material())

    assert str(todo["summary"]) == "Write the notes"
    assert "DESCRIPTION:consensus of 2. Not here: 1 action item without a date." in lines(material())


def test_where_no_action_has_a_day_the_calendar_is_empty() -> None:
    nothing = material(analysis(action_items=(dated("a", None), dated("b", "next week"))))

    assert todos(nothing) == []
    assert lines(nothing)[0] == "BEGIN:VCALENDAR"


def test_where_every_action_has_a_day_nothing_is_said_of_others() -> None:
    whole = material(analysis(action_items=(dated("a", "2026-12-01"), dated("b", "2026-12-24"))))

    assert [todo.decoded("due") for todo in todos(whole)] == [date(2026, 12, 1), date(2026, 12, 24)]
    assert "DESCRIPTION:consensus of 2." in lines(whole)


def test_a_replay_names_its_todos_alike_and_is_the_newer_one() -> None:
    later = material(of_job=job(id="job_2", replay_of="job_1", finished_at="2026-11-21T09:00:00.123Z"))

    (before,), (after,) = todos(material()), todos(later)

    assert before["uid"] == after["uid"]
    assert before.decoded("dtstamp") < after.decoded("dtstamp") == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_same_sentence_of_another_meeting_is_another_todo() -> None:
    other = material().model_copy(update={"transcript_id": "trn_02"})

    assert todos(material())[0]["uid"] != todos(other)[0]["uid"]


def test_an_action_that_was_not_verified_says_so() -> None:
    (todo,) = todos(material(analysis(action_items=(dated("a", "2026-12-01").model_copy(update={"verified": False}),))))

    assert str(todo["description"]).endswith("The quote was not verified.")


INJECTIONS = (
    "pay\r\nEND:VTODO\r\nBEGIN:VALARM\r\nATTACH:https://evil.example/x",
    "pay\nATTENDEE:mailto:mallory@evil.example",
    'a;b,c\\d:e"f',
    "a\\nb",
    "ä" * 200,
    "a\u2028BEGIN:VEVENT",
    "a\x0bb\x0cc\x85d",
)


@pytest.mark.parametrize("text", [*HOSTILE, *INJECTIONS])
def test_hostile_words_stay_in_their_property(text: str) -> None:
    found = lines(poisoned(text))

    assert [line for line in found if line.startswith(("BEGIN:", "END:"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VTODO",
        "END:VTODO",
        "END:VCALENDAR",
    ]
    assert {re.split("[:;]", line)[0] for line in found} == {
        *("BEGIN", "END", "VERSION", "PRODID", "NAME", "DESCRIPTION", "UID", "DTSTAMP", "DUE", "SUMMARY", "STATUS")
    }
    (todo,) = todos(poisoned(text))
    assert str(todo["summary"]) == clean(text)


@given(st.text(min_size=1, max_size=120))
@example("\\")
@example("\\n")
@example("\\;")
def test_any_words_at_all_are_read_back_as_they_are(text: str) -> None:
    found = lines(poisoned(text))

    (todo,) = todos(poisoned(text))
    assert str(todo["summary"]) == clean(text)
    assert all(LINE.fullmatch(line) for line in found)
