"""Providers, models and circuits as the HTTP contract shows them. Prices are decimal strings in US dollars."""

from typing import Final, Literal, TypeAlias

from pydantic import ConfigDict

from api.schemas import Shown
from providers.calls import JsonObject

State: TypeAlias = Literal["healthy", "degraded", "down", "unknown"]
CircuitWord: TypeAlias = Literal["closed", "ramp", "half_open", "open", "unknown"]
Lifecycle: TypeAlias = Literal["announced", "active", "retiring", "retired"]

_FARES: Final[JsonObject] = {
    "state": "degraded",
    "reasons": ["gpt-6-luna: 3 of the last 20 calls failed"],
    "circuit": "closed",
    "calls": 20,
    "error_rate": 0.15,
    "latency_s": 1.9,
}
_PROVIDER: Final[JsonObject] = {
    "id": "openai",
    "name": "OpenAI",
    **_FARES,
    "known_by": "gate",
    "reachable": True,
    "limits": [
        {
            "key": "k7-example",
            "permits": 128.0,
            "in_flight": 4,
            "requests_left": 480.0,
            "tokens_left": 91_000.0,
            "paused_s": 0.0,
            "parked_s": 0.0,
            "parked_because": None,
        }
    ],
    "queue": {"waiting": 12, "in_flight": 4},
    "regions": ["us"],
    "retains": True,
    "trains": False,
    "resells": False,
    "models": 9,
    "links": {"self": "/v1/providers/openai", "models": "/v1/providers/openai/models"},
}
_MODEL: Final[JsonObject] = {
    "id": "gpt-6-luna",
    "target": "openai/gpt-6-luna",
    "tier": "balanced",
    "lifecycle": "active",
    "available_from": None,
    "retires_on": None,
    "replaced_by": None,
    "window_tokens": 400_000,
    "max_output_tokens": 128_000,
    "prices": [
        {
            "since": "2026-09-01",
            "over_prompt_tokens": 0,
            "input_usd_per_million": "1.000000",
            "cached_input_usd_per_million": "0.100000",
            "cache_write_usd_per_million": "1.000000",
            "output_usd_per_million": "8.000000",
        }
    ],
    "takes": ["images", "system"],
    **_FARES,
}
_CIRCUIT: Final[JsonObject] = {
    "target": "openai/gpt-6-luna",
    "provider": "openai",
    "state": "open",
    "retry_after_s": 3.2,
    "probing": False,
    "openings": 2,
    "calls": 12,
    "faults": 9,
    "last_fault": "overloaded",
}


class Fares(Shown):
    """How a provider or a model fares. `unknown`: nobody called it of late, or the store that knows is away.

    `calls` and `error_rate` (0 to 1) are of the last half minute, `latency_s` of answered calls; null: none.
    """

    state: State
    reasons: tuple[str, ...]
    circuit: CircuitWord
    calls: int
    error_rate: float | None
    latency_s: float | None


class KeyLimitView(Shown):
    """One key's room. `requests_left` and `tokens_left` are of its rate limits; null: it has none that is known.

    `paused_s`: for so long it is not used since the provider asked for a rest; `parked_s`: since it was refused.
    """

    key: str
    permits: float
    in_flight: int
    requests_left: float | None
    tokens_left: float | None
    paused_s: float
    parked_s: float
    parked_because: str | None


class QueueView(Shown):
    """Asks that stand in the broker for it (null: the broker is away), and calls that are under way."""

    waiting: int | None
    in_flight: int


class ProviderLinks(Shown):
    self: str
    models: str


class ProviderView(Fares):
    """`known_by`: `gate`, all workers together; `rows`, what was booked of late, while Redis is away.

    `reachable`: the house has a key for it, or it needs none. `models`: how many it offers in the catalog.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PROVIDER]})

    id: str
    name: str
    known_by: Literal["gate", "rows"]
    reachable: bool
    limits: tuple[KeyLimitView, ...]
    queue: QueueView
    regions: tuple[str, ...]
    retains: bool
    trains: bool
    resells: bool
    models: int
    links: ProviderLinks


class ProvidersView(Shown):
    """In the order in which failover prefers them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_PROVIDER]}]})

    data: tuple[ProviderView, ...]


class PriceView(Shown):
    """From `since` on, for prompts above `over_prompt_tokens`."""

    since: str
    over_prompt_tokens: int
    input_usd_per_million: str
    cached_input_usd_per_million: str
    cache_write_usd_per_million: str
    output_usd_per_million: str


class ModelView(Fares):
    """`prices` are those that hold today, the one for the shortest prompts first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MODEL]})

    id: str
    target: str
    tier: str
    lifecycle: Lifecycle
    available_from: str | None
    retires_on: str | None
    replaced_by: str | None
    window_tokens: int
    max_output_tokens: int
    prices: tuple[PriceView, ...]
    takes: tuple[str, ...]


class ModelsView(Shown):
    """The best of a tier first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"provider": "openai", "data": [_MODEL]}]})

    provider: str
    data: tuple[ModelView, ...]


class CircuitView(Shown):
    """`retry_after_s`: when the next call may try. `openings`: since it was last closed for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CIRCUIT]})

    target: str
    provider: str
    state: CircuitWord
    retry_after_s: float
    probing: bool
    openings: int
    calls: int
    faults: int
    last_fault: str | None


class CircuitsView(Shown):
    """Those that were used of late; any other is closed. Not `known`: Redis is away, and nobody can tell."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"known": True, "data": [_CIRCUIT]}]})

    known: bool
    data: tuple[CircuitView, ...]


class ChangeView(Shown):
    target: str
    before: CircuitWord
    after: CircuitWord


class ResetView(Shown):
    """What was changed: nothing where all circuits were closed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider": "openai",
                    "changed": [{"target": "openai/gpt-6-luna", "before": "open", "after": "closed"}],
                }
            ]
        }
    )

    provider: str
    changed: tuple[ChangeView, ...]
