"""When the seats are asked of what type a meeting is, and what their votes make of the rules' finding."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.context import MEETING_TYPES, TOLD, Context, Finding
from orchestrator.meeting.detection import SWITCHED_OFF
from orchestrator.routing.opinions import UNSURE_BELOW, needs_opinion, resolve
from orchestrator.routing.request import Policy


def found(value: str = "general", confidence: float = 0.3, because: str = "nothing is clear") -> Finding:
    return Finding(value=value, confidence=confidence, because=(because,))


def context(kind: Finding) -> Context:
    return Context(type=kind, language=Finding(value="en", confidence=1.0), speakers=2, words=100)


@pytest.mark.parametrize(
    ("kind", "policy", "asked"),
    [
        (found(), "balanced", True),
        (found(), "quality", True),
        (found(), "aggressive", False),
        (found("sales", UNSURE_BELOW - 0.01), "quality", True),
        (found("sales", UNSURE_BELOW), "quality", False),
        (found("sales", 1.0, TOLD), "quality", False),
        (found("general", 1.0, SWITCHED_OFF), "quality", False),
        (found("general", 0.3, SWITCHED_OFF), "quality", False),
    ],
)
def test_the_seats_are_asked_only_where_the_rules_are_unsure_and_the_policy_does_not_save(
    kind: Finding, policy: Policy, asked: bool
) -> None:
    assert needs_opinion(context(kind), policy) is asked


def test_seats_that_agree_outvote_the_rules_and_both_are_told() -> None:
    resolved = resolve(found("support", 0.5), ["sales", "sales", "support"])

    assert resolved == Finding(
        value="sales",
        confidence=0.44,
        because=(
            "2 of 3 seats say sales",
            "1 of 3 seats says support",
            "by rule it was support, with confidence 0.50",
            "nothing is clear",
        ),
    )


def test_seats_and_rules_that_agree_are_surer_than_either() -> None:
    alone = resolve(found("general", 0.3), ["sales", "sales", "sales"])
    together = resolve(found("sales", 0.55), ["sales", "sales", "sales"])

    assert alone.value == together.value == "sales"
    assert together.confidence > max(alone.confidence, 0.55)


def test_one_seat_against_the_rules_wins_and_stays_unsure() -> None:
    resolved = resolve(found("support", 0.5), ["sales"])

    assert resolved.value == "sales"
    assert resolved.confidence < UNSURE_BELOW


@pytest.mark.parametrize("votes", [[], ["a party"], ["Sales", ""]])
def test_without_a_vote_for_a_type_the_rules_stand(votes: list[str]) -> None:
    assert resolve(found("support", 0.5), votes) == found("support", 0.5)


def test_the_callers_word_stands_against_all_seats() -> None:
    told = found("war council", 1.0, TOLD)

    assert resolve(told, ["sales", "sales", "sales"]) == told


def test_of_equals_the_rules_type_wins() -> None:
    assert resolve(found("support", 0.0), ["support", "interview"]).value == "support"


@given(st.lists(st.sampled_from(MEETING_TYPES), min_size=1, max_size=4), st.sampled_from(MEETING_TYPES))
def test_seat_order_does_not_matter_and_no_type_comes_from_nowhere(votes: list[str], ruled: str) -> None:
    outcomes = {resolve(found(ruled, 0.4), order).model_dump_json() for order in permutations(votes)}

    assert len(outcomes) == 1
    assert Finding.model_validate_json(outcomes.pop()).value in {*votes, ruled}


@given(st.lists(st.sampled_from(MEETING_TYPES), max_size=10), st.floats(0, UNSURE_BELOW))
def test_a_confidence_stays_below_certainty(votes: list[str], confidence: float) -> None:
    assert 0 <= resolve(found("general", confidence), votes).confidence < 1


@given(st.sampled_from(MEETING_TYPES), st.integers(1, 9))
def test_one_more_seat_of_the_same_mind_never_makes_it_less_sure(kind: str, seats: int) -> None:
    before, after = (resolve(found("general", 0.3), [kind] * count) for count in (seats, seats + 1))

    assert after.confidence >= before.confidence
