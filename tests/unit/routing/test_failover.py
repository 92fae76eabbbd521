"""The failover table, every outcome at every tier, and the laws of the ladder."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.failover import (
    LONGEST_ROUND_WAIT_S,
    MAX_AMBIGUOUS,
    MAX_ATTEMPTS,
    MAX_BILLED_CALLS,
    MAX_WAIT_S,
    WAYS,
    Decision,
    GiveUp,
    Retry,
    Standing,
    Way,
    decide,
    way_of,
)
from orchestrator.work.seats import Reason, SeatPlan
from providers import errors
from providers.calls import Target

TIERS: Final = ("aimlapi", "openai", "google", "anthropic")
PAID = tuple(Target(provider=provider, model="m") for provider in TIERS)
FREE = Target(provider="extractive", model="cue-rules")
LAST = len(PAID) - 1

EXHAUSTED = GiveUp(reason=Reason.EXHAUSTED)
REFUSED = GiveUp(reason=Reason.REFUSED)


def seat(*ladder: Target) -> SeatPlan:
    return SeatPlan(seat=0, role="analyst", asked=ladder[0], ladder=ladder)


def standing(
    plan: SeatPlan,
    rung: int,
    *,
    waited: bool = False,
    attempts: int | None = None,
    billed: int = 0,
    filtered: int = 0,
    ambiguous: int = 0,
    flex: bool = False,
    spare_key: bool = False,
    unusable: frozenset[int] = frozenset(),
    left_s: float = 300.0,
    mendable: bool = False,
) -> Standing:
    return Standing(
        rung=rung,
        waited=waited,
        attempts=rung + 1 if attempts is None else attempts,
        billed=billed,
        filtered=filtered,
        ambiguous=ambiguous,
        flex=flex,
        spare_key=spare_key,
        usable=frozenset(range(len(plan.ladder))) - unusable,
        left_s=left_s,
        mendable=mendable,
    )


def limited(retry_after_s: float | None, kind: type[errors.RateLimited] = errors.RateLimited) -> errors.RateLimited:
    return kind("x", retry_after_s=retry_after_s)


def held_back(kind: type[errors.NotAdmitted], retry_after_s: float) -> errors.NotAdmitted:
    return kind("x", reason="x", retry_after_s=retry_after_s)


def withheld(*, final: bool) -> errors.Withheld:
    return errors.Withheld("x", reason="no room", retry_after_s=2.0, final=final)


# Forty outcomes. "next": the next rung at once. "wait N": this rung again in N seconds. "round": nothing below, but the
# first rung later. "end": refused for good. What stands under `last` holds on the last rung.
NEXT, ROUND, END, GIVE_UP = "next", "round", "end", "give up"
OUTCOMES: Final[dict[str, tuple[errors.ProviderError, bool, str | float, str | float]]] = {
    # name: (error, the rung has had its wait, on the rungs above, on the last rung)
    "no connection": (errors.Unreachable("x"), False, NEXT, ROUND),
    "no connection, after a wait": (errors.Unreachable("x"), True, NEXT, ROUND),
    "connection broken in the answer": (errors.Interrupted("x"), False, NEXT, GIVE_UP),
    "our deadline": (errors.DeadlineExceeded("x"), False, NEXT, GIVE_UP),
    "our deadline, after a wait": (errors.DeadlineExceeded("x"), True, NEXT, GIVE_UP),
    "no progress in a stream": (errors.Stalled("x"), False, NEXT, GIVE_UP),
    "rate limit, no wait told": (limited(None), False, 1.0, 1.0),
    "rate limit, no wait told, waited": (limited(None), True, NEXT, ROUND),
    "rate limit, zero told": (limited(0.0), False, 0.0, 0.0),
    "rate limit, half a second told": (limited(0.5), False, 0.5, 0.5),
    "rate limit, two seconds told, waited": (limited(2.0), True, NEXT, ROUND),
    "rate limit, the longest wait": (limited(MAX_WAIT_S), False, MAX_WAIT_S, MAX_WAIT_S),
    "rate limit, too long a wait": (limited(MAX_WAIT_S + 1), False, NEXT, ROUND),
    "rate limit, five minutes": (limited(300.0), False, NEXT, ROUND),
    "rate limit, a day": (limited(86_400.0), True, NEXT, ROUND),
    "quota used up": (limited(None, errors.QuotaExhausted), False, NEXT, GIVE_UP),
    "quota used up, short wait told": (limited(1.0, errors.QuotaExhausted), False, NEXT, GIVE_UP),
    "quota used up, waited": (limited(1.0, errors.QuotaExhausted), True, NEXT, GIVE_UP),
    "overloaded": (errors.Overloaded("x"), False, NEXT, ROUND),
    "overloaded, waited": (errors.Overloaded("x"), True, NEXT, ROUND),
    "fault of the server": (errors.ServerFault("x"), False, NEXT, ROUND),
    "fault of the server, waited": (errors.ServerFault("x"), True, NEXT, ROUND),
    "the server's own timeout": (errors.TimedOut("x"), False, NEXT, ROUND),
    "refused": (errors.Refused("x"), False, NEXT, GIVE_UP),
    "refused, waited": (errors.Refused("x"), True, NEXT, GIVE_UP),
    "wrong key": (errors.Unauthenticated("x"), False, NEXT, GIVE_UP),
    "no such model": (errors.ModelNotFound("x"), False, NEXT, GIVE_UP),
    "too long": (errors.ContextTooLong("x"), False, NEXT, GIVE_UP),
    "content refused": (errors.ContentFiltered("x"), False, NEXT, GIVE_UP),
    "bad answer": (errors.BadReply("x"), False, NEXT, GIVE_UP),
    "empty answer": (errors.EmptyReply("x"), False, NEXT, GIVE_UP),
    "answer cut off": (errors.CutOff("x"), False, NEXT, GIVE_UP),
    "circuit open": (held_back(errors.CircuitOpen, 12.0), False, NEXT, ROUND),
    "circuit open, no time told": (held_back(errors.CircuitOpen, 0.0), False, NEXT, ROUND),
    "key parked": (held_back(errors.KeyParked, 900.0), False, NEXT, ROUND),
    "full house": (held_back(errors.Saturated, 0.2), False, 0.2, 0.2),
    "full house, waited": (held_back(errors.Saturated, 0.2), True, NEXT, ROUND),
    "full house for long": (held_back(errors.Saturated, 45.0), False, NEXT, ROUND),
    "canceled": (errors.Canceled("x"), False, END, END),
    "an error without a class of its own": (errors.ProviderError("x"), False, NEXT, GIVE_UP),
}


# What a seat can meet: those, and money.
MET: Final = [*(error for error, *_ in OUTCOMES.values()), withheld(final=False), withheld(final=True)]


def test_there_are_forty_outcomes() -> None:
    assert len(OUTCOMES) == 40


@pytest.mark.parametrize("tier", range(len(PAID)), ids=TIERS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_each_outcome_has_its_way_at_each_tier(name: str, tier: int) -> None:
    error, waited, above, last = OUTCOMES[name]
    plan = seat(*PAID)

    decision = decide(plan, standing(plan, tier, waited=waited), error)

    assert_is(decision, last if tier == LAST else above, tier)


def assert_is(decision: Decision, expected: str | float, tier: int) -> None:
    if isinstance(expected, float):
        assert decision == Retry(rung=tier, wait_s=expected)
    elif expected == ROUND:
        assert isinstance(decision, Retry)
        assert decision.rung == 0
        assert 0 < decision.wait_s <= LONGEST_ROUND_WAIT_S
    else:
        assert decision == {NEXT: Retry(rung=tier + 1), GIVE_UP: EXHAUSTED, END: REFUSED}[expected]


def test_every_class_of_failure_has_a_row_of_its_own_or_of_its_family() -> None:
    assert set(WAYS) <= set(_family(errors.ProviderError))
    for kind in _family(errors.ProviderError):
        assert any(base in WAYS for base in kind.__mro__) or kind is errors.ProviderError
    assert way_of(errors.ProviderError("x")) is Way.NEXT


def _family(kind: type[errors.ProviderError]) -> list[type[errors.ProviderError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _family(child))]


@pytest.mark.parametrize(
    "error", [limited(None), limited(300.0), limited(None, errors.QuotaExhausted), errors.Unauthenticated("x")]
)
def test_what_ails_a_key_keeps_the_rung_while_its_provider_has_another_key(error: errors.ProviderError) -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, spare_key=True), error) == Retry(rung=1)
    assert decide(plan, standing(plan, 1, spare_key=True, unusable=frozenset((1,))), error) == Retry(rung=2)


def test_a_second_key_does_not_cure_what_ails_the_provider() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, spare_key=True), errors.Overloaded("x")) == Retry(rung=2)
    assert decide(plan, standing(plan, 1, spare_key=True), held_back(errors.KeyParked, 900.0)) == Retry(rung=2)


def test_rungs_that_cannot_be_asked_any_more_are_passed_over() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 0, unusable=frozenset((1, 2))), errors.ServerFault("x")) == Retry(rung=3)


def test_a_rung_that_cannot_be_asked_any_more_is_not_waited_for() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 0, unusable=frozenset((0,))), limited(1.0)) == Retry(rung=1)


def test_content_that_two_providers_refused_goes_to_no_third_but_to_a_built_in_model() -> None:
    plan, without = seat(*PAID, FREE), seat(*PAID)
    error = errors.ContentFiltered("x")

    assert decide(plan, standing(plan, 1, filtered=2), error) == Retry(rung=4)
    assert decide(without, standing(without, 1, filtered=2), error) == REFUSED


def test_after_the_last_allowed_paid_call_only_a_built_in_model_may_follow() -> None:
    plan = seat(*PAID, *PAID, FREE)

    assert decide(plan, standing(plan, 3, billed=MAX_BILLED_CALLS), errors.BadReply("x")) == Retry(rung=8)


def test_after_the_last_allowed_attempt_a_seat_without_built_in_models_is_exhausted() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, attempts=MAX_ATTEMPTS), errors.Overloaded("x")) == EXHAUSTED


def test_a_built_in_model_that_failed_begins_no_new_round() -> None:
    plan = seat(*PAID, FREE)

    assert decide(plan, standing(plan, 4), errors.ServerFault("x")) == EXHAUSTED


def test_no_round_begins_that_the_job_could_not_see_the_start_of() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, LAST, left_s=1.0), errors.Overloaded("x")) == EXHAUSTED


def test_no_round_begins_where_no_rung_can_be_asked() -> None:
    plan = seat(*PAID)
    nowhere = standing(plan, LAST, unusable=frozenset(range(len(PAID))))

    assert decide(plan, nowhere, errors.Overloaded("x")) == EXHAUSTED


def test_each_round_waits_longer_than_the_one_before() -> None:
    plan = seat(*PAID)
    decisions = [decide(plan, standing(plan, LAST, attempts=4 * n), errors.Overloaded("x")) for n in (1, 2)]

    waits = [decision.wait_s for decision in decisions if isinstance(decision, Retry)]

    assert len(waits) == 2
    assert waits[0] < waits[1]


def test_a_limit_that_outlasts_the_job_is_not_waited_for() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 0, left_s=3.0), limited(5.0)) == Retry(rung=1)


@given(
    met=st.lists(st.sampled_from(MET), max_size=60),
    paid=st.integers(1, 6),
    free=st.booleans(),
    unusable=st.frozensets(st.integers(0, 6)),
    flex=st.booleans(),
)
def test_a_seat_always_ends_and_never_pays_more_calls_than_allowed(
    met: list[errors.ProviderError], paid: int, free: bool, unusable: frozenset[int], flex: bool
) -> None:
    plan = seat(*(PAID[place % len(PAID)] for place in range(paid)), *((FREE,) if free else ()))
    rung, waited, attempts, billed, filtered, ambiguous = 0, False, 0, 0, 0, 0

    for error in met:
        attempts += 1
        assert ambiguous < MAX_AMBIGUOUS or plan.ladder[rung] == FREE
        billed += error.may_be_billed and plan.ladder[rung] != FREE
        filtered += isinstance(error, errors.ContentFiltered)
        ambiguous += isinstance(error, errors.Interrupted) and plan.ladder[rung] != FREE
        is_flex = flex and attempts == 1
        now = standing(
            plan,
            rung,
            waited=waited,
            attempts=attempts,
            billed=billed,
            filtered=filtered,
            ambiguous=ambiguous,
            flex=is_flex,
            unusable=unusable,
        )
        decision = decide(plan, now, error)
        if isinstance(decision, GiveUp):
            break
        assert decision.rung in now.usable
        assert decision.rung > rung or decision.wait_s > 0 or isinstance(error, errors.RateLimited) or is_flex
        waited = decision.rung == rung
        rung = decision.rung

    assert billed <= MAX_BILLED_CALLS
    assert attempts <= MAX_ATTEMPTS + 1


@pytest.mark.parametrize("waited", [False, True])
def test_money_that_only_others_hold_is_waited_for_however_often(waited: bool) -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, waited=waited), withheld(final=False)) == Retry(rung=1, wait_s=2.0)


def test_money_that_others_hold_is_not_waited_for_without_time() -> None:
    plan = seat(*PAID, FREE)

    assert decide(plan, standing(plan, 1, left_s=5.0), withheld(final=False)) == Retry(rung=2)


def test_money_that_is_spent_sends_a_seat_to_what_the_rest_allows_and_then_ends_it() -> None:
    plan = seat(*PAID, FREE)
    dear = frozenset({1, 2, 3})

    assert decide(plan, standing(plan, 0, unusable=dear), withheld(final=True)) == Retry(rung=4)
    assert decide(seat(*PAID), standing(seat(*PAID), LAST), withheld(final=True)) == GiveUp(reason=Reason.BUDGET)


def test_after_the_second_call_of_unknown_fate_none_is_paid() -> None:
    with_free, paid_only = seat(*PAID, FREE), seat(*PAID)
    lost = errors.Interrupted("x")

    assert decide(paid_only, standing(paid_only, 0, ambiguous=MAX_AMBIGUOUS - 1), lost) == Retry(rung=1)
    assert decide(with_free, standing(with_free, 0, ambiguous=MAX_AMBIGUOUS), lost) == Retry(rung=4)
    assert decide(paid_only, standing(paid_only, 0, ambiguous=MAX_AMBIGUOUS), lost) == GiveUp(reason=Reason.AMBIGUOUS)


@pytest.mark.parametrize("tier", range(len(PAID)), ids=TIERS)
def test_money_has_its_way_at_each_tier(tier: int) -> None:
    plan = seat(*PAID)
    below = GiveUp(reason=Reason.BUDGET) if tier == LAST else Retry(rung=tier + 1)

    assert decide(plan, standing(plan, tier), withheld(final=False)) == Retry(rung=tier, wait_s=2.0)
    assert decide(plan, standing(plan, tier), withheld(final=True)) == below
    assert decide(plan, standing(plan, tier, left_s=5.0), withheld(final=False)) == below


@pytest.mark.parametrize("final", [False, True])
def test_a_seat_that_waited_for_money_until_its_last_attempt_ends_for_want_of_it(final: bool) -> None:
    plan, with_free = seat(*PAID), seat(*PAID, FREE)

    assert decide(plan, standing(plan, 0, attempts=MAX_ATTEMPTS), withheld(final=final)) == GiveUp(reason=Reason.BUDGET)
    assert decide(with_free, standing(with_free, 0, attempts=MAX_ATTEMPTS), withheld(final=final)) == Retry(rung=4)


@pytest.mark.parametrize("tier", range(len(PAID)), ids=TIERS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_after_the_second_unknown_fate_each_outcome_at_each_tier_ends_the_paid_calls(name: str, tier: int) -> None:
    error, waited, above, _last = OUTCOMES[name]
    plan, with_free = seat(*PAID), seat(*PAID, FREE)

    ends = [
        decide(one, standing(one, tier, waited=waited, ambiguous=MAX_AMBIGUOUS), error) for one in (plan, with_free)
    ]

    canceled = above == END
    assert ends[0] == (REFUSED if canceled else GiveUp(reason=Reason.AMBIGUOUS))
    assert ends[1] == (REFUSED if canceled else Retry(rung=4))


NO_PLACE: Final = (errors.RateLimited, errors.Overloaded)


@pytest.mark.parametrize("tier", range(len(PAID)), ids=TIERS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_at_the_cheaper_tier_each_outcome_but_a_lack_of_place_has_its_usual_way(name: str, tier: int) -> None:
    error, waited, above, last = OUTCOMES[name]
    plan = seat(*PAID)

    decision = decide(plan, standing(plan, tier, waited=waited, flex=True), error)

    if isinstance(error, NO_PLACE) and not isinstance(error, errors.QuotaExhausted):
        assert decision == Retry(rung=tier)
    else:
        assert_is(decision, last if tier == LAST else above, tier)


@pytest.mark.parametrize("error", [limited(60.0), errors.Overloaded("x")])
def test_where_the_cheaper_tier_has_no_place_the_same_model_is_asked_again_at_once(error: errors.ProviderError) -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, flex=True), error) == Retry(rung=1)


def test_any_other_failure_at_the_cheaper_tier_goes_its_usual_way() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1, flex=True), errors.ServerFault("x")) == Retry(rung=2)


@pytest.mark.parametrize("tier", range(len(PAID)), ids=TIERS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_only_an_answer_of_no_use_is_mended_by_who_gave_it_and_at_once(name: str, tier: int) -> None:
    error, waited, above, last = OUTCOMES[name]
    plan = seat(*PAID)

    decision = decide(plan, standing(plan, tier, waited=waited, mendable=True), error)

    if isinstance(error, errors.BadReply):
        assert decision == Retry(rung=tier, repair=True)
    else:
        assert_is(decision, last if tier == LAST else above, tier)


def test_an_answer_that_cannot_be_mended_or_was_goes_its_usual_way() -> None:
    plan = seat(*PAID)

    assert decide(plan, standing(plan, 1), errors.BadReply("x")) == Retry(rung=2)
    assert decide(plan, standing(plan, 1, mendable=True, unusable=frozenset({1})), errors.BadReply("x")) == Retry(
        rung=2
    )


@pytest.mark.parametrize("beyond", [{"billed": MAX_BILLED_CALLS}, {"attempts": MAX_ATTEMPTS}])
def test_no_repair_is_made_beyond_what_a_seat_may_pay_and_try(beyond: dict[str, int]) -> None:
    plan, with_free = seat(*PAID), seat(*PAID, FREE)
    bad = errors.BadReply("x")

    assert decide(plan, standing(plan, 0, mendable=True, **beyond), bad) == EXHAUSTED  # type: ignore[arg-type]  # numbers
    assert decide(with_free, standing(with_free, 0, mendable=True, **beyond), bad) == Retry(rung=4)  # type: ignore[arg-type]


def test_no_repair_is_made_after_two_calls_of_unknown_fate() -> None:
    plan = seat(*PAID)

    decision = decide(plan, standing(plan, 0, mendable=True, ambiguous=MAX_AMBIGUOUS), errors.BadReply("x"))

    assert decision == GiveUp(reason=Reason.AMBIGUOUS)
