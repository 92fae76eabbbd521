"""What `GET /v1/analytics` shows: usage, costs, performance and predictions of the tenant's last days."""

from typing import Final

from pydantic import ConfigDict, Field

from api.money_schemas import CostRow, ForecastView, SumsView
from api.schemas import Shown
from orchestrator.work.scopes import Period
from providers.calls import JsonObject


class JobsView(Shown):
    """Jobs taken in, and how those that are over ended. The times are of those that succeeded, in seconds.

    `success_rate` is of the jobs that are over, 0 to 1; null: none is.
    """

    jobs: int
    succeeded: int
    failed: int
    expired: int
    canceled: int
    degraded: int
    success_rate: float | None
    mean_s: float | None
    p95_s: float | None


class CallsView(Shown):
    """Calls that left, and how those that are over ended: with an answer of use, with one of none, refused, unknown.

    `success_rate` is of the calls that are over, 0 to 1; null: none is.
    """

    calls: int
    answered: int
    unusable: int
    refused: int
    ambiguous: int
    success_rate: float | None


class AnswersView(Shown):
    """Seats that were answered, and how long their calls took, in seconds."""

    seats: int
    mean_latency_s: float | None
    p95_latency_s: float | None


class ModelView(Shown):
    """One model at its provider. `failovers`: how often a seat that was meant for it went on to another."""

    model: str
    calls: CallsView
    answers: AnswersView
    failovers: int


class DayView(Shown):
    """`jobs` and their cost are of those that were taken in on the day; calls are those that were made on it."""

    day: str
    jobs: JobsView
    cost_usd: str
    cost_per_job_usd: str | None
    calls: CallsView


class CostsPart(Shown):
    """`per_job_usd` is of the jobs that were taken in within the days. The lists are null unless asked for."""

    total: SumsView
    per_job_usd: str | None
    by_model: tuple[CostRow, ...] | None
    by_policy: tuple[CostRow, ...] | None
    by_project: tuple[CostRow, ...] | None


class PerformancePart(Shown):
    """The lists are null unless asked for."""

    calls: CallsView
    answers: AnswersView
    failovers: int
    by_model: tuple[ModelView, ...] | None
    by_day: tuple[DayView, ...] | None


class PredictionView(Shown):
    """What the present day or month of the tenant will have cost."""

    period: Period
    resets_at: str
    forecast: ForecastView


_CALLS: Final[JsonObject] = {
    "calls": 412,
    "answered": 398,
    "unusable": 3,
    "refused": 10,
    "ambiguous": 1,
    "success_rate": 0.966,
}
_JOBS: Final[JsonObject] = {
    "jobs": 130,
    "succeeded": 128,
    "failed": 1,
    "expired": 0,
    "canceled": 1,
    "degraded": 4,
    "success_rate": 0.9846,
    "mean_s": 9.31,
    "p95_s": 21.4,
}
_EXAMPLE: Final[JsonObject] = {
    "from": "2026-11-01",
    "to": "2026-11-30",
    "usage": _JOBS,
    "costs": {
        "total": {
            "cost_usd": "3.114092",
            "calls": 402,
            "unknown_calls": 1,
            "estimated_calls": 0,
            "tokens": {
                "input_tokens": 812_400,
                "cached_input_tokens": 96_000,
                "cache_write_tokens": 0,
                "output_tokens": 40_118,
                "reasoning_tokens": 11_020,
                "image_tokens": 0,
            },
        },
        "per_job_usd": "0.023955",
        "by_model": None,
        "by_policy": None,
        "by_project": None,
    },
    "performance": {
        "calls": _CALLS,
        "answers": {"seats": 389, "mean_latency_s": 4.02, "p95_latency_s": 11.7},
        "failovers": 9,
        "by_model": None,
        "by_day": None,
    },
    "predictions": [],
}


class AnalyticsView(Shown):
    """`from` and `to` are days in UTC, both included. Money counts on the day of the call, jobs on theirs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE]}, serialize_by_alias=True, validate_by_name=True
    )

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    usage: JobsView
    costs: CostsPart
    performance: PerformancePart
    predictions: tuple[PredictionView, ...]
