"""The Job as the HTTP contract shows it. Money is a decimal string in US dollars with six places."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from orchestrator.analysis.items import Analysis
from orchestrator.routing.request import Policy, Priority
from providers.calls import JsonObject

JobStatus: TypeAlias = Literal["queued", "running", "synthesizing", "succeeded", "failed", "canceled", "expired"]
SeatStatus: TypeAlias = Literal["pending", "running", "answered", "failed", "canceled"]
TERMINAL: frozenset[JobStatus] = frozenset(("succeeded", "failed", "canceled", "expired"))


class Shown(BaseModel):
    """A part of an answer. A client ignores fields that it does not know: adding one is allowed."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DegradationView(Shown):
    """One way in which the result is less than was asked for. `seat` is None when it concerns the whole job."""

    code: str
    detail: str
    seat: int | None = None


class StrategyView(Shown):
    asked: str
    ran: str | None
    reason: str


class ParticipantView(Shown):
    name: str
    id: str | None = None


class ContextView(Shown):
    type: str | None
    language: str | None
    industry: str | None
    title: str | None
    participants: tuple[ParticipantView, ...]
    duration_s: float | None
    words: int


class UsageView(Shown):
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int


class SeatView(Shown):
    seat: int
    role: str
    asked: str
    served: str | None
    provider: str | None
    status: SeatStatus
    attempts: int
    failovers: int
    reason: str | None
    latency_s: float | None
    cost_usd: str
    usage: UsageView


class CostView(Shown):
    bound_usd: str
    held_usd: str
    expected_usd: str = "0.000000"
    spent_usd: str


class LinksView(Shown):
    self: str
    report: str


class JobView(Shown):
    id: str
    object: Literal["job"] = "job"
    version: int
    status: JobStatus
    degraded: bool
    label: str | None
    degradations: tuple[DegradationView, ...]
    strategy: StrategyView
    policy: Policy
    policy_planned: str | None = None
    project: str | None = None
    priority: Priority
    quorum: int
    context: ContextView
    seats: tuple[SeatView, ...]
    cost: CostView
    result: Analysis | None
    error: JsonObject | None
    reference: str | None
    tags: tuple[str, ...]
    metadata: dict[str, str]
    created_at: str
    started_at: str | None
    finished_at: str | None
    deadline_at: str
    links: LinksView


class JobPage(Shown):
    """Newest first, without results. `next_cursor` is None on the last page."""

    data: tuple[JobView, ...]
    next_cursor: str | None
