"""The failover table, row by row, and the laws of the ladder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.failover import MAX_SENT_CALLS, MAX_WAIT_S, GiveUp, Retry, decide
from orchestrator.work.seats import Reason, SeatPlan
from providers import errors
from providers.calls import Target

PAID = tuple(Target(provider=provider, model="m") for provider in ("aimlapi", "openai", "openrouter"))
FREE = Target(provider="extractive", model="cue-rules")


def seat(*ladder: Target) -> SeatPlan:
    return SeatPlan(seat=0, role="analyst", asked=ladder[0], ladder=ladder)


ROWS = [
    (errors.Unreachable("x"), Retry(rung=1)),
    (errors.Interrupted("x"), Retry(rung=1)),
    (errors.DeadlineExceeded("x"), Retry(rung=1)),
    (errors.RateLimited("x"), Retry(rung=0, wait_s=1.0)),
    (errors.RateLimited("x", retry_after_s=0.0), Retry(rung=0)),
    (errors.RateLimited("x", retry_after_s=MAX_WAIT_S), Retry(rung=0, wait_s=MAX_WAIT_S)),
    (errors.RateLimited("x", retry_after_s=MAX_WAIT_S + 1), Retry(rung=1)),
    (errors.QuotaExhausted("x", retry_after_s=1.0), Retry(rung=1)),
    (errors.Overloaded("x"), Retry(rung=1)),
    (errors.ServerFault("x"), Retry(rung=1)),
    (errors.Refused("x"), Retry(rung=1)),
    (errors.Unauthenticated("x"), Retry(rung=1)),
    (errors.ModelNotFound("x"), Retry(rung=1)),
    (errors.ContextTooLong("x"), Retry(rung=1)),
    (errors.ContentFiltered("x"), Retry(rung=1)),
    (errors.BadReply("x"), Retry(rung=1)),
    (errors.EmptyReply("x"), Retry(rung=1)),
    (errors.CutOff("x"), Retry(rung=1)),
    (errors.Canceled("x"), GiveUp(reason=Reason.REFUSED)),
    (errors.ProviderError("x"), Retry(rung=1)),
]


@pytest.mark.parametrize(("error", "decision"), ROWS, ids=lambda value: type(value).__name__)
def test_each_failure_has_its_way(error: errors.ProviderError, decision: Retry | GiveUp) -> None:
    assert decide(seat(*PAID), 0, error, waited=False, sent_calls=1) == decision


def test_a_rung_waits_out_a_rate_limit_only_once() -> None:
    error = errors.RateLimited("x", retry_after_s=2.0)

    assert decide(seat(*PAID), 0, error, waited=True, sent_calls=1) == Retry(rung=1)


def test_a_seat_that_fails_on_its_last_rung_is_exhausted() -> None:
    assert decide(seat(*PAID), 2, errors.ServerFault("x"), waited=False, sent_calls=3) == GiveUp(
        reason=Reason.EXHAUSTED
    )


def test_after_the_last_allowed_call_only_a_built_in_model_may_follow() -> None:
    plan = seat(*PAID, *PAID, FREE)

    assert decide(plan, 3, errors.ServerFault("x"), waited=False, sent_calls=MAX_SENT_CALLS) == Retry(rung=6)


def test_after_the_last_allowed_call_a_seat_without_built_in_models_is_exhausted() -> None:
    plan = seat(*PAID, *PAID)

    decision = decide(plan, 3, errors.RateLimited("x"), waited=False, sent_calls=MAX_SENT_CALLS)

    assert decision == GiveUp(reason=Reason.EXHAUSTED)


@given(
    errors_met=st.lists(st.sampled_from([error for error, _ in ROWS if not isinstance(error, errors.Canceled)])),
    length=st.integers(1, 6),
    free=st.booleans(),
)
def test_a_seat_always_ends_and_never_pays_more_calls_than_allowed(
    errors_met: list[errors.ProviderError], length: int, free: bool
) -> None:
    ladder = tuple(PAID[place % 3] for place in range(length)) + ((FREE,) if free else ())
    plan, rung, waited, sent = seat(*ladder), 0, False, 0

    for error in errors_met:
        sent += ladder[rung].provider != "extractive"
        decision = decide(plan, rung, error, waited=waited, sent_calls=sent)
        if isinstance(decision, GiveUp):
            break
        assert decision.rung in (rung, *range(rung + 1, len(ladder)))
        waited = decision.rung == rung
        rung = decision.rung

    assert sent <= MAX_SENT_CALLS
