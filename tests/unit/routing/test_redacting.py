"""What house and request hide together, what models are told of a meeting, and what a job keeps and says of it."""

import pytest
from pydantic import ValidationError

from orchestrator.meeting.redaction import NOTHING, Wish
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.routing import redacting
from orchestrator.routing.request import MeetingFacts, Participant, RedactionWish
from providers.calls import JsonObject

TALK = Transcript(utterances=(Utterance(id="u1", speaker="Ann Lee", text="Mail bob@example.com about Falcon."),))
FACTS = MeetingFacts(
    participants=(Participant(name="Ann Lee", id="p1", aliases=("Annie",)),),
    glossary=("Falcon", "ann@example.com"),
    industry="Falcon breeding",
)


def test_where_nobody_asks_nothing_is_hidden_kept_or_said() -> None:
    found = redacting.find(TALK, FACTS, None, NOTHING)

    assert (found.made, found.kept, found.shown(TALK), found.told(FACTS)) == (None, {}, TALK, FACTS)
    assert redacting.counts_in({}) is None
    assert redacting.remark({}) == ""
    assert redacting.wish_in({}) == NOTHING


def test_a_request_adds_to_what_the_house_demands_and_models_are_told_no_name_beside_it() -> None:
    asked = RedactionWish(kinds=("person",), terms=("falcon",))

    found = redacting.find(TALK, FACTS, asked, Wish(kinds=("email",)))
    told = found.told(FACTS)

    assert found.wish == Wish(kinds=("email", "custom", "person"), terms=("falcon",))
    assert [(one.speaker, one.text) for one in found.shown(TALK).utterances] == [
        ("[PERSON_1]", "Mail [EMAIL_1] about [TERM_1].")
    ]
    assert [(one.name, one.aliases) for one in told.participants] == [("[PERSON_1]", ("[PERSON_1.2]",))]
    assert (told.glossary, told.industry) == (("[TERM_1]", "[EMAIL_2]"), "[TERM_1] breeding")
    assert found.told(FACTS.model_copy(update={"industry": None})).industry is None


def test_a_job_keeps_what_was_asked_and_counts_by_which_the_same_is_hidden_again() -> None:
    found = redacting.find(TALK, FACTS, RedactionWish(kinds=("email", "phone"), terms=("falcon",)), NOTHING)

    again = redacting.of(TALK, redacting.wish_in(found.kept), FACTS)

    assert again is not None
    assert again.transcript == found.shown(TALK)
    assert redacting.counts_in(found.kept) == {"email": 2, "phone": 0, "custom": 1}
    assert redacting.remark(found.kept) == ", 3 values hidden from models"
    assert redacting.of(TALK, NOTHING, MeetingFacts()) is None


@pytest.mark.parametrize(("hidden", "said"), [({}, "no values"), ({"email": 1}, "1 value")])
def test_a_label_counts(hidden: dict[str, int], said: str) -> None:
    kept: JsonObject = {"redaction": {"kinds": ["email"], "terms": [], "hidden": {**hidden}}}

    assert redacting.remark(kept) == f", {said} hidden from models"
    assert redacting.counts_in({"redaction": {"kinds": ["email"], "terms": [], "hidden": None}}) == {"email": 0}


def test_a_job_lacks_the_kinds_that_the_house_came_to_demand_since_but_no_terms() -> None:
    house = Wish(kinds=("email", "phone", "custom"), terms=("x",))

    assert redacting.lacks({}, house) == ("email", "phone")
    assert redacting.lacks({"redaction": {"kinds": ["email"], "terms": [], "hidden": {}}}, house) == ("phone",)
    assert redacting.lacks({}, NOTHING) == ()


@pytest.mark.parametrize("wish", [{}, {"kinds": ["ssn"]}, {"terms": ["--"]}, {"terms": [" a"]}, {"kinds": "email"}])
def test_a_wish_names_kinds_that_there_are_and_terms_that_can_be_found(wish: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RedactionWish.model_validate(wish, strict=False)
