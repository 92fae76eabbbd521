"""The shared circuit: its script against a plain model, under random histories of several workers."""

from dataclasses import dataclass
from itertools import count, pairwise
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from redis import Redis

from providers.calls import Target
from providers.gate import machine
from providers.gate.circuit import CircuitQuestions, Circuits
from providers.gate.passes import CircuitState
from providers.gate.rules import CircuitRules, Evidence
from tests.integration.gates import ACME, BOLT, Clock

FAULT: Final = Evidence(weight=1, alive=False, code="overloaded")
HEAVY: Final = Evidence(weight=2, alive=False, code="unreachable")
LIFE: Final = Evidence(weight=0, alive=True)
SILENCE: Final = Evidence(weight=0, alive=False, code="rate_limited")

RULES: Final = CircuitRules(
    window_s=10, min_faults=3, open_s=4, open_cap_s=16, ramp=(25, 50), ramp_successes=2, recheck_s=1
)
TTL_S: Final = 3.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuits(redis: Redis, redis_prefix: str, clock: Clock) -> Circuits:
    return Circuits(redis, CircuitQuestions(redis_prefix, RULES, clock))


def opened(circuits: Circuits, target: Target = ACME) -> float:
    """Open a closed circuit; returns how long it will be open, in seconds."""
    for turn in range(RULES.min_faults):
        admission = circuits.admit(target, f"o{turn}", ttl_s=TTL_S)
        circuits.report(target, f"o{turn}", FAULT, era=admission.era)
    refused = circuits.admit(target, "refused", ttl_s=TTL_S)
    assert refused.state is CircuitState.OPEN
    return refused.wait_s


def era(circuits: Circuits, call_id: str = "era") -> int:
    return circuits.admit(ACME, call_id, ttl_s=TTL_S).era


def in_ramp(circuits: Circuits, clock: Clock) -> int:
    """Bring a circuit into the ramp; returns its era."""
    clock.pass_s(opened(circuits))
    probe = circuits.admit(ACME, "probe", ttl_s=TTL_S)
    circuits.report(ACME, "probe", LIFE, era=probe.era)
    return probe.era


def test_enough_faults_in_the_window_open_it_and_the_transition_is_told_once(circuits: Circuits) -> None:
    told = [circuits.report(ACME, f"c{turn}", FAULT, era=0) for turn in range(RULES.min_faults + 1)]

    assert [change and (change.before, change.after) for change in told] == [
        None,
        None,
        (CircuitState.CLOSED, CircuitState.OPEN),
        None,
    ]
    assert told[2] is not None
    assert told[2].why == "3 of 3 calls failed, last: overloaded"


def test_a_connection_that_did_not_come_about_weighs_twice(circuits: Circuits) -> None:
    circuits.report(ACME, "a", HEAVY, era=0)
    opened_by = circuits.report(ACME, "b", HEAVY, era=0)

    assert opened_by is not None


def test_faults_below_the_share_do_not_open_it(circuits: Circuits) -> None:
    for turn in range(12):
        circuits.report(ACME, f"g{turn}", LIFE, era=0)
    told = [circuits.report(ACME, f"b{turn}", FAULT, era=0) for turn in range(11)]

    assert told == [None] * 11


def test_faults_that_left_the_window_are_forgotten(circuits: Circuits, clock: Clock) -> None:
    for turn in range(9):
        assert circuits.report(ACME, f"c{turn}", FAULT, era=0) is None
        clock.pass_s(RULES.window_s / 2 + 1)


def test_rate_limits_never_open_it(circuits: Circuits) -> None:
    told = {circuits.report(ACME, f"c{turn}", SILENCE, era=0) for turn in range(50)}

    assert told == {None}


def test_targets_do_not_share_a_circuit(circuits: Circuits) -> None:
    opened(circuits, ACME)

    assert circuits.admit(BOLT, "b", ttl_s=TTL_S).admitted


def test_each_opening_that_follows_without_a_full_return_lasts_longer_up_to_a_cap(
    circuits: Circuits, clock: Clock
) -> None:
    waits = [opened(circuits)]
    for turn in range(5):
        clock.pass_s(waits[-1])
        probe = circuits.admit(ACME, f"p{turn}", ttl_s=TTL_S)
        circuits.report(ACME, f"p{turn}", FAULT, era=probe.era)
        waits.append(circuits.admit(ACME, "refused", ttl_s=TTL_S).wait_s)

    assert all(before < after for before, after in pairwise(waits[:3]))
    assert RULES.open_s <= waits[0] <= RULES.open_s * 1.2
    assert all(RULES.open_cap_s <= wait <= RULES.open_cap_s * 1.2 for wait in waits[2:])


def test_circuits_that_opened_together_do_not_probe_together(circuits: Circuits) -> None:
    waits = {opened(circuits, Target(provider="acme", model=f"m{number}")) for number in range(8)}

    assert len(waits) > 4


def test_a_dead_probers_place_is_free_after_its_time(circuits: Circuits, clock: Clock) -> None:
    clock.pass_s(opened(circuits))
    first = circuits.admit(ACME, "killed", ttl_s=TTL_S)
    second = circuits.admit(ACME, "next", ttl_s=TTL_S)
    clock.pass_s(TTL_S)
    third = circuits.admit(ACME, "next", ttl_s=TTL_S)

    assert (first.probe, second.admitted, third.probe) == (True, False, True)


def test_a_renewed_probe_keeps_its_place(circuits: Circuits, clock: Clock) -> None:
    clock.pass_s(opened(circuits))
    circuits.admit(ACME, "slow", ttl_s=TTL_S)
    clock.pass_s(TTL_S - 1)
    renewed = circuits.renew(ACME, "slow", ttl_s=TTL_S), circuits.renew(ACME, "stranger", ttl_s=TTL_S)
    clock.pass_s(TTL_S - 1)

    assert renewed == (True, False)
    assert not circuits.admit(ACME, "next", ttl_s=TTL_S).admitted


def test_the_probe_may_ask_again(circuits: Circuits, clock: Clock) -> None:
    clock.pass_s(opened(circuits))
    answers = [circuits.admit(ACME, "probe", ttl_s=TTL_S).probe for _ in range(2)]

    assert answers == [True, True]


def test_traffic_returns_in_steps(circuits: Circuits, clock: Clock) -> None:
    now = in_ramp(circuits, clock)
    shares = []
    while (states := circuits.look([ACME]))[0].state is CircuitState.RAMP:
        admitted = [circuits.admit(ACME, f"r{turn}", ttl_s=TTL_S).admitted for turn in range(8)]
        shares.append(sum(admitted) / 8)
        for turn in range(RULES.ramp_successes):
            circuits.report(ACME, f"r{turn}", LIFE, era=now)

    assert shares == [0.25, 0.5]
    assert states[0].state is CircuitState.CLOSED


def test_a_fault_in_the_ramp_opens_it_again_and_for_longer(circuits: Circuits, clock: Clock) -> None:
    now = in_ramp(circuits, clock)

    change = circuits.report(ACME, "r", FAULT, era=now)

    assert change is not None
    assert change.why == "a fault while traffic returned: overloaded"
    assert circuits.admit(ACME, "refused", ttl_s=TTL_S).wait_s >= 2 * RULES.open_s


def test_a_slow_call_from_before_the_outage_neither_closes_nor_opens_it(circuits: Circuits, clock: Clock) -> None:
    before = era(circuits)
    in_ramp(circuits, clock)

    told = [circuits.report(ACME, f"late{turn}", FAULT, era=before) for turn in range(5)]

    assert told == [None] * 5
    assert circuits.look([ACME])[0].state is CircuitState.RAMP


def test_what_went_wrong_before_is_not_held_against_a_circuit_that_closed(circuits: Circuits, clock: Clock) -> None:
    now = in_ramp(circuits, clock)
    for turn in range(RULES.ramp_successes * len(RULES.ramp)):
        circuits.report(ACME, f"r{turn}", LIFE, era=now)

    assert circuits.report(ACME, "a", FAULT, era=now) is None
    assert circuits.look([ACME])[0].state is CircuitState.CLOSED


def test_a_free_look_half_opens_at_once_and_closes_nothing(circuits: Circuits) -> None:
    opened(circuits)

    change, second = circuits.half_open(ACME, "awake"), circuits.half_open(ACME, "awake")
    first, other = (circuits.admit(ACME, call, ttl_s=TTL_S) for call in ("a", "b"))

    assert change is not None
    assert (change.after, change.why, second) == (CircuitState.HALF_OPEN, "awake", None)
    assert (first.probe, other.admitted) == (True, False)


def test_an_admission_that_is_taken_back_leaves_the_probes_place_free(circuits: Circuits, clock: Clock) -> None:
    clock.pass_s(opened(circuits))
    circuits.admit(ACME, "a", ttl_s=TTL_S)
    circuits.undo(ACME, "a")

    assert circuits.admit(ACME, "b", ttl_s=TTL_S).probe


def test_an_operator_closes_a_circuit_for_good(circuits: Circuits) -> None:
    opened(circuits)

    change = circuits.reset(ACME, "reset")

    assert change is not None
    assert circuits.admit(ACME, "a", ttl_s=TTL_S).state is CircuitState.CLOSED
    assert circuits.report(ACME, "a", FAULT, era=1) is None


def test_its_keys_expire(circuits: Circuits, redis: Redis, redis_prefix: str) -> None:
    opened(circuits)

    keys = list(redis.scan_iter(match=f"{redis_prefix}*"))

    assert len(keys) == 2
    assert all(0 < redis.pttl(key) <= RULES.forget_s * 1000 for key in keys)


def test_the_figures_are_kept_beside_it(circuits: Circuits, clock: Clock) -> None:
    circuits.report(ACME, "a", LIFE, era=0)
    clock.pass_s(2)
    circuits.report(ACME, "b", FAULT, era=0)
    clock.pass_s(1)

    seen = circuits.look([ACME])[0]

    assert (seen.calls, seen.faults, seen.successes, seen.failures) == (2, 1, 1, 1)
    assert (seen.success_ago_s, seen.fault_ago_s, seen.last_fault) == (3.0, 1.0, "overloaded")
    assert seen.latency_s is None


@dataclass
class Flight:
    """A call under way, as its worker knows it."""

    era: int
    probe: bool
    expires_ms: int


class Workers(RuleBasedStateMachine):
    """Workers admit, report, crash, renew and take back at random; a clock moves; invariants are of the model here.

    The same history runs through the plain-Python circuit of `machine.py`, which must answer alike each time.
    """

    redis: Redis
    prefix: str
    numbers = count()

    @initialize()
    def start(self) -> None:
        self.clock = Clock()
        name = f"{self.prefix}h{next(self.numbers)}:"
        self.shared = Circuits(self.redis, CircuitQuestions(name, RULES, self.clock))
        self.plain = machine.Circuit(target=ACME)
        self.flights: dict[str, Flight] = {}
        self.crashed: set[str] = set()
        self.open_until_ms = 0
        self.ramp_offers: list[bool] = []
        self.calls = count()

    @rule(step_ms=st.sampled_from([1, 200, 999, 2_999, 3_000, 5_000, 20_000]))
    def time_passes(self, step_ms: int) -> None:
        self.clock.now_ms += step_ms

    @rule()
    def admit(self) -> None:
        call = f"c{next(self.calls)}"
        was, step = self.plain.state, self.plain.step
        probes_out = self._probes_out()
        told = self.shared.admit(ACME, call, ttl_s=TTL_S)
        self.plain, expected = machine.admit(
            self.plain, RULES, call, now_ms=self.clock.now_ms, ttl_ms=round(TTL_S * 1000)
        )
        assert told == expected
        if told.admitted:
            assert self.clock.now_ms >= self.open_until_ms, "admitted while open"
            assert not (told.probe and probes_out), "two probes at once"
            self.flights[call] = Flight(told.era, told.probe, self.clock.now_ms + round(TTL_S * 1000))
        if was is CircuitState.RAMP:
            self.ramp_offers.append(told.admitted)
            share = RULES.ramp[step - 1] / 100
            assert sum(self.ramp_offers) <= len(self.ramp_offers) * share + 1, "more than the ramp's share"

    @precondition(lambda self: self.flights)
    @rule(data=st.data(), seen=st.sampled_from([LIFE, LIFE, FAULT, FAULT, HEAVY, SILENCE]))
    def report(self, data: st.DataObject, seen: Evidence) -> None:
        call = data.draw(st.sampled_from(sorted(self.flights)))
        flight = self.flights.pop(call)
        step_before, state_before = self.plain.step, self.plain.state
        told = self.shared.report(ACME, call, seen, era=flight.era)
        self.plain, expected = machine.report(self.plain, RULES, call, seen, era=flight.era, now_ms=self.clock.now_ms)
        assert told == expected
        if told is not None and told.after is CircuitState.OPEN:
            self.open_until_ms = self.clock.now_ms + round(RULES.open_s * 1000)
            assert not seen.alive
        if (self.plain.step, self.plain.state) != (step_before, state_before):
            self.ramp_offers = []

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        """A worker is killed: its call is never reported."""
        self.flights.pop(data.draw(st.sampled_from(sorted(self.flights))))

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """Only right after the admission does the gate take back, in the same script; so only probes here."""
        probes = [call for call, flight in self.flights.items() if flight.probe]
        if not probes:
            return
        call = data.draw(st.sampled_from(probes))
        del self.flights[call]
        if self.plain.state is CircuitState.HALF_OPEN:
            self.shared.undo(ACME, call)
            self.plain = machine.undo(self.plain, call)

    @invariant()
    def both_halves_agree(self) -> None:
        if not hasattr(self, "shared"):
            return
        seen = self.shared.look([ACME])[0]
        assert (seen.state, seen.openings) == (self.plain.state, self.plain.openings)

    def teardown(self) -> None:
        """Whatever happened: once calls succeed, the circuit closes."""
        if not hasattr(self, "shared"):
            return
        for call in range(200):
            told = self.shared.admit(ACME, f"t{call}", ttl_s=TTL_S)
            if told.admitted:
                self.shared.report(ACME, f"t{call}", LIFE, era=told.era)
            self.clock.now_ms += 1_000
            if self.shared.look([ACME])[0].state is CircuitState.CLOSED:
                return
        raise AssertionError("stuck open though calls succeed")

    def _probes_out(self) -> list[str]:
        """Probes under way whose time is not over, in the era that is now."""
        return [
            call
            for call, flight in self.flights.items()
            if flight.probe and flight.era == self.plain.era and flight.expires_ms > self.clock.now_ms
        ]


def test_no_interleaving_of_workers_breaks_the_circuit(redis: Redis, redis_prefix: str) -> None:
    class Here(Workers):
        pass

    Here.redis, Here.prefix = redis, redis_prefix
    case = Here.TestCase
    case.settings = settings(
        max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )

    case().runTest()
