"""A lead chooses among the drafts' checked items, by number; without one the rule decides."""

import json
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given

from orchestrator.analysis import agreeing, reviews
from orchestrator.analysis.items import KINDS, Candidate, Due, Item, Kind, Owner, Summary
from orchestrator.synthesis.consensus import consensus
from orchestrator.synthesis.flow import Question, Role, Synthesis
from orchestrator.synthesis.hierarchical import hierarchical
from providers.calls import JsonObject
from tests.unit.analysis.samples import PLACES, candidate, item, panels, seated
from tests.unit.synthesis.playing import SLY, UNUSABLE, Answer, inputs, panel, play, review, verdict

SHIP = item("The beta ships on Friday", "s2", confidence=0.8)
SHIP_TOO = item("They ship the beta Friday", "s2", confidence=0.6)
HIRE = item("Hire two testers", "s5", confidence=0.15)  # too weak for the rule where one seat of three has it
HIRE_NEXT = item("Recruiting of QA people begins", "s6", confidence=0.1)
ANN = Owner(name="Ann Lee", id="u1")
FRIDAY = Due(text="Friday", date="2026-11-27")


def run(seats: dict[int, Candidate], answer: Answer, at_hand: dict[Role, int] | None = None) -> Synthesis:
    return asking(seats, answer, at_hand)[0]


def asking(
    seats: dict[int, Candidate], answer: Answer, at_hand: dict[Role, int] | None = None
) -> tuple[Synthesis, list[Question]]:
    return play(partial(hierarchical, inputs(seats, at_hand=at_hand)), [answer])


def decided(found: Synthesis) -> list[str]:
    return [one.text for one in found.decisions]


def rule(seats: dict[int, Candidate]) -> Synthesis:
    return play(partial(consensus, inputs(seats)), [])[0]


# Numbers: 1 is what two seats have ("ships"), 2 and 3 what one has each, in the order of the meeting.
THREE = panel(candidate(SHIP, HIRE), candidate(SHIP_TOO), candidate(item("Close the office", "s9", confidence=0.1)))


def test_one_question_is_asked_in_the_leads_role_with_the_schema_of_a_review() -> None:
    _found, [asked] = asking(THREE, None)

    assert (asked.role, asked.name) == ("lead", "review")
    assert (asked.schema_name, asked.json_schema) == (reviews.SCHEMA_NAME, reviews.SCHEMA)
    assert "<<<drafts B0>>>" in asked.messages[1].text


@pytest.mark.parametrize("answer", [None, *UNUSABLE])
def test_without_a_review_that_can_be_used_the_rule_decides_and_the_counts_say_so(answer: Answer) -> None:
    found = run(THREE, answer)

    assert found.model_copy(update={"asked": 0}) == rule(THREE)
    assert (found.asked, found.heard) == (1, 0)


def test_a_review_that_says_more_than_it_was_asked_for_brings_about_no_more() -> None:
    extra, endless = (run(THREE, answer) for answer in SLY)

    assert (extra.language, extra.summary, decided(extra)) == ("en", rule(THREE).summary, decided(rule(THREE)))
    assert decided(endless) == []  # it said one thing two thousand times, and may say it


@given(panel=panels())
def test_without_a_lead_at_hand_the_rule_decides_and_nobody_is_asked(panel: dict[int, Candidate]) -> None:
    found, asked = asking(panel, review(verdict(1, "drop")), {"judge": 3})

    assert asked == []
    assert found == rule(panel)


def test_nobody_is_asked_where_there_is_nothing_to_review() -> None:
    found, asked = asking(panel(candidate(), candidate(summary="Nothing was said.")), review(summary=1))

    assert (asked, found.asked, found.heard) == ([], 0, 0)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], ["The beta ships on Friday"]),
        ([verdict(2)], ["The beta ships on Friday", "Hire two testers"]),
        ([verdict(3)], ["The beta ships on Friday", "Close the office"]),
        ([verdict(1, "drop")], []),
        ([verdict(1, wording=2)], ["They ship the beta Friday"]),
        ([verdict(1, "drop", wording=2), verdict(2)], ["Hire two testers"]),
        ([verdict(n, said) for n in (1, 2, 3) for said in ("keep", "drop")], ["The beta ships on Friday"]),
        ([verdict(2), verdict(2)], ["The beta ships on Friday", "Hire two testers"]),
        ([verdict(2, "drop"), verdict(99)], ["The beta ships on Friday"]),
        ([verdict(1, wording=3)], ["The beta ships on Friday"]),
        ([verdict(1, wording=-1)], ["The beta ships on Friday"]),
    ],
)
def test_a_lead_keeps_drops_and_chooses_words(decisions: list[JsonObject], expected: list[str]) -> None:
    found = run(THREE, json.dumps({"decisions": decisions, "summary": 0, "bullets": []}))

    assert decided(found) == expected


def test_what_a_lead_keeps_has_no_more_confidence_than_the_rule_gives_it() -> None:
    weight = inputs(THREE).weight
    by_rule = [agreeing.told(one, PLACES, weight) for one in agreeing.weighed(THREE, "decisions", PLACES, weight)]

    kept = run(THREE, review(verdict(2)))

    [hired] = [one for one in kept.decisions if one.text == HIRE.text]
    assert hired in by_rule
    assert hired.seats == (0,)


def test_words_that_a_lead_chose_leave_name_and_proof_as_they_were() -> None:
    [plain], [chosen] = rule(THREE).decisions, run(THREE, review(verdict(1, wording=2))).decisions

    assert chosen == plain.model_copy(update={"text": "They ship the beta Friday"})


def test_what_all_seats_have_is_beyond_a_lead() -> None:
    all_have = panel(candidate(SHIP, item("Bo tells the customers", "s3")), candidate(SHIP_TOO))

    found = run(all_have, review(verdict(1, "drop"), verdict(2, "drop")))
    merged = run(all_have, review(verdict(1, "merge", into=2), verdict(2)))
    joined = run(all_have, review(verdict(1), verdict(2, "merge", into=1)))

    assert decided(found) == ["The beta ships on Friday"]
    assert decided(merged) == ["The beta ships on Friday", "Bo tells the customers"]
    assert decided(joined) == ["The beta ships on Friday"]


def test_two_that_a_lead_would_put_into_each_other_both_stay_where_the_rule_keeps_them() -> None:
    sure = [one.model_copy(update={"confidence": 0.9}) for one in (HIRE, HIRE_NEXT)]
    kept_by_rule = panel(*map(candidate, sure))

    found = run(kept_by_rule, review(verdict(1, "merge", into=2), verdict(2, "merge", into=1)))

    assert decided(found) == [HIRE.text, HIRE_NEXT.text]


def merging(one: Item, other: Item, *decisions: JsonObject, kinds: Sequence[Kind] = ()) -> Synthesis:
    """A panel of three, of which two have one item each; the first comes first in the meeting."""
    first, second = kinds or ("action_items", "action_items")
    seats = panel(
        candidate().model_copy(update={first: (one,)}), candidate().model_copy(update={second: (other,)}), candidate()
    )
    return run(seats, json.dumps({"decisions": decisions, "summary": 0, "bullets": []}))


def test_what_a_lead_joins_is_shown_as_one_with_the_proof_of_both_and_gains_no_confidence() -> None:
    owned = HIRE_NEXT.model_copy(update={"owner": ANN, "due": FRIDAY})

    found = merging(HIRE, owned, verdict(1), verdict(2, "merge", into=1))

    (one,) = found.action_items
    assert (one.text, one.id, one.seats) == (HIRE.text, HIRE.id, (0, 1))
    assert [piece.utterances for piece in one.evidence] == [("s5",), ("s6",)]
    assert (one.owner, one.due) == (ANN, FRIDAY)
    assert one.confidence == merging(HIRE, owned, verdict(1)).action_items[0].confidence


def test_what_is_joined_with_something_unverified_is_not_verified() -> None:
    doubtful = HIRE_NEXT.model_copy(update={"verified": False})

    found = merging(HIRE, doubtful, verdict(1), verdict(2, "merge", into=1))

    assert [one.verified for one in found.action_items] == [False]


FAR = item("Recruiting of QA people begins", "s9", confidence=0.1)
DENIED = item("Hire not two but three testers", "s6", confidence=0.1)


@pytest.mark.parametrize(
    ("one", "other", "decisions", "expected"),
    [
        (HIRE, FAR, [verdict(1), verdict(2, "merge", into=1)], [HIRE.text]),
        (HIRE, DENIED, [verdict(1), verdict(2, "merge", into=1)], [HIRE.text]),
        (HIRE, HIRE_NEXT, [verdict(1), verdict(2, "merge", into=2)], [HIRE.text]),
        (HIRE, HIRE_NEXT, [verdict(1), verdict(2, "merge", into=0)], [HIRE.text]),
        (HIRE, HIRE_NEXT, [verdict(1), verdict(2, "merge", into=7)], [HIRE.text]),
        (HIRE, HIRE_NEXT, [verdict(2, "merge", into=1)], []),
        (HIRE, HIRE_NEXT, [verdict(1, "drop"), verdict(2, "merge", into=1)], []),
        (HIRE, HIRE_NEXT, [verdict(1, "merge", into=2), verdict(2, "merge", into=1)], []),
    ],
    ids=["far apart", "contradicting", "itself", "none", "unknown", "not kept", "dropped", "a circle"],
)
def test_what_cannot_be_joined_is_left_to_the_rule(
    one: Item, other: Item, decisions: list[JsonObject], expected: list[str]
) -> None:
    found = merging(one, other, *decisions)

    assert [kept.text for kept in found.action_items] == expected
    assert all(len(kept.seats) == 1 for kept in found.action_items)


def test_items_of_two_kinds_are_never_joined() -> None:
    found = merging(HIRE, HIRE_NEXT, verdict(1), verdict(2, "merge", into=1), kinds=("decisions", "action_items"))

    assert [len(found.of(kind)) for kind in ("decisions", "action_items")] == [1, 0]
    assert found.decisions[0].seats == (0,)


def test_a_summary_is_chosen_among_the_drafts_and_its_bullets_among_theirs() -> None:
    seats = {
        seat: seated(candidate(SHIP).model_copy(update={"summary": summary}), seat)
        for seat, summary in enumerate(
            [
                Summary(text="A. They met.", bullets=("one", "two")),
                Summary(text="B. They met.", bullets=("three", "one")),
                Summary(text="", bullets=("four",)),
            ]
        )
    }

    chosen = run(seats, review(summary=2))
    ordered = run(seats, review(summary=1, bullets=[3, 1, 3, 9, 0]))

    assert chosen.summary == Summary(text="B. They met.", bullets=("three", "one"))
    assert ordered.summary == Summary(text="A. They met.", bullets=("three", "one"))
    assert (chosen.heard, ordered.heard, run(seats, review(summary=9, bullets=[9])).heard) == (1, 1, 0)


@given(panel=panels())
def test_a_lead_that_keeps_all_shows_each_item_as_the_rule_would_tell_it(panel: dict[int, Candidate]) -> None:
    clusters = sum(len(one.of(kind)) for one in panel.values() for kind in KINDS)

    found = run(panel, review(*(verdict(number) for number in range(1, clusters + 1))))

    kept = {(kind, one.text, one.evidence): one for kind in KINDS for one in found.of(kind)}
    for kind in KINDS:
        for one in rule(panel).of(kind):
            shown = kept[kind, one.text, one.evidence]
            assert shown.model_copy(update={"id": one.id}) == one  # more items are told apart by other numbers
