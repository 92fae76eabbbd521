"""A strategy is driven over the replies that are stored and asks only for what is missing."""

from collections.abc import Mapping

import pytest

from orchestrator.analysis.items import Candidate
from orchestrator.synthesis.flow import Flow, Inputs, Needs, Synthesis, drive, majority
from providers.calls import Call, Finish, Message, Reply, Usage
from tests.unit.analysis.samples import PLACES, candidate, item


def inputs(candidates: Mapping[int, Candidate], weights: Mapping[int, float] | None = None) -> Inputs:
    return Inputs(candidates=candidates, places=PLACES, quorum=2, weights=weights or {})


def ask(name: str, text: str) -> Call:
    return Call(call_id=name, messages=(Message(role="user", text=text),), max_output_tokens=10, timeout_s=1)


def reply(text: str) -> Reply:
    return Reply(text=text, finish=Finish.STOP, model_served="judge", usage=Usage())


def judged(given: Inputs) -> Flow:
    """A strategy with two questions, of which the second depends on the first answer."""
    first = yield ask("judge", "Which seat?")
    second = yield ask("title", f"Name the summary of seat {first.text}.")
    chosen = given.candidates[int(first.text)]
    return Synthesis(
        language=second.text, summary=chosen.summary, decisions=chosen.decisions, seats=tuple(given.candidates)
    )


PANEL = inputs({0: candidate(), 1: candidate(item("Ship", "s1"), summary="One.")})


def test_a_flow_asks_for_the_next_reply_only() -> None:
    assert drive(judged(PANEL), []) == Needs(call=ask("judge", "Which seat?"), number=0)
    assert drive(judged(PANEL), [reply("1")]) == Needs(call=ask("title", "Name the summary of seat 1."), number=1)


def test_a_flow_with_all_replies_is_done() -> None:
    found = drive(judged(PANEL), [reply("1"), reply("de")])

    assert isinstance(found, Synthesis)
    assert (found.language, found.summary.text, found.seats) == ("de", "One.", (0, 1))
    assert [one.text for one in found.of("decisions")] == ["Ship"]
    assert found.of("risks") == ()


def test_a_crash_between_two_questions_asks_none_of_them_twice() -> None:
    stored: list[Reply] = []
    asked: list[str] = []
    answers = {"judge": "1", "title": "en"}

    while isinstance(found := drive(judged(PANEL), stored), Needs):  # each round is a new process
        asked.append(found.call.call_id)
        stored.append(reply(answers[found.call.call_id]))

    assert asked == ["judge", "title"]
    assert found == drive(judged(PANEL), stored)


def test_another_flows_replies_are_refused() -> None:
    with pytest.raises(ValueError, match="ended after 2 of 3 replies"):
        drive(judged(PANEL), [reply("1"), reply("en"), reply("late")])


def test_inputs_need_a_candidate_and_positive_weights() -> None:
    with pytest.raises(ValueError, match="at least one candidate"):
        inputs({})
    with pytest.raises(ValueError, match="above 0"):
        inputs({0: candidate()}, {0: 0.0})


def test_a_seat_weighs_one_unless_told_otherwise() -> None:
    given = inputs({0: candidate(), 1: candidate()}, {1: 0.5})

    assert given.weight(0, 1) == 1.5
    assert given.weight() == 0


@pytest.mark.parametrize(("seats", "expected"), [(1, False), (2, True), (3, True)])
def test_a_quorum_is_met_by_as_many_candidates(seats: int, expected: bool) -> None:
    assert inputs({seat: candidate() for seat in range(seats)}).has_quorum == expected


@pytest.mark.parametrize(("seats", "expected"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(seats: int, expected: int) -> None:
    assert majority(seats) == expected
