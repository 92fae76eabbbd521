"""What outcomes mean to the gate, and its plain-Python half: circuits and permits of a process alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Finish, LimitReading, Reply, Target, Usage
from providers.errors import (
    BadReply,
    Canceled,
    CircuitOpen,
    ContentFiltered,
    ContextTooLong,
    CutOff,
    DeadlineExceeded,
    EmptyReply,
    Interrupted,
    KeyParked,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Saturated,
    ServerFault,
    Stalled,
    TimedOut,
    Unauthenticated,
    Unreachable,
)
from providers.gate import machine
from providers.gate.local import Local
from providers.gate.machine import Circuit
from providers.gate.passes import CircuitState, NotAgreed, Pass
from providers.gate.rules import (
    Bucket,
    CircuitRules,
    Evidence,
    LimitRules,
    Outcome,
    Settlement,
    evidence,
    settlement,
    strictest,
)

TARGET = Target(provider="acme", model="large")
REPLY = Reply(text="yes", finish=Finish.STOP, model_served="large", usage=Usage(input_tokens=70, output_tokens=10))
FAULT = Evidence(weight=1, alive=False, code="overloaded")
LIFE = Evidence(weight=0, alive=True)
SILENCE = Evidence(weight=0, alive=False, code="rate_limited")
NOTHING = Settlement(kind="other")


def with_limits(error: ProviderError, *limits: LimitReading) -> ProviderError:
    error.limits = limits
    return error


@pytest.mark.parametrize(
    ("outcome", "weight", "alive"),
    [
        (REPLY, 0, True),
        (Unreachable("refused"), 2, False),
        (Interrupted("cut"), 1, False),
        (DeadlineExceeded("late"), 1, False),
        (Stalled("silent"), 1, False),
        (Overloaded("busy"), 1, False),
        (ServerFault("broke"), 1, False),
        (TimedOut("gave up"), 1, False),
        (BadReply("odd"), 1, False),
        (EmptyReply("nothing"), 1, False),
        (CutOff("half"), 1, False),
        (RateLimited("slower"), 0, False),
        (QuotaExhausted("no credit"), 0, False),
        (Unauthenticated("who"), 0, False),
        (Canceled("ours"), 0, False),
        (Saturated("full", reason="permits", retry_after_s=1), 0, False),
        (CircuitOpen("open", reason="open", retry_after_s=1), 0, False),
        (ModelNotFound("gone"), 0, True),
        (ContextTooLong("long"), 0, True),
        (ContentFiltered("no"), 0, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Reply | ProviderError) else str(value),
)
def test_an_outcome_is_a_fault_of_some_weight_or_a_sign_of_life_or_nothing(
    outcome: Outcome, weight: int, alive: bool
) -> None:
    seen = evidence(outcome)

    assert (seen.weight, seen.alive) == (weight, alive)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (REPLY, Settlement(kind="success", tokens_back=20)),
        (RateLimited("x", retry_after_s=7.0), Settlement(kind="rate_limit", told_s=7.0, why="rate_limited")),
        (RateLimited("x", status=429), Settlement(kind="rate_limit", why="rate_limited (429)")),
        (QuotaExhausted("x", status=402), Settlement(kind="park", park_s=900.0, why="quota_exhausted (402)")),
        (
            QuotaExhausted("x", retry_after_s=60.0),
            Settlement(kind="park", park_s=60.0, told_s=60.0, why="quota_exhausted"),
        ),
        (Unauthenticated("x", status=401), Settlement(kind="park", park_s=3600.0, why="unauthenticated (401)")),
        (Overloaded("x"), Settlement(kind="other", why="overloaded")),
        (ContentFiltered("x"), Settlement(kind="success", why="content_filtered")),
        (Unreachable("x"), Settlement(kind="other", tokens_back=100, why="unreachable")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_outcome_settles_the_key_it_was_made_with(outcome: Outcome, expected: Settlement) -> None:
    assert settlement(outcome, tokens=100, rules=LimitRules()) == expected


def test_tokens_that_a_provider_did_not_count_stay_held() -> None:
    guessed = REPLY.model_copy(update={"usage": Usage(input_tokens=1, estimated=True)})

    assert settlement(guessed, tokens=100, rules=LimitRules()).tokens_back == 0


def test_every_class_of_tokens_counts_against_the_limit() -> None:
    each = REPLY.model_copy(
        update={
            "usage": Usage(
                input_tokens=1,
                cached_input_tokens=2,
                cache_write_tokens=4,
                output_tokens=8,
                reasoning_tokens=16,
                image_tokens=32,
            )
        }
    )

    assert settlement(each, tokens=100, rules=LimitRules()).tokens_back == 100 - 63


def test_of_several_names_of_one_bucket_the_strictest_counts() -> None:
    readings = (
        LimitReading(of="tokens", limit=1_000, remaining=900, reset_s=1.0),
        LimitReading(of="input_tokens", limit=500, remaining=20, reset_s=9.0),
        LimitReading(of="requests", limit=7),
    )

    assert strictest(readings, {"tokens", "input_tokens"}) == Bucket(limit=500, remaining=20, reset_s=9.0)
    assert strictest(readings, {"requests"}) == Bucket(limit=7)
    assert strictest(readings, {"output_tokens"}) is None


@pytest.mark.parametrize(("remaining", "rest_s"), [(0, 12.0), (5, 0.0)])
def test_output_tokens_that_are_used_up_rest_the_key(remaining: int, rest_s: float) -> None:
    error = with_limits(RateLimited("x"), LimitReading(of="output_tokens", remaining=remaining, reset_s=12.0))

    assert settlement(error, tokens=0, rules=LimitRules()).rest_s == rest_s


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def local(clock: Clock) -> Local:
    return Local(CircuitRules(min_faults=3, ramp_successes=1), LimitRules(alone_permits=2), clock)


def enter(local: Local, call_id: str = "a", keys: tuple[str, ...] = ("k0",)) -> Pass:
    return local.enter(TARGET, keys, call_id, ttl_s=30.0)


def fail(local: Local, times: int) -> None:
    for turn in range(times):
        local.leave(enter(local, f"f{turn}"), FAULT, NOTHING)


def test_alone_a_process_opens_its_own_circuit_and_closes_it_in_steps(local: Local, clock: Clock) -> None:
    fail(local, 3)
    with pytest.raises(CircuitOpen) as refused:
        enter(local)
    clock.now += refused.value.retry_after_s
    probe = enter(local, "probe")
    with pytest.raises(CircuitOpen):
        enter(local, "second")

    seen = [local.leave(probe, LIFE, NOTHING)]
    while seen[-1] is None or seen[-1].after is not CircuitState.CLOSED:
        try:
            seen.append(local.leave(enter(local, f"r{len(seen)}"), LIFE, NOTHING))
        except CircuitOpen:
            continue

    assert probe.probe
    assert probe.alone
    assert [change.after for change in probe.transitions] == [CircuitState.HALF_OPEN]
    assert [change.after for change in seen if change] == [CircuitState.RAMP, CircuitState.CLOSED]


def test_alone_a_process_has_few_permits_and_a_dead_thread_frees_its_own_in_time(local: Local, clock: Clock) -> None:
    enter(local, "a")
    enter(local, "b")
    with pytest.raises(Saturated):
        enter(local, "c")
    enter(local, "b")

    clock.now += 31.0

    assert enter(local, "c").alone


def test_alone_a_renewed_pass_outlives_its_time(local: Local, clock: Clock) -> None:
    held, also = enter(local, "a"), enter(local, "b")
    clock.now += 29.0
    assert local.renew(held, 30.0)
    assert local.renew(also, 30.0)
    clock.now += 29.0

    with pytest.raises(Saturated):
        enter(local, "c")
    local.leave(held, LIFE, NOTHING)

    assert not local.renew(held, 30.0)


def test_alone_a_pass_that_was_handed_back_is_not_heard_again(local: Local) -> None:
    given_once = enter(local)
    for _ in range(5):
        local.leave(given_once, FAULT, NOTHING)

    assert enter(local, "b").alone
    assert [(reading.calls, reading.faults) for reading in local.readings()] == [(1, 1)]


def test_a_pass_of_the_shared_gate_teaches_the_process_that_stands_alone(local: Local) -> None:
    for turn in range(3):
        shared = Pass(target=TARGET, key=0, key_name="k0", call_id=f"s{turn}", era=9)
        local.leave(shared, FAULT, NOTHING)

    with pytest.raises(CircuitOpen):
        enter(local)


def test_alone_keys_take_turns_and_resting_ones_are_passed_over(local: Local, clock: Clock) -> None:
    keys = ("k0", "k1", "k2")
    local.rest("acme", "k1", Settlement(kind="park", park_s=100.0, why="unauthenticated"))

    chosen = []
    for turn in range(4):
        one = enter(local, f"t{turn}", keys)
        chosen.append(one.key)
        local.leave(one, LIFE, NOTHING)

    assert chosen == [0, 2, 0, 2]


def test_alone_with_every_key_resting_the_refusal_says_until_when(local: Local, clock: Clock) -> None:
    local.rest("acme", "k0", Settlement(kind="park", park_s=100.0, why="unauthenticated"))
    with pytest.raises(KeyParked) as parked:
        enter(local)
    local.rest("acme", "k1", Settlement(kind="rate_limit", told_s=9.0))
    local.rest("acme", "k1", Settlement(kind="rate_limit"))
    with pytest.raises(Saturated) as paused:
        enter(local, "b", ("k0", "k1"))
    local.wake("acme", "k0")

    assert parked.value.retry_after_s == 100.0
    assert paused.value.retry_after_s == 9.0
    assert enter(local).key_name == "k0"


@pytest.mark.parametrize(
    ("state", "passes"), [(CircuitState.OPEN, False), (CircuitState.RAMP, True), (CircuitState.CLOSED, True)]
)
def test_what_the_shared_circuit_said_last_is_where_a_process_begins(
    local: Local, state: CircuitState, passes: bool
) -> None:
    fail(local, 3)
    local.learn(TARGET, state, openings=2, step=1, wait_s=60.0)

    if passes:
        assert enter(local).alone
    else:
        with pytest.raises(CircuitOpen) as refused:
            enter(local)
        assert refused.value.retry_after_s == 60.0


def test_forgetting_a_circuit_closes_it(local: Local) -> None:
    fail(local, 3)
    local.forget(TARGET)

    assert enter(local).alone
    assert [reading.state for reading in local.readings()] == [CircuitState.CLOSED]


def test_a_fault_in_the_ramp_opens_for_longer_than_the_first() -> None:
    rules = CircuitRules(jitter_percent=0)
    ramp = Circuit(target=TARGET, state=CircuitState.RAMP, openings=1)

    again, transition = machine.report(ramp, rules, "a", FAULT, era=0, now_ms=0)

    assert transition is not None
    assert (again.state, again.until_ms) == (CircuitState.OPEN, 10_000)


def test_an_outcome_of_another_era_changes_nothing() -> None:
    ramp = Circuit(target=TARGET, state=CircuitState.RAMP, era=2)

    assert machine.report(ramp, CircuitRules(), "a", FAULT, era=1, now_ms=0) == (ramp, None)


def test_a_probe_that_learnt_nothing_leaves_its_place_to_the_next() -> None:
    probing = Circuit(target=TARGET, state=CircuitState.HALF_OPEN, probe="a", probe_until_ms=9)

    freed, _ = machine.report(probing, CircuitRules(), "a", SILENCE, era=0, now_ms=1)
    ignored, _ = machine.report(probing, CircuitRules(), "b", LIFE, era=0, now_ms=1)

    assert (freed.state, freed.probe) == (CircuitState.HALF_OPEN, "")
    assert (ignored.state, ignored.probe) == (CircuitState.HALF_OPEN, "a")


def test_a_failed_probe_opens_again() -> None:
    probing = Circuit(target=TARGET, state=CircuitState.HALF_OPEN, probe="a", probe_until_ms=9, openings=1)

    after, _ = machine.report(probing, CircuitRules(), "a", FAULT, era=0, now_ms=1)

    assert (after.state, after.openings) == (CircuitState.OPEN, 2)


def test_without_a_ramp_a_good_probe_closes_at_once() -> None:
    probing = Circuit(target=TARGET, state=CircuitState.HALF_OPEN, probe="a", probe_until_ms=9)

    after, _ = machine.report(probing, CircuitRules(ramp=()), "a", LIFE, era=0, now_ms=1)

    assert after.state is CircuitState.CLOSED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            Circuit(target=TARGET, state=CircuitState.HALF_OPEN, probe="a", probe_until_ms=9),
            Circuit(target=TARGET, state=CircuitState.OPEN),
        ),
        (
            Circuit(target=TARGET, state=CircuitState.RAMP, offered=3),
            Circuit(target=TARGET, state=CircuitState.RAMP, offered=2),
        ),
        (Circuit(target=TARGET), Circuit(target=TARGET)),
    ],
    ids=lambda circuit: circuit.state,
)
def test_an_admission_that_is_taken_back_was_never_given(before: Circuit, after: Circuit) -> None:
    assert machine.undo(before, "a") == after


@given(percent=st.integers(1, 100), offers=st.integers(1, 300))
def test_a_ramp_lets_its_share_through_and_the_first_at_once(percent: int, offers: int) -> None:
    rules = CircuitRules(ramp=(percent,))
    circuit = Circuit(target=TARGET, state=CircuitState.RAMP)

    answers = []
    for offer in range(offers):
        circuit, admission = machine.admit(circuit, rules, f"c{offer}", now_ms=0, ttl_ms=1)
        answers.append(admission.admitted)

    assert answers[0]
    assert abs(sum(answers) - offers * percent / 100) < 1


def test_a_ramp_that_lost_steps_with_new_rules_lets_everything_through() -> None:
    circuit = Circuit(target=TARGET, state=CircuitState.RAMP, step=4)

    _, admission = machine.admit(circuit, CircuitRules(ramp=(50,)), "a", now_ms=0, ttl_ms=1)

    assert admission.admitted


@given(openings=st.integers(0, 60))
def test_an_open_circuits_time_is_bounded_however_often_it_opened(openings: int) -> None:
    rules = CircuitRules()
    ramp = Circuit(target=TARGET, state=CircuitState.RAMP, openings=openings)

    after, _ = machine.report(ramp, rules, "a", FAULT, era=0, now_ms=0)

    assert 5_000 <= after.until_ms <= 120_000 * 1.2


def test_faults_older_than_the_window_do_not_open() -> None:
    rules = CircuitRules(min_faults=3)
    circuit = Circuit(target=TARGET)

    for turn in range(9):
        circuit, _ = machine.report(circuit, rules, "a", FAULT, era=0, now_ms=turn * 16_000)

    assert circuit.state is CircuitState.CLOSED


def test_an_error_of_the_gate_can_be_tried_again_and_costs_nothing() -> None:
    error = KeyParked("no key", reason="unauthenticated", retry_after_s=9.0, provider="acme")

    assert error.retryable
    assert not error.may_be_billed
    assert (error.code, error.retry_after_s) == ("key_parked", 9.0)


def test_one_success_of_several_stays_on_its_step() -> None:
    ramp = Circuit(target=TARGET, state=CircuitState.RAMP)

    after, transition = machine.report(ramp, CircuitRules(ramp_successes=2), "a", LIFE, era=0, now_ms=0)

    assert transition is None
    assert (after.state, after.step, after.passed) == (CircuitState.RAMP, 1, 1)


def test_a_companion_that_does_not_agree_is_told_word_for_word_and_printed_to_nobody() -> None:
    refused = NotAgreed({"agreed": False, "spent": "12345"})

    assert refused.told == {"agreed": False, "spent": "12345"}
    assert "12345" not in str(refused)
    assert NotAgreed(None).told is None
