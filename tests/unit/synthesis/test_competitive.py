"""The best candidate wins, by checks and by judges if there are any, and is completed by what most others have."""

from functools import partial

import pytest

from orchestrator.analysis import judging
from orchestrator.analysis.items import Candidate, Due, Owner
from orchestrator.synthesis.competitive import competitive
from orchestrator.synthesis.flow import Question, Role, Synthesis
from tests.unit.analysis.samples import candidate, item
from tests.unit.synthesis.playing import UNUSABLE, Answer, inputs, panel, play, ranking

SHIP = item("The beta ships on Friday", "s2", confidence=0.9)
SHIP_TOO = item("They ship the beta Friday", "s2", confidence=0.6)
HIRE = item("Hire two testers", "s12")
MOVE = item("Close the office", "s22", confidence=0.5)
NOBODY: dict[Role, int] = {}


def run(seats: dict[int, Candidate], *answers: Answer, at_hand: dict[Role, int] | None = None) -> Synthesis:
    return asking(seats, *answers, at_hand=at_hand)[0]


def asking(
    seats: dict[int, Candidate], *answers: Answer, at_hand: dict[Role, int] | None = None
) -> tuple[Synthesis, list[Question]]:
    return play(partial(competitive, inputs(seats, at_hand=at_hand)), answers)


def decided(found: Synthesis) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.text, one.seats) for one in found.decisions]


def test_the_winner_is_told_in_its_words_and_completed_by_what_most_others_have() -> None:
    seats = panel(
        candidate(SHIP_TOO, MOVE, item("Order lunch", "s17"), summary="Best."),
        candidate(SHIP, HIRE, summary="Second.", dropped=9),
        candidate(SHIP, HIRE, summary="Third.", dropped=9, language="de"),
    )

    found = run(seats, at_hand=NOBODY)

    assert (found.winner, found.summary.text, found.language, found.seats) == (0, "Best.", "en", (0, 1, 2))
    assert decided(found) == [
        ("They ship the beta Friday", (0, 1, 2)),
        ("Hire two testers", (1, 2)),
        ("Order lunch", (0,)),
        ("Close the office", (0,)),
    ]
    assert found.decisions[0].id == SHIP.id


def test_what_the_winner_says_and_others_contradict_stands_in_its_words_all_the_same() -> None:
    mine, theirs = item("Ship 12 units on Friday", "s2"), item("Ship 14 units on Friday", "s2", confidence=0.9)
    seats = panel(
        candidate(mine, HIRE, MOVE, item("Order lunch", "s17"), summary="Best."),
        candidate(theirs, HIRE, summary="Second.", dropped=9),
        candidate(theirs, HIRE, summary="Third.", dropped=9),
    )

    found = run(seats, at_hand=NOBODY)

    assert found.winner == 0
    assert ("Ship 12 units on Friday", (0,)) in decided(found)
    assert {one.text for one in seats[0].decisions} <= {text for text, _seats in decided(found)}


@pytest.mark.parametrize(
    ("others", "added"),
    [
        ([candidate(HIRE)], False),
        ([candidate(HIRE), candidate()], False),
        ([candidate(HIRE), candidate(HIRE)], True),
        ([candidate(HIRE), candidate(HIRE), candidate()], False),
        ([candidate(HIRE), candidate(HIRE), candidate(HIRE)], True),
        ([candidate(unproved := HIRE.model_copy(update={"verified": False})), candidate(unproved)], False),
    ],
    ids=["half", "a third", "two thirds", "half of four", "three quarters", "unverified"],
)
def test_more_than_half_of_the_panel_completes_the_winner_with_verified_items(
    others: list[Candidate], added: bool
) -> None:
    worse = [one.model_copy(update={"dropped": 99, "language": "de"}) for one in others]
    seats = panel(candidate(SHIP, MOVE, item("Order lunch", "s17")), *worse)

    found, _asked = play(partial(competitive, inputs(seats, at_hand=NOBODY, spoken="en")), [])

    assert found.winner == 0
    assert ("Hire two testers" in [text for text, _seats in decided(found)]) == added


def test_a_winner_that_names_nobody_takes_the_others_owner_and_day() -> None:
    ann, bo, friday = Owner(name="Ann Lee", id="u1"), Owner(name="Bo"), Due(text="Friday", date="2026-11-27")
    own = candidate(MOVE).model_copy(update={"action_items": (SHIP, HIRE.model_copy(update={"owner": bo}))})
    other = candidate(dropped=9).model_copy(
        update={
            "action_items": (
                SHIP.model_copy(update={"owner": ann, "due": friday}),
                HIRE.model_copy(update={"owner": ann}),
            )
        }
    )

    found = run(panel(own, other, other), at_hand=NOBODY)

    assert [(one.owner, one.due) for one in found.action_items] == [(ann, friday), (bo, None)]


NEAR = panel(candidate(SHIP, MOVE, summary="One."), candidate(SHIP, HIRE, summary="Two."))


def best(found: Synthesis) -> str:
    return found.summary.text


def favourite(question: Question, summary: str) -> str:
    """The ranking of a judge of two who wants this summary's candidate to win."""
    first = question.messages[1].text.index(f'"summary":"{summary}"')
    second = question.messages[1].text.index('"candidate":2')
    return ranking(1, 2) if first < second else ranking(2, 1)


def test_judges_are_asked_in_their_role_each_in_another_order() -> None:
    found, asked = asking(NEAR)

    assert [(one.role, one.name) for one in asked] == [("judge", f"judge-{number}") for number in (1, 2, 3)]
    assert {(one.schema_name, str(one.json_schema)) for one in asked} == {(judging.SCHEMA_NAME, str(judging.SCHEMA))}
    assert asked[0].messages != asked[1].messages
    assert (found.asked, found.heard) == (3, 0)


def test_judges_decide_between_candidates_that_are_close() -> None:
    _found, asked = asking(NEAR)
    by_checks = best(run(NEAR, at_hand=NOBODY))
    other = "One." if by_checks == "Two." else "Two."

    wanted = [favourite(one, other) for one in asked]

    assert best(run(NEAR, *wanted)) == other
    assert best(run(NEAR, *wanted[:1], at_hand={"judge": 1})) == other
    assert best(run(NEAR, wanted[0], *UNUSABLE[:2])) == other
    assert run(NEAR, wanted[0], *UNUSABLE[:2]).heard == 1


def test_judges_who_prefer_whatever_stands_first_cancel_out() -> None:
    by_checks = run(NEAR, at_hand=NOBODY)

    found = run(NEAR, ranking(1, 2), ranking(1, 2), at_hand={"judge": 2})

    assert (found.asked, found.heard, best(found)) == (2, 2, best(by_checks))


@pytest.mark.parametrize("answer", [None, *(text for text in UNUSABLE if "[2, 1]" not in text)])
def test_judges_who_are_lost_leave_it_to_the_checks(answer: Answer) -> None:
    found = run(NEAR, answer, answer, answer)

    assert found.model_copy(update={"asked": 0}) == run(NEAR, at_hand=NOBODY)
    assert (found.asked, found.heard) == (3, 0)


def test_nobody_is_asked_to_judge_between_copies() -> None:
    found, asked = asking(panel(candidate(SHIP), candidate(SHIP)), ranking(1))

    assert (asked, found.asked, found.winner) == ([], 0, 0)
