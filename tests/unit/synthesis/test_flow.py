"""A strategy is driven over the replies that are stored and asks only for what is missing."""

from collections.abc import Mapping

import pytest

from orchestrator.analysis.items import Candidate
from orchestrator.synthesis.flow import Flow, Inputs, Needs, Question, Replies, Synthesis, drive, majority
from providers.calls import Finish, Message, Reply, Usage
from tests.unit.analysis.samples import PLACES, candidate, item


def inputs(candidates: Mapping[int, Candidate], weights: Mapping[int, float] | None = None) -> Inputs:
    return Inputs(candidates=candidates, places=PLACES, quorum=2, weights=weights or {})


def ask(name: str, text: str) -> Question:
    return Question(
        role="judge",
        name=name,
        messages=(Message(role="user", text=text),),
        schema_name="opinion_v1",
        json_schema={"type": "object"},
        max_output_tokens=10,
    )


def reply(text: str) -> Reply:
    return Reply(text=text, finish=Finish.STOP, model_served="judge", usage=Usage())


def judged(given: Inputs) -> Flow:
    """A strategy with two rounds of questions, of which the second depends on the answers to the first."""
    votes = yield ask("first judge", "Which seat?"), ask("second judge", "Which seat, do you think?")
    heard = [int(vote.text) for vote in votes if vote]
    seat = max(heard, default=0)
    (title,) = yield (ask("title", f"Name the summary of seat {seat}."),)
    chosen = given.candidates[seat]
    return Synthesis(
        language=title.text if title else "und",
        summary=chosen.summary,
        decisions=chosen.decisions,
        seats=tuple(given.candidates),
        asked=3,
        heard=len(heard) + (title is not None),
    )


PANEL = inputs({0: candidate(), 1: candidate(item("Ship", "s1"), summary="One.")})
JUDGES = (ask("first judge", "Which seat?"), ask("second judge", "Which seat, do you think?"))


def test_a_flow_asks_at_once_what_does_not_depend_on_each_other_and_then_for_the_next_replies_only() -> None:
    title = ask("title", "Name the summary of seat 1.")

    assert drive(judged(PANEL), []) == Needs(questions=JUDGES)
    assert drive(judged(PANEL), [(reply("1"), reply("0"))]) == Needs(questions=(title,))


def test_a_flow_goes_on_without_a_reply_that_nobody_could_give() -> None:
    found = drive(judged(PANEL), [(None, reply("1")), (reply("en"),)])

    assert isinstance(found, Synthesis)
    assert (found.language, found.summary.text, found.asked, found.heard) == ("en", "One.", 3, 2)


def test_a_flow_with_all_replies_is_done() -> None:
    found = drive(judged(PANEL), [(reply("1"), None), (reply("de"),)])

    assert isinstance(found, Synthesis)
    assert (found.language, found.summary.text, found.seats) == ("de", "One.", (0, 1))
    assert [one.text for one in found.of("decisions")] == ["Ship"]
    assert found.of("risks") == ()


def test_a_crash_between_two_rounds_asks_none_of_them_twice() -> None:
    stored: list[Replies] = []
    asked: list[str] = []
    answers = {"first judge": "1", "second judge": "0", "title": "en"}

    while isinstance(found := drive(judged(PANEL), stored), Needs):  # each round is a new process
        asked += [question.name for question in found.questions]
        stored.append([reply(answers[question.name]) for question in found.questions])

    assert asked == ["first judge", "second judge", "title"]
    assert found == drive(judged(PANEL), stored)


def test_another_flows_replies_are_refused() -> None:
    votes = (reply("1"), reply("1"))

    with pytest.raises(ValueError, match="ended after 2 of 3 rounds"):
        drive(judged(PANEL), [votes, (reply("en"),), (reply("late"),)])
    with pytest.raises(ValueError, match="has 2 questions in round 0, not 1"):
        drive(judged(PANEL), [(reply("1"),), (reply("en"),)])


def test_inputs_need_a_candidate_and_positive_weights() -> None:
    with pytest.raises(ValueError, match="at least one candidate"):
        inputs({})
    with pytest.raises(ValueError, match="above 0"):
        inputs({0: candidate()}, {0: 0.0})
    with pytest.raises(ValueError, match="above 0"):
        Inputs(candidates={0: candidate()}, places=PLACES, quorum=1, records={0: {"risks": 0.0}})


def test_a_seat_weighs_one_unless_told_otherwise() -> None:
    given = inputs({0: candidate(), 1: candidate()}, {1: 0.5})

    assert given.weight(0, 1) == 1.5
    assert given.weight() == 0


def test_a_seat_weighs_more_in_the_kinds_that_its_model_is_good_at() -> None:
    panel = {0: candidate(), 1: candidate()}
    given = Inputs(candidates=panel, places=PLACES, quorum=1, weights={1: 0.5}, records={1: {"risks": 4}})

    assert given.weight_in("risks", 0, 1) == 3
    assert given.weight_in("topics", 0, 1) == 1.5


@pytest.mark.parametrize(("seats", "expected"), [(1, False), (2, True), (3, True)])
def test_a_quorum_is_met_by_as_many_candidates(seats: int, expected: bool) -> None:
    assert inputs({seat: candidate() for seat in range(seats)}).has_quorum == expected


@pytest.mark.parametrize(("seats", "expected"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(seats: int, expected: int) -> None:
    assert majority(seats) == expected
