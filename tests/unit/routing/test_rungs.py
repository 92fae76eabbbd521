"""Which rungs may still be asked when a seat moves on: what planning asked of a target, asked again."""

from datetime import UTC, datetime

from orchestrator.routing.market import Market
from orchestrator.routing.rungs import LEAST_PATIENCE_S, patience_s, usable
from orchestrator.work.seats import SeatPlan
from providers.calls import Message, Target
from providers.catalog import load

CATALOG = load()
TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
RICH = 10**9
LADDER = ("openai/gpt-6.1-terra", "google/gemini-3.8-flash", "anthropic/claude-sonnet-5-5", "extractive/cue-rules")
PLAN = SeatPlan(
    seat=0, role="analyst", asked=Target.parse(LADDER[0]), ladder=tuple(Target.parse(name) for name in LADDER)
)


def market(*reachable: str, at: datetime = TODAY, words: int = 10) -> Market:
    return Market(CATALOG, frozenset(reachable), at, (Message(role="user", text="word " * words),))


def test_every_rung_that_has_a_key_may_be_asked_and_the_built_in_model_needs_none() -> None:
    assert usable(PLAN, market("openai", "google", "anthropic"), RICH) == {0, 1, 2, 3}
    assert usable(PLAN, market("google"), RICH) == {1, 3}


def test_a_target_that_left_the_catalog_is_passed_over() -> None:
    gone = PLAN.model_copy(update={"ladder": (Target.parse("openai/no-such-model"), *PLAN.ladder[1:])})

    assert usable(gone, market("openai", "google", "anthropic"), RICH) == {1, 2, 3}


def test_a_model_that_was_retired_since_is_passed_over() -> None:
    plan = PLAN.model_copy(update={"ladder": (Target.parse("openai/gpt-4o"), *PLAN.ladder[1:])})

    assert 0 in usable(plan, market("openai"), RICH)
    assert 0 not in usable(plan, market("openai", at=datetime(2027, 2, 1, tzinfo=UTC)), RICH)


def test_a_model_whose_window_is_too_small_is_passed_over() -> None:
    plan = PLAN.model_copy(update={"ladder": (Target.parse("openai/gpt-4o"), *PLAN.ladder[1:])})

    assert 0 not in usable(plan, market("openai", "google", words=150_000), RICH)
    assert 1 in usable(plan, market("openai", "google", words=150_000), RICH)


def test_a_target_that_now_costs_more_than_the_job_was_bound_to_is_passed_over() -> None:
    all_three = market("openai", "google", "anthropic")
    terra = all_three.bound(PLAN.ladder[0])

    assert all_three.bound(PLAN.ladder[2]) > terra
    assert usable(PLAN, all_three, terra) == {0, 1, 3}


def test_a_call_has_half_of_the_time_that_is_left_while_another_provider_stands_below() -> None:
    assert [patience_s(PLAN, rung, 100.0) for rung in range(4)] == [50.0, 50.0, 100.0, 100.0]


def test_a_share_too_short_to_answer_in_is_rounded_up_to_what_there_is() -> None:
    assert patience_s(PLAN, 0, 12.0) == LEAST_PATIENCE_S
    assert patience_s(PLAN, 0, 4.0) == 4.0
