"""What the service says of itself, as the HTTP contract shows it."""

from typing import Literal

from pydantic import ConfigDict

from api.provider_schemas import CircuitWord, State
from api.schemas import Shown


class LiveView(Shown):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "live"}]})

    status: Literal["live"] = "live"


class StoreView(Shown):
    """`version`: what it says it is; null while it is away."""

    ok: bool
    version: str | None


class StoresView(Shown):
    postgresql: StoreView
    redis: StoreView


class ReadyView(Shown):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "dependencies": {
                        "postgresql": {"ok": True, "version": "18.1"},
                        "redis": {"ok": True, "version": "7.2.4"},
                    },
                }
            ]
        }
    )

    status: Literal["ready", "unavailable"]
    dependencies: StoresView


class ProviderHealthView(Shown):
    id: str
    state: State
    circuit: CircuitWord
    reachable: bool


class HealthView(Shown):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "degraded",
                    "dependencies": {
                        "postgresql": {"ok": True, "version": "18.1"},
                        "redis": {"ok": True, "version": "7.2.4"},
                    },
                    "providers": [{"id": "openai", "state": "down", "circuit": "open", "reachable": True}],
                }
            ]
        }
    )

    status: Literal["ok", "degraded", "unavailable"]
    dependencies: StoresView
    providers: tuple[ProviderHealthView, ...]
