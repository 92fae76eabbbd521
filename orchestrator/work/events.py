"""What can happen, and what callers are told of it. Pure.

An event is written in the transaction of the change that it tells of. Its data are ids, counts, states, names of models
and money, never a word of a meeting. `shown` lets only what stands in its table through, so that no field slips out
unseen.
"""

from typing import Final, Literal, TypeAlias

from orchestrator.work.jobs import TERMINAL, JobStatus
from providers.calls import JsonObject

JobEventType: TypeAlias = Literal[
    "job.queued",
    "job.started",
    "seat.attempted",
    "seat.failed_over",
    "seat.answered",
    "items.found",
    "seat.failed",
    "job.synthesizing",
    "job.succeeded",
    "job.failed",
    "job.canceled",
    "job.expired",
    "job.erased",
]
CircuitEventType: TypeAlias = Literal["provider.opened", "provider.closed"]

ENDS: Final = frozenset(f"job.{status}" for status in TERMINAL)

MICRO_PER_USD: Final = 1_000_000

# What of an event's data is shown, by the first word of its type.
_SHOWN: Final[dict[str, tuple[str, ...]]] = {
    "job": ("degraded", "code", "replay_of"),
    "seat": ("seat", "reason", "because", "wait_s", "repair", "part"),
    "items": ("seat", "counts", "items"),
    "provider": ("provider", "model"),
    "budget": (
        "scope", "period", "period_start", "threshold", "spent_usd", "resets_at",
        "low_usd", "mid_usd", "high_usd", "method", "back_test_percent",
    ),
    "batch": ("batch_id", "version", "jobs", "refused", "canceled"),
}  # fmt: skip
_MODELS: Final = {"target": "asked", "served": "served", "from": "from", "to": "to"}
_MONEY: Final = {"cost_micro_usd": "cost_usd", "limit_micro_usd": "limit_usd"}
# The state in which a job stands after the event; others do not change it.
_STATUS: Final = {f"job.{status}": str(status) for status in JobStatus} | {"job.started": "running"}


def is_end(event: str) -> bool:
    """Whether a job has ended by it; only a caller's retry lets another follow."""
    return event in ENDS


def shown(event: str, data: JsonObject) -> JsonObject:
    """What callers are shown of an event's data: money as decimal strings, the rest as it was written.

    A job's events name its state; a seat's the provider and model that it concerns, which is who answered if one did.
    """
    kind = event.partition(".")[0]
    told: JsonObject = {"status": _STATUS[event]} if event in _STATUS else {}
    told |= {name: data[name] for name in _SHOWN.get(kind, ()) if name in data}
    told |= {there: data[here] for here, there in _MODELS.items() if kind == "seat" and here in data}
    told |= {there: _usd(data[here]) for here, there in _MONEY.items() if here in data}
    return _with_model(told) if kind == "seat" else told


def _with_model(told: JsonObject) -> JsonObject:
    target = told.get("served") or told.get("asked") or told.get("from")
    if not isinstance(target, str):
        return told
    provider, _, model = target.partition("/")
    return {**told, "provider": provider, "model": model}


def _usd(micro: object) -> str | None:
    if not isinstance(micro, int):
        return None
    sign, whole = "-" if micro < 0 else "", abs(micro)
    return f"{sign}{whole // MICRO_PER_USD}.{whole % MICRO_PER_USD:06d}"
