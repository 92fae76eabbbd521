"""How providers and models fare, judged by the gate's figures, and by a free look where there was no traffic. Pure.

What calls came to is kept beside each circuit, so the figures cost nothing; `probes.py` looks where there are none.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from pydantic import Field

from providers.calls import Value
from providers.gate.passes import CircuitReading, CircuitState, GateStates, LimitState

DEGRADED_BELOW: Final = 0.9  # a tenth of the calls failing is felt by users, and far from opening a circuit


class HealthState(StrEnum):
    """From best to worst; `UNKNOWN` is no traffic and no look."""

    HEALTHY = "healthy"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    DOWN = "down"


_RANK: Final[Mapping[HealthState, int]] = {state: rank for rank, state in enumerate(HealthState)}

_BY_CIRCUIT: Final[Mapping[CircuitState, HealthState]] = {
    CircuitState.CLOSED: HealthState.HEALTHY,
    CircuitState.RAMP: HealthState.DEGRADED,
    CircuitState.HALF_OPEN: HealthState.DOWN,
    CircuitState.OPEN: HealthState.DOWN,
}


class Health(Value):
    """One provider, or one of its models (`model` is "" for the provider), as it fares now.

    `success_share` is of the rolling window, `latency_s` a moving average of answered calls; None: no calls lately.
    `quiet_s` is how long ago the last call ended; None: none is known.
    """

    provider: str
    model: str = ""
    state: HealthState
    reasons: tuple[str, ...] = ()
    calls: int = 0
    success_share: float | None = Field(default=None, ge=0, le=1)
    latency_s: float | None = None
    quiet_s: float | None = None


class Look(Value):
    """What a probe found. `error` is the code of the failure, "" where there was none."""

    provider: str
    awake: bool
    error: str = ""
    latency_s: float = 0.0


def of_model(reading: CircuitReading) -> Health:
    """How a model at a provider fares."""
    share = 1 - reading.faults / reading.calls if reading.calls else None
    states, reasons = [_BY_CIRCUIT[reading.state]], list[str]()
    if reading.state is not CircuitState.CLOSED:
        reasons.append(f"circuit {reading.state}, last fault {reading.last_fault or 'unknown'}")
    if share is not None and share < DEGRADED_BELOW:
        states.append(HealthState.DEGRADED)
        reasons.append(f"{reading.faults} of the last {reading.calls} calls failed")
    quiet_s = _soonest(reading.success_ago_s, reading.fault_ago_s)
    if quiet_s is None and reading.state is CircuitState.CLOSED:
        states = [HealthState.UNKNOWN]
    return Health(
        provider=reading.target.provider,
        model=reading.target.model,
        state=_worst(states),
        reasons=tuple(reasons),
        calls=reading.calls,
        success_share=share,
        latency_s=reading.latency_s,
        quiet_s=quiet_s,
    )


def of_provider(provider: str, states: GateStates, *, look: Look | None = None) -> Health:
    """How a provider fares as a whole: its models together with its keys.

    It is down when all models that were used are, or all its keys are parked; what is wrong with some of them makes it
    degraded. A failed look is believed only where there is no traffic to go by.
    """
    readings = [reading for reading in states.circuits if reading.target.provider == provider]
    keys = [state for state in states.limits if state.provider == provider]
    models = [of_model(reading) for reading in readings]
    calls, faults = sum(reading.calls for reading in readings), sum(reading.faults for reading in readings)
    of_models = _of_models(models)
    is_quiet = of_models[0] is HealthState.UNKNOWN
    judged = (_of_look(look) if is_quiet and look is not None else of_models, _of_keys(keys))
    latencies = [model.latency_s for model in models if model.latency_s is not None]
    return Health(
        provider=provider,
        state=_worst([state for state, _ in judged]),
        reasons=tuple(reason for _, reasons in judged for reason in reasons),
        calls=calls,
        success_share=1 - faults / calls if calls else None,
        latency_s=sum(latencies) / len(latencies) if latencies else None,
        quiet_s=_soonest(*(model.quiet_s for model in models)),
    )


def needs_probe(health: Health, *, quiet_s: float) -> bool:
    """Whether a free look can tell more than traffic does: none for `quiet_s`, or held back by a circuit."""
    return health.state is HealthState.DOWN or health.quiet_s is None or health.quiet_s > quiet_s


def _of_models(models: Sequence[Health]) -> tuple[HealthState, tuple[str, ...]]:
    known = [model for model in models if model.state is not HealthState.UNKNOWN]
    if not known:
        return HealthState.UNKNOWN, ()
    reasons = tuple(f"{model.model}: {reason}" for model in known for reason in model.reasons)
    worst = _worst([model.state for model in known])
    if worst is HealthState.DOWN and any(model.state is not HealthState.DOWN for model in known):
        return HealthState.DEGRADED, reasons
    return worst, reasons


def _of_keys(keys: Sequence[LimitState]) -> tuple[HealthState, tuple[str, ...]]:
    parked = [key for key in keys if key.parked_s > 0]
    paused = [key for key in keys if key.paused_s > 0 and not key.parked_s]
    reasons = (
        *(f"key {key.key_name} parked: {key.parked_why}" for key in parked),
        *(f"key {key.key_name} paused for {key.paused_s:.0f} s" for key in paused),
    )
    if parked and len(parked) == len(keys):
        return HealthState.DOWN, reasons
    return (HealthState.DEGRADED if reasons else HealthState.HEALTHY), reasons


def _of_look(look: Look) -> tuple[HealthState, tuple[str, ...]]:
    if look.awake:
        return HealthState.HEALTHY, ()
    return HealthState.DOWN, (f"its list of models could not be had: {look.error}",)


def _worst(states: Sequence[HealthState]) -> HealthState:
    return max(states, key=lambda state: _RANK[state])


def _soonest(*ago_s: float | None) -> float | None:
    return min((ago for ago in ago_s if ago is not None), default=None)
