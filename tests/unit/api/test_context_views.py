"""The context of a Job: what the caller said, what was found out, who took part."""

from api import context_views
from api.schemas import FindingView, ParticipantView
from orchestrator.meeting.context import Person, Told
from orchestrator.meeting.detection import detect
from orchestrator.routing.contexts import find, stored
from orchestrator.routing.features import ALL_ON
from orchestrator.routing.request import MeetingFacts, Participant
from providers.calls import JsonObject
from tests.unit.meeting.spoken import MEETINGS, meeting

STANDUP = meeting(MEETINGS["standup", "en"])
COMMITTEE = meeting(MEETINGS["committee", "en"])


def test_a_found_type_fills_the_context_and_is_shown_with_its_reasons() -> None:
    facts = MeetingFacts(title="Weekly")

    shown = context_views.context(stored(facts, find(STANDUP, facts, ALL_ON)))

    assert (shown.title, shown.type, shown.language, shown.industry) == ("Weekly", "standup", "en", None)
    assert shown.detected is not None
    assert (shown.detected.type.value, shown.detected.industry) == ("standup", None)
    assert shown.detected.type.because
    assert (shown.detected.speakers, shown.detected.head_count) == (4, 4)


def test_participants_are_those_who_were_named_and_those_who_were_heard() -> None:
    facts = MeetingFacts(participants=(Participant(name="Ida Roe", id="u-1"), Participant(name="Zoe")))

    shown = context_views.context(stored(facts, find(STANDUP, facts, ALL_ON))).participants

    assert ParticipantView(name="Ida Roe", id="u-1", speakers=("Ida",)) in shown
    assert shown[-1] == ParticipantView(name="Zoe")
    assert {one.name for one in shown} == {"Ida Roe", "Ben", "Tom", "Eva", "Zoe"}


def test_a_role_is_shown_with_its_reason() -> None:
    facts = MeetingFacts()

    [chair] = [
        one for one in context_views.context(stored(facts, find(COMMITTEE, facts, ALL_ON))).participants if one.role
    ]

    assert (chair.name, chair.role) == (
        "The Chair",
        FindingView(value="chair", confidence=0.95, because=('the transcript calls them "chair"',)),
    )


def test_a_job_of_an_older_release_shows_what_it_has() -> None:
    kept: JsonObject = {
        "type": "review",
        "words": 7,
        "participants": [{"name": "Ann", "id": None, "aliases": ["Annie"]}],
    }

    shown = context_views.context(kept)

    assert (shown.type, shown.words, shown.detected) == ("review", 7, None)
    assert shown.participants == (ParticipantView(name="Ann"),)
    assert context_views.context({"words": 1, "participants": "nobody"}).participants == ()


def test_an_industry_that_was_found_is_shown() -> None:
    found = detect(STANDUP, Told(industry="mining", participants=(Person(name="Ben"),)))

    assert context_views.detected(found).industry == FindingView(
        value="mining", confidence=1.0, because=("told by the caller",)
    )
