"""What `auto` means, and the reason that a reader is given for it."""

import re
from itertools import product

import pytest

from orchestrator.meeting.context import MEETING_TYPES, Context, Finding
from orchestrator.routing.choosing import Circumstances, choose
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import Policy
from orchestrator.synthesis import STRATEGIES

NO_LEAD = "no lead can be had"
TOO_DEAR = "a lead would cost more than is left"


def meeting(kind: str, confidence: float = 1.0) -> Context:
    return Context(
        type=Finding(value=kind, confidence=confidence),
        language=Finding(value="en", confidence=1.0),
        speakers=2,
        words=900,
    )


@pytest.mark.parametrize(
    ("seats", "policy", "given", "strategy", "reason"),
    [
        (1, "balanced", None, "single", "one model can be asked, so there is nothing to compare"),
        (1, "quality", Circumstances(lead_micro_usd=1), "single", "nothing to compare"),
        (3, "balanced", None, "consensus", "3 models can be asked, so what they agree on counts"),
        (3, "quality", None, "consensus", "3 models can be asked, so what they agree on counts"),
        (3, "balanced", Circumstances(lead_micro_usd=1, judge_micro_usd=1), "consensus", "agree on counts"),
        (3, "quality", Circumstances(lead_micro_usd=9), "hierarchical", "a lead can review what 3 models draft"),
        (3, "quality", Circumstances(lead_micro_usd=9, room_micro_usd=9), "hierarchical", "policy quality"),
        (2, "quality", Circumstances(judge_micro_usd=9), "competitive", f"{NO_LEAD}, but judges can rank"),
        (
            2,
            "quality",
            Circumstances(lead_micro_usd=9, judge_micro_usd=3, room_micro_usd=8),
            "competitive",
            f"{TOO_DEAR}, but judges can rank what 2 models write",
        ),
        (2, "quality", Circumstances(), "consensus", f"so what they agree on counts; {NO_LEAD}, as policy quality"),
        (2, "quality", Circumstances(lead_micro_usd=9, room_micro_usd=0), "consensus", f"; {TOO_DEAR}, as policy"),
        (3, "balanced", Circumstances(context=meeting("lecture")), "competitive", "a lecture is best told in one"),
        (3, "quality", Circumstances(context=meeting("interview")), "competitive", f"an interview is .* {NO_LEAD}"),
        (3, "balanced", Circumstances(context=meeting("lecture", 0.5)), "consensus", "agree on counts"),
        (3, "balanced", Circumstances(context=meeting("standup")), "consensus", "agree on counts"),
        (3, "balanced", Circumstances(context=meeting("our own word")), "consensus", "agree on counts"),
        (3, "balanced", Circumstances(recorded=2), "expertise", "2 of them have a record in such meetings"),
        (4, "balanced", Circumstances(recorded=2), "expertise", "each counts most where it is best$"),
        (4, "balanced", Circumstances(recorded=1), "consensus", "agree on counts"),
        (3, "aggressive", Circumstances(lead_micro_usd=0, recorded=3), "expertise", "3 of them have a record"),
    ],
)
def test_the_first_row_that_fits_decides_and_the_reason_tells_which(
    seats: int, policy: Policy, given: Circumstances | None, strategy: str, reason: str
) -> None:
    found, why = choose("auto", seats=seats, policy=policy, given=given)

    assert found == strategy
    assert re.search(reason, why), why


@pytest.mark.parametrize("asked", STRATEGIES)
def test_a_strategy_that_was_asked_for_is_taken(asked: str) -> None:
    assert choose(asked, seats=1, policy="quality", given=Circumstances(lead_micro_usd=0)) == (asked, "as asked")


def test_whatever_is_chosen_exists_and_can_be_filled_and_paid() -> None:
    prices = (None, 0, 5)
    for seats, policy, lead, judge, room, recorded, kind in product(
        (1, 2, 5), POLICIES, prices, prices, prices, (0, 2), MEETING_TYPES
    ):
        given = Circumstances(
            context=meeting(kind), lead_micro_usd=lead, judge_micro_usd=judge, room_micro_usd=room, recorded=recorded
        )

        strategy, reason = choose("auto", seats=seats, policy=policy, given=given)

        assert STRATEGIES[strategy].min_seats <= seats
        assert reason
        if strategy == "hierarchical":
            assert policy == "quality"
            assert given.affords(lead)
