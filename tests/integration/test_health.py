"""Passive figures first, free looks second: by whom, when, and what they may change."""

import time
from collections.abc import Callable

import pytest
from redis import Redis

from providers.errors import CircuitOpen, Overloaded, ProviderError, Unauthenticated, Unreachable
from providers.gate.gate import Gate
from providers.gate.passes import CircuitState, Transition
from providers.gate.rules import CircuitRules
from providers.health import HealthState
from providers.probes import Probes, probe
from tests.integration.gates import ACME, REPLY, catalog


class Provider:
    """The free list of models of a provider that is awake, or fails as it is told; it counts who asks."""

    def __init__(self, failure: Callable[[], ProviderError] | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[str, int]] = []

    def list_models(self, provider: str, *, key: int, timeout_s: float) -> tuple[str, ...]:
        assert timeout_s > 0
        self.asked.append((provider, key))
        if self.failure is not None:
            raise self.failure()
        return ("large",)


@pytest.fixture
def gate(redis: Redis, redis_prefix: str) -> Gate:
    return Gate(redis, redis_prefix, catalog(), circuit_rules=CircuitRules(min_faults=3, open_s=60))


@pytest.fixture
def told() -> list[Transition]:
    return []


def call(gate: Gate, call_id: str, outcome: ProviderError | None = None) -> None:
    held = gate.enter(ACME, ("k0",), call_id, tokens=10, ttl_s=30)
    gate.leave(held, outcome or REPLY)


def opened(gate: Gate) -> None:
    for turn in range(3):
        call(gate, f"o{turn}", Overloaded("busy"))


def test_a_look_tells_whether_a_provider_is_awake_and_why_not() -> None:
    awake, asleep = probe(Provider(), "acme", key=1), probe(Provider(lambda: Unreachable("refused")), "acme")

    assert (awake.awake, awake.error) == (True, "")
    assert (asleep.awake, asleep.error) == (False, "unreachable")


def test_a_provider_with_traffic_is_not_looked_at(
    redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]
) -> None:
    provider = Provider(lambda: Unreachable("refused"))
    call(gate, "a")

    (health,) = Probes(redis, redis_prefix, gate, provider).run(["acme"], on_change=told.append)

    assert provider.asked == []
    assert (health.state, health.success_share, health.calls) == (HealthState.HEALTHY, 1.0, 1)


def test_of_many_processes_one_looks_at_a_quiet_provider_and_all_know(
    redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]
) -> None:
    provider = Provider(lambda: Unauthenticated("no key"))

    seen = [Probes(redis, redis_prefix, gate, provider).run(["acme", "bolt"], on_change=told.append) for _ in range(5)]

    assert provider.asked == [("acme", 0), ("bolt", 0)]
    assert {health.state for both in seen for health in both} == {HealthState.DOWN}
    assert seen[4][0].reasons == ("its list of models could not be had: unauthenticated",)


def test_a_good_look_half_opens_an_open_circuit_and_closes_nothing(
    redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]
) -> None:
    opened(gate)

    (health,) = Probes(redis, redis_prefix, gate, Provider()).run(["acme"], on_change=told.append)

    assert health.state is HealthState.DOWN
    assert [(change.before, change.after) for change in told] == [(CircuitState.OPEN, CircuitState.HALF_OPEN)]
    assert gate.enter(ACME, ("k0",), "next", tokens=10, ttl_s=30).probe
    with pytest.raises(CircuitOpen):
        gate.enter(ACME, ("k0",), "another", tokens=10, ttl_s=30)


def test_a_failed_look_leaves_the_circuit_open(
    redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]
) -> None:
    opened(gate)

    Probes(redis, redis_prefix, gate, Provider(lambda: Unreachable("x"))).run(["acme"], on_change=told.append)

    assert told == []
    with pytest.raises(CircuitOpen):
        gate.enter(ACME, ("k0",), "next", tokens=10, ttl_s=30)


def test_a_look_is_repeated_after_its_time(redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]) -> None:
    provider = Provider()
    probes = Probes(redis, redis_prefix, gate, provider, every_s=0.1)
    deadline = time.monotonic() + 5

    while len(provider.asked) < 2 and time.monotonic() < deadline:
        probes.run(["acme"], on_change=told.append)
        time.sleep(0.02)

    assert len(provider.asked) == 2


def test_the_keys_of_looks_expire(redis: Redis, redis_prefix: str, gate: Gate, told: list[Transition]) -> None:
    Probes(redis, redis_prefix, gate, Provider()).run(["acme"], on_change=told.append)

    lives = {key: redis.pttl(key) for key in redis.scan_iter(match=f"{redis_prefix}*")}

    assert lives
    assert all(0 < life <= 60_000 for life in lives.values())
