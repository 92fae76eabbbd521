"""How providers stand now: what the gate in Redis knows, how many asks wait for each, how calls fared by the rows.

Whatever is away is left out and said so: a question about an outage must be answered in one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog
from redis import Redis
from redis.exceptions import RedisError

from orchestrator import queues
from orchestrator.broker import redis_py_url
from orchestrator.errors import NotFound, Unavailable
from orchestrator.routing.live import Live
from orchestrator.settings import Settings
from orchestrator.work.lanes import LANES
from providers.catalog import Catalog, ProviderCard
from providers.gate import gate as gates
from providers.gate.gate import Gate
from providers.gate.passes import CircuitReading, GateStates, Transition
from providers.gate.rules import CircuitRules

log = structlog.get_logger()


@dataclass(frozen=True)
class Standing:
    """One look. `gate` None: Redis is away. `waiting`: asks that stand in the broker, by provider."""

    gate: GateStates | None
    waiting: Mapping[str, int]
    live: Live


class Standings:
    """Looks, and closes circuits. Any number of threads may ask.

    Args:
        reachable: the providers that have a key.
        live: how models fared of late, by the rows; never raises.
    """

    def __init__(
        self,
        gate: Gate,
        redis: Redis,
        prefix: str,
        catalog: Catalog,
        reachable: Collection[str],
        live: Callable[[], Live],
    ) -> None:
        self._gate = gate
        self._redis = redis
        self._prefix = prefix
        self._live = live
        self.catalog = catalog
        self._reachable = frozenset(reachable)

    def look(self) -> Standing:
        """All that is known now."""
        states = self._states()
        return Standing(gate=states, waiting={} if states is None else self._waiting(), live=self._live())

    def reaches(self, card: ProviderCard) -> bool:
        """Whether the house can ask it at all: it has a key, or needs none."""
        return card.id in self._reachable or card.dialect == "extractive"

    def circuits_of(self, provider: str) -> Sequence[CircuitReading]:
        """The circuits of a provider that were used of late.

        Raises:
            NotFound: there is no such provider.
            Unavailable: Redis is away.
        """
        if provider not in {card.id for card in self.catalog.providers}:
            raise NotFound("There is no such provider.")
        states = self._states()
        if states is None:
            raise Unavailable("Circuits cannot be reached: Redis is away.")
        return [reading for reading in states.circuits if reading.target.provider == provider]

    def close_circuits(self, provider: str, by: str) -> tuple[Transition, ...]:
        """Close every circuit of a provider; those that were not closed, with what they were. Safe to repeat.

        Args:
            by: the id of the key that asks for it; it is logged with what was changed.

        Raises:
            NotFound: there is no such provider.
            Unavailable: Redis is away; nothing is known to be changed.
        """
        targets = [reading.target for reading in self.circuits_of(provider)]
        try:
            changed = tuple(one for one in map(self._gate.reset, targets) if one is not None)
        except RedisError as error:
            raise Unavailable("Circuits cannot be reached: Redis is away.") from error
        log.warning("circuit.reset", provider=provider, by=by, closed=[str(one.target) for one in changed])
        return changed

    def _states(self) -> GateStates | None:
        try:
            states = self._gate.states()
        except RedisError as error:
            log.warning("standings.not_seen", error=type(error).__name__)
            return None
        return None if states.alone else states

    def _waiting(self) -> dict[str, int]:
        """One trip for all queues."""
        names = [(card.id, queues.of_provider(card.id, lane)) for card in self.catalog.providers for lane in LANES]
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for _, name in names:
                    pipeline.llen(f"{self._prefix}{name}")
                lengths = pipeline.execute()
        except RedisError as error:
            log.warning("standings.not_seen", error=type(error).__name__)
            return {}
        found: dict[str, int] = {}
        for (provider, _), length in zip(names, lengths, strict=True):
            found[provider] = found.get(provider, 0) + int(length)
        return found


def opened(settings: Settings, catalog: Catalog) -> Gate:
    """The house's gate, for looks and resets: no call of a provider passes through it here."""
    return Gate(
        gates.connect(redis_py_url(settings.redis_url.get_secret_value())),
        settings.redis_prefix,
        catalog,
        circuit_rules=CircuitRules(open_s=settings.circuit_open_s),
    )
