"""Free looks at providers that are quiet or out of order: the list of models, which they give away.

By one process at a time, and never where traffic tells enough. A good look closes no circuit: it proves network, key
and front door, though no model. It lets the next call try at once.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from redis import Redis

from providers.calls import Target
from providers.errors import ProviderError
from providers.gate.gate import Gate
from providers.gate.passes import CircuitState, GateStates, Transition
from providers.health import Health, Look, needs_probe, of_provider

PROBE_TIMEOUT_S: Final = 5.0  # a list of models takes a few hundred milliseconds


class ModelLister(Protocol):
    """What the probe needs of a client: the free list of models."""

    def list_models(self, provider: str, *, key: int, timeout_s: float) -> tuple[str, ...]:
        """The ids of the provider's models, or a ProviderError; `key` is the place of the key to use."""
        ...


def probe(
    lister: ModelLister,
    provider: str,
    *,
    key: int = 0,
    timeout_s: float = PROBE_TIMEOUT_S,
    clock: Callable[[], float] = time.monotonic,
) -> Look:
    """Ask a provider for its list of models, with one of its keys."""
    begun = clock()
    try:
        lister.list_models(provider, key=key, timeout_s=timeout_s)
    except ProviderError as error:
        return Look(provider=provider, awake=False, error=error.code, latency_s=clock() - begun)
    return Look(provider=provider, awake=True, latency_s=clock() - begun)


class Probes:
    """Looks after quiet providers, for all workers together: of several that want to look, one does."""

    def __init__(self, redis: Redis, prefix: str, gate: Gate, lister: ModelLister, *, every_s: float = 30.0) -> None:
        self._redis = redis
        self._prefix = prefix
        self._gate = gate
        self._lister = lister
        self._every_s = every_s

    def run(self, providers: Sequence[str], *, on_change: Callable[[Transition], None]) -> tuple[Health, ...]:
        """Look where it is needed; returns how each provider fares, in the order asked.

        Args:
            on_change: told of circuits that a good look half-opened.

        Raises:
            RedisError: Redis is away; without it, every process would look.
        """
        states = self._gate.states()
        return tuple(self._one(provider, states, on_change) for provider in providers)

    def _one(self, provider: str, states: GateStates, on_change: Callable[[Transition], None]) -> Health:
        passive = of_provider(provider, states)
        look = self._last_look(provider)
        if look is None and needs_probe(passive, quiet_s=self._every_s) and self._is_ours(provider):
            look = probe(self._lister, provider)
            self._keep(look)
            if look.awake:
                self._half_open(provider, states, on_change)
        return of_provider(provider, states, look=look)

    def _last_look(self, provider: str) -> Look | None:
        found = self._redis.get(self._looked(provider))
        return Look.model_validate_json(found) if isinstance(found, bytes | str) else None

    def _is_ours(self, provider: str) -> bool:
        """A claim that expires by itself: whoever dies while looking does not hold up the others for long."""
        return bool(self._redis.set(self._claim(provider), "1", nx=True, px=round(2 * PROBE_TIMEOUT_S * 1000)))

    def _keep(self, look: Look) -> None:
        """The claim ends with what was found, so that nobody who asked a moment too early looks again."""
        every_ms = round(self._every_s * 1000)
        with self._redis.pipeline() as pipeline:
            pipeline.set(self._looked(look.provider), look.model_dump_json(), px=every_ms)
            pipeline.pexpire(self._claim(look.provider), every_ms)
            pipeline.execute()

    def _half_open(self, provider: str, states: GateStates, on_change: Callable[[Transition], None]) -> None:
        for target in _open_circuits(provider, states):
            changed = self._gate.half_open(target, "a free look found the provider awake")
            if changed is not None:
                on_change(changed)

    def _claim(self, provider: str) -> str:
        return f"{self._prefix}looking:{provider}"

    def _looked(self, provider: str) -> str:
        return f"{self._prefix}looked:{provider}"


def _open_circuits(provider: str, states: GateStates) -> list[Target]:
    return [
        reading.target
        for reading in states.circuits
        if reading.target.provider == provider and reading.state is CircuitState.OPEN
    ]
