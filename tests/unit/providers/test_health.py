"""How figures and free looks become a word for a provider and a model."""

import pytest

from providers.calls import Target
from providers.gate.passes import CircuitReading, CircuitState, GateStates, LimitState
from providers.health import Health, HealthState, Look, needs_probe, of_model, of_provider


def reading(
    model: str = "large",
    state: CircuitState = CircuitState.CLOSED,
    *,
    calls: int = 10,
    faults: int = 0,
    ago_s: float | None = 1.0,
    provider: str = "acme",
) -> CircuitReading:
    return CircuitReading(
        target=Target(provider=provider, model=model),
        state=state,
        openings=0,
        wait_s=0,
        probing=False,
        calls=calls,
        faults=faults,
        successes=calls - faults,
        failures=faults,
        latency_s=2.0 if calls else None,
        success_ago_s=ago_s,
        fault_ago_s=None,
        last_fault="overloaded" if faults else "",
    )


def limit(key_name: str, *, parked_s: float = 0, paused_s: float = 0) -> LimitState:
    return LimitState(
        provider="acme",
        key_name=key_name,
        permits=4,
        in_flight=0,
        paused_s=paused_s,
        parked_s=parked_s,
        parked_why="unauthenticated (401)" if parked_s else "",
        requests=None,
        tokens=None,
    )


@pytest.mark.parametrize(
    ("seen", "state", "reasons"),
    [
        (reading(), HealthState.HEALTHY, ()),
        (reading(faults=1), HealthState.HEALTHY, ()),
        (reading(faults=2), HealthState.DEGRADED, ("2 of the last 10 calls failed",)),
        (reading(calls=0, ago_s=None), HealthState.UNKNOWN, ()),
        (reading(calls=0, ago_s=900), HealthState.HEALTHY, ()),
        (reading(state=CircuitState.RAMP), HealthState.DEGRADED, ("circuit ramp, last fault unknown",)),
        (
            reading(state=CircuitState.OPEN, faults=9),
            HealthState.DOWN,
            ("circuit open, last fault overloaded", "9 of the last 10 calls failed"),
        ),
        (reading(state=CircuitState.HALF_OPEN), HealthState.DOWN, ("circuit half_open, last fault unknown",)),
    ],
)
def test_a_model_is_judged_by_its_circuit_and_its_calls(
    seen: CircuitReading, state: HealthState, reasons: tuple[str, ...]
) -> None:
    health = of_model(seen)

    assert (health.state, health.reasons) == (state, reasons)


def test_a_models_figures_are_told() -> None:
    health = of_model(reading(faults=2, ago_s=3.0))

    assert (health.calls, health.success_share, health.latency_s, health.quiet_s) == (10, 0.8, 2.0, 3.0)


@pytest.mark.parametrize(
    ("circuits", "limits", "state"),
    [
        ((), (), HealthState.UNKNOWN),
        ((reading(),), (), HealthState.HEALTHY),
        ((reading(provider="bolt", state=CircuitState.OPEN),), (), HealthState.UNKNOWN),
        ((reading("a"), reading("b", CircuitState.OPEN)), (), HealthState.DEGRADED),
        ((reading("a", CircuitState.OPEN), reading("b", CircuitState.OPEN)), (), HealthState.DOWN),
        ((reading("a", CircuitState.OPEN), reading("b", calls=0, ago_s=None)), (), HealthState.DOWN),
        ((reading(),), (limit("k0", parked_s=9), limit("k1")), HealthState.DEGRADED),
        ((reading(),), (limit("k0", parked_s=9), limit("k1", parked_s=9)), HealthState.DOWN),
        ((reading(),), (limit("k0", paused_s=9),), HealthState.DEGRADED),
    ],
)
def test_a_provider_is_judged_by_its_models_and_its_keys(
    circuits: tuple[CircuitReading, ...], limits: tuple[LimitState, ...], state: HealthState
) -> None:
    assert of_provider("acme", GateStates(circuits=circuits, limits=limits)).state is state


def test_a_providers_figures_are_those_of_its_models_together() -> None:
    states = GateStates(
        circuits=(reading("a", calls=30, ago_s=9), reading("b", faults=10, ago_s=2)), limits=(limit("k0", paused_s=5),)
    )

    health = of_provider("acme", states)

    assert (health.calls, health.success_share, health.latency_s, health.quiet_s) == (40, 0.75, 2.0, 2)
    assert health.reasons == ("b: 10 of the last 10 calls failed", "key k0 paused for 5 s")


@pytest.mark.parametrize(
    ("look", "state"),
    [
        (Look(provider="acme", awake=True), HealthState.HEALTHY),
        (Look(provider="acme", awake=False, error="unreachable"), HealthState.DOWN),
    ],
)
def test_without_traffic_a_look_is_believed(look: Look, state: HealthState) -> None:
    assert of_provider("acme", GateStates(), look=look).state is state


def test_with_traffic_a_look_says_nothing() -> None:
    failed = Look(provider="acme", awake=False, error="unreachable")

    assert of_provider("acme", GateStates(circuits=(reading(),)), look=failed).state is HealthState.HEALTHY


@pytest.mark.parametrize(
    ("state", "quiet_s", "needed"),
    [
        (HealthState.HEALTHY, 5.0, False),
        (HealthState.HEALTHY, 31.0, True),
        (HealthState.UNKNOWN, None, True),
        (HealthState.DOWN, 1.0, True),
        (HealthState.DEGRADED, 1.0, False),
    ],
)
def test_a_look_is_needed_where_traffic_tells_nothing(state: HealthState, quiet_s: float | None, needed: bool) -> None:
    health = Health(provider="acme", state=state, quiet_s=quiet_s)

    assert needs_probe(health, quiet_s=30.0) is needed
