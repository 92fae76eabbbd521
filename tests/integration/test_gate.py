"""The gate as tasks use it: one trip, all or nothing, through restarts, flushes and outages of Redis."""

import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from structlog.testing import capture_logs

from orchestrator.broker import redis_py_url
from providers.calls import LimitReading, Target
from providers.catalog import ProviderCard
from providers.errors import (
    CircuitOpen,
    KeyParked,
    NotAdmitted,
    Overloaded,
    ProviderError,
    RateLimited,
    Saturated,
    Unauthenticated,
)
from providers.gate.gate import Gate, connect
from providers.gate.passes import CircuitReading, CircuitState, LimitState, Pass
from providers.gate.rules import CircuitRules, LimitRules
from tests.integration.gates import ACME, BOLT, FREE, REPLY, Clock, catalog
from tests.servers import Addresses
from workers import folders, servers
from workers.children import Program
from workers.supervision import StopRequests, Supervisor

RULES = CircuitRules(min_faults=4, open_s=5, ramp=(25, 50), ramp_successes=2)
LIMITS = LimitRules(start_permits=3, alone_permits=2)
KEYS = ("k0", "k1")
TTL_S = 30.0
_calls = count()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own_redis(addresses: Addresses) -> Iterator[Redis]:
    with connect(redis_py_url(addresses.redis_url)) as client:
        yield client


@pytest.fixture
def gate(own_redis: Redis, redis_prefix: str, clock: Clock) -> Gate:
    return make(own_redis, redis_prefix, clock)


def make(redis: Redis, prefix: str, clock: Clock | None = None, *cards: ProviderCard) -> Gate:
    return Gate(redis, prefix, catalog(*cards), circuit_rules=RULES, limit_rules=LIMITS, now_ms=clock)


def enter(gate: Gate, call_id: str = "", target: Target = ACME, keys: tuple[str, ...] = KEYS) -> Pass:
    return gate.enter(target, keys, call_id or f"call{next(_calls)}", tokens=100, ttl_s=TTL_S)


def fail(gate: Gate, times: int, error: Callable[[], ProviderError] = lambda: Overloaded("busy")) -> None:
    for _ in range(times):
        gate.leave(enter(gate), error())


def circuit(gate: Gate, target: Target = ACME) -> CircuitReading:
    return next(reading for reading in gate.states().circuits if reading.target == target)


def key(gate: Gate, name: str = "k0") -> LimitState:
    return next(state for state in gate.states().limits if state.key_name == name)


def opened(gate: Gate) -> float:
    fail(gate, RULES.min_faults)
    with pytest.raises(CircuitOpen) as refused:
        enter(gate)
    return refused.value.retry_after_s


def scripts_run(redis: Redis) -> int:
    return sum(int(figures["calls"]) for command, figures in redis.info("commandstats").items() if "eval" in command)


def test_a_call_enters_and_leaves_in_one_command_each() -> None:
    with _server() as (url, _), connect(url) as client:
        gate = make(client, "t:")
        gate.leave(enter(gate), REPLY)
        before = scripts_run(client)

        gate.leave(enter(gate), REPLY)

        assert scripts_run(client) - before == 2


def test_a_pass_names_the_key_and_a_second_call_gets_the_other(gate: Gate) -> None:
    passes = [enter(gate) for _ in range(2)]

    assert [(one.key, one.key_name) for one in passes] == [(0, "k0"), (1, "k1")]
    assert not any(one.probe or one.alone for one in passes)


def test_entering_twice_with_one_call_id_takes_one_place(gate: Gate) -> None:
    passes = {enter(gate, "same") for _ in range(3)}

    assert len({(one.key, one.era, one.probe) for one in passes}) == 1
    assert sum(state.in_flight for state in gate.states().limits) == 1


def test_leaving_twice_is_heard_once(gate: Gate) -> None:
    for _ in range(RULES.min_faults - 1):
        held = enter(gate)
        for _ in range(3):
            assert gate.leave(held, Overloaded("busy")) == ()

    assert (circuit(gate).calls, circuit(gate).state) == (RULES.min_faults - 1, CircuitState.CLOSED)


def test_a_probe_whose_answer_was_lost_is_the_probe_when_it_asks_again(gate: Gate, clock: Clock) -> None:
    clock.pass_s(opened(gate))

    first, second = enter(gate, "probe"), enter(gate, "probe")

    assert first.probe
    assert second.probe
    assert [change.after for change in first.transitions] == [CircuitState.HALF_OPEN]


def test_a_repetition_in_the_ramp_is_not_counted_as_another_offer(gate: Gate, clock: Clock) -> None:
    clock.pass_s(opened(gate))
    gate.leave(enter(gate, "probe"), REPLY)

    passes = [enter(gate, "first") for _ in range(6)]

    assert len(passes) == 6
    with pytest.raises(CircuitOpen):
        enter(gate, "second")


def test_a_refusing_circuit_takes_no_permit_and_no_tokens(own_redis: Redis, redis_prefix: str, clock: Clock) -> None:
    card = FREE.model_copy(update={"tokens_per_minute": 1_000_000})
    gate = make(own_redis, redis_prefix, clock, card)
    opened(gate)
    before = gate.states().limits

    for _ in range(20):
        with pytest.raises(CircuitOpen):
            enter(gate)

    assert gate.states().limits == before
    assert sum(state.in_flight for state in before) == 0


def test_a_probe_that_finds_no_permit_leaves_the_probes_place_free(gate: Gate, clock: Clock) -> None:
    wait_s = opened(gate)
    for name in KEYS:
        gate.leave(
            enter(gate, target=Target(provider="acme", model="other"), keys=(name,)),
            RateLimited("slow", retry_after_s=60),
        )
    clock.pass_s(wait_s)

    with pytest.raises(Saturated):
        enter(gate, "refused")
    seen = circuit(gate)
    clock.pass_s(60)

    assert not seen.probing
    assert enter(gate, "next").probe


def test_a_ramp_offer_that_finds_no_permit_is_not_used_up(gate: Gate, clock: Clock) -> None:
    clock.pass_s(opened(gate))
    gate.leave(enter(gate), REPLY)
    other = Target(provider="acme", model="other")
    held = [enter(gate, target=other) for _ in range(LIMITS.start_permits * len(KEYS))]

    with pytest.raises(Saturated):
        enter(gate)
    gate.leave(held[0], REPLY)

    assert enter(gate).target == ACME


def test_faults_open_the_circuit_and_each_transition_is_told(gate: Gate, clock: Clock) -> None:
    told = [change for _ in range(RULES.min_faults) for change in gate.leave(enter(gate), Overloaded("busy"))]
    clock.pass_s(circuit(gate).wait_s)
    probe = enter(gate)
    told += [*probe.transitions, *gate.leave(probe, REPLY)]
    while circuit(gate).state is not CircuitState.CLOSED:
        try:
            told += gate.leave(enter(gate), REPLY)
        except CircuitOpen:
            continue

    assert [change.after for change in told] == [
        CircuitState.OPEN,
        CircuitState.HALF_OPEN,
        CircuitState.RAMP,
        CircuitState.CLOSED,
    ]


def test_rate_limits_pause_the_key_and_leave_the_circuit_closed(gate: Gate) -> None:
    for _ in range(2):
        gate.leave(enter(gate), RateLimited("slow", retry_after_s=12, status=429))

    with pytest.raises(Saturated) as refused:
        enter(gate)

    assert (refused.value.reason, refused.value.retry_after_s) == ("paused", 12.0)
    assert circuit(gate).state is CircuitState.CLOSED


def test_a_dead_key_is_parked_the_other_serves_and_with_none_left_the_refusal_says_why(gate: Gate) -> None:
    gate.leave(enter(gate), Unauthenticated("no", status=401))
    others = {enter(gate, f"c{turn}").key for turn in range(2)}
    gate.leave(enter(gate, "c0"), Unauthenticated("no", status=403))
    with pytest.raises(KeyParked) as refused:
        enter(gate)
    gate.reset_key("acme", "k0")

    assert others == {1}
    assert refused.value.retry_after_s == LIMITS.park_s
    assert refused.value.reason.startswith("unauthenticated (40")
    assert enter(gate).key == 0


def test_what_an_answer_says_of_limits_is_heard(gate: Gate) -> None:
    reading = LimitReading(of="requests", limit=60, remaining=5, reset_s=55.0)

    gate.leave(enter(gate), REPLY.model_copy(update={"limits": (reading,)}))

    assert key(gate).requests == 5


def test_a_provider_without_keys_has_limits_all_the_same(gate: Gate) -> None:
    for _ in range(LIMITS.start_permits):
        enter(gate, keys=())

    with pytest.raises(Saturated):
        enter(gate, keys=())


def test_a_model_name_with_slashes_has_its_own_circuit(gate: Gate) -> None:
    gate.leave(enter(gate, target=BOLT), REPLY)

    assert circuit(gate, BOLT).successes == 1


def test_a_renewed_pass_keeps_its_permit_and_the_probes_place(gate: Gate, clock: Clock) -> None:
    clock.pass_s(opened(gate))
    probe = enter(gate)
    clock.pass_s(TTL_S - 1)
    kept = gate.renew([probe], ttl_s=TTL_S)
    clock.pass_s(TTL_S - 1)

    with pytest.raises(CircuitOpen):
        enter(gate)

    assert kept == {probe.call_id}
    assert key(gate, probe.key_name).in_flight == 1


def test_latency_is_from_entering_to_leaving_by_redis_clock(gate: Gate, clock: Clock) -> None:
    held = enter(gate)
    clock.pass_s(3)
    gate.leave(held, REPLY)

    assert circuit(gate).latency_s == 3.0


def test_an_operator_resets_a_circuit(gate: Gate) -> None:
    opened(gate)

    change = gate.reset(ACME)

    assert change is not None
    assert (change.before, change.after) == (CircuitState.OPEN, CircuitState.CLOSED)
    assert enter(gate).target == ACME


def test_a_provider_that_left_the_catalog_is_not_told_of(own_redis: Redis, redis_prefix: str, clock: Clock) -> None:
    enter(make(own_redis, redis_prefix, clock), target=BOLT)

    states = make(own_redis, redis_prefix, clock, FREE).states()

    assert states.limits == ()


def test_two_processes_see_one_circuit(own_redis: Redis, redis_prefix: str, clock: Clock) -> None:
    one, other = make(own_redis, redis_prefix, clock), make(own_redis, redis_prefix, clock)
    fail(one, RULES.min_faults)

    with pytest.raises(CircuitOpen):
        enter(other)


def test_without_a_driven_clock_redis_own_time_counts(own_redis: Redis, redis_prefix: str) -> None:
    gate = make(own_redis, redis_prefix)
    seconds, _ = own_redis.time()

    held = enter(gate)

    assert abs(held.entered_at_ms / 1000 - seconds) < 5


SEATS_A_SECOND = 20
TRIES_A_RUNG = 2  # an overloaded target is asked twice before a seat moves on


def test_a_minute_in_which_every_answer_is_a_503_costs_few_calls(gate: Gate, clock: Clock) -> None:
    seats = calls = failovers = 0
    for _ in range(60):
        for _ in range(SEATS_A_SECOND):
            seats += 1
            for target in (ACME, BOLT):
                for _ in range(TRIES_A_RUNG):
                    try:
                        held = enter(gate, target=target)
                    except NotAdmitted:
                        break
                    calls += 1
                    gate.leave(held, Overloaded("busy", status=503))
                failovers += 1
            clock.pass_s(1 / SEATS_A_SECOND)

    assert seats == 60 * SEATS_A_SECOND
    assert calls <= 1.1 * seats + failovers
    assert calls <= 2 * (RULES.min_faults + 6)  # per target: what opens it, and probes after 5, 10, 20, 40 s


# --- Redis that forgets, stops and starts


class _server:  # noqa: N801 - reads as a phrase
    """A Valkey of the test's own, which it may stop and start."""

    def __enter__(self) -> tuple[str, "_server"]:
        self._folder = tempfile.TemporaryDirectory()
        self._requests = StopRequests()
        self._requests.__enter__()
        self._held = folders.held(Path(self._folder.name) / "data")
        place = self._held.__enter__()
        server = servers.valkey(place)
        self._program: Program = server.program
        self._supervisor = Supervisor(place, self._requests, lambda _sentence: None)
        self.start()
        return f"unix://{urlsplit(server.url).path}?db=0", self

    def start(self) -> None:
        self._supervisor.start([self._program])

    def stop(self) -> None:
        self._supervisor.stop()

    def __exit__(self, *failure: object) -> None:
        self._supervisor.stop()
        self._held.__exit__(None, None, None)
        self._requests.__exit__()
        self._folder.cleanup()


def test_a_server_that_forgot_the_scripts_is_given_them_again() -> None:
    with _server() as (url, _), connect(url) as client:
        gate = make(client, "t:")
        held = enter(gate)
        client.script_flush()
        second = enter(gate)
        client.script_flush()
        gate.leave(held, REPLY)
        client.script_flush()
        kept = gate.renew([second], ttl_s=TTL_S)
        client.script_flush()

        assert not second.alone
        assert kept == {second.call_id}
        assert circuit(gate).successes == 1


def test_a_flushed_server_starts_afresh() -> None:
    with _server() as (url, _), connect(url) as client:
        gate = make(client, "t:")
        held = enter(gate)
        opened(gate)
        client.flushall()

        assert gate.leave(held, Overloaded("busy")) == ()
        assert not enter(gate).alone


class Seconds:
    """The process' own clock, as a test drives it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_while_redis_is_away_a_process_stands_alone_and_comes_back() -> None:
    seconds = Seconds()
    with _server() as (url, server), connect(url, timeout_s=0.3) as client, capture_logs() as logs:
        gate = Gate(client, "t:", catalog(), circuit_rules=RULES, limit_rules=LIMITS, clock=seconds)
        shared = enter(gate)
        opened(gate)
        server.stop()
        begun = time.monotonic()
        with pytest.raises(CircuitOpen):
            enter(gate)
        alone = [enter(gate, target=BOLT) for _ in range(LIMITS.alone_permits)]
        with pytest.raises(Saturated):
            enter(gate, target=BOLT)
        assert gate.leave(shared, REPLY) == ()
        for held in alone:
            gate.leave(held, REPLY)
        assert gate.renew([shared, *alone], ttl_s=TTL_S) == frozenset()
        assert gate.states().alone
        took_s = time.monotonic() - begun
        server.start()
        still = enter(gate, target=BOLT)
        seconds.now += 1.0
        again = enter(gate, target=BOLT)

        assert all(held.alone for held in alone)
        assert (shared.alone, still.alone, again.alone) == (False, True, False)
        assert gate.leave(still, REPLY) == ()
        assert took_s < 1.0
        assert [entry["event"] for entry in logs] == ["gate.alone", "gate.together"]


def test_alone_a_process_learns_from_its_own_calls() -> None:
    seconds = Seconds()
    with _server() as (url, server), connect(url, timeout_s=0.3) as client:
        gate = Gate(client, "t:", catalog(), circuit_rules=RULES, limit_rules=LIMITS, clock=seconds)
        server.stop()

        told = [change for _ in range(RULES.min_faults) for change in gate.leave(enter(gate), Overloaded("busy"))]

        assert [change.after for change in told] == [CircuitState.OPEN]
        with pytest.raises(CircuitOpen):
            enter(gate)


def test_a_redis_that_does_not_answer_holds_nobody_longer_than_the_sockets_timeout() -> None:
    seconds = Seconds()
    with _server() as (url, _), connect(url, timeout_s=0.3) as client, connect(url) as operator:
        gate = Gate(client, "t:", catalog(), circuit_rules=RULES, limit_rules=LIMITS, clock=seconds)
        enter(gate)
        operator.execute_command("CLIENT", "PAUSE", "3000", "ALL")
        begun = time.monotonic()

        first = enter(gate)
        first_s = time.monotonic() - begun
        gate.leave(first, REPLY)
        enter(gate)
        all_s = time.monotonic() - begun

        assert first.alone
        assert 0.25 < first_s < 0.6
        assert all_s - first_s < 0.1


def test_a_fault_of_ours_in_a_script_is_not_taken_for_an_outage(own_redis: Redis, redis_prefix: str) -> None:
    gate = make(own_redis, redis_prefix)
    own_redis.set(f"{redis_prefix}permits:acme/k0", "not a sorted set")

    with pytest.raises(Exception, match="WRONGTYPE"):
        enter(gate)
