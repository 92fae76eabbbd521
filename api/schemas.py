"""The Job as the HTTP contract shows it. Money is a decimal string in US dollars with six places."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from api import examples
from orchestrator.analysis.items import Analysis
from orchestrator.routing.request import Policy, Priority
from providers.calls import JsonObject

JobStatus: TypeAlias = Literal["queued", "running", "synthesizing", "succeeded", "failed", "canceled", "expired"]
SeatStatus: TypeAlias = Literal["pending", "running", "answered", "failed", "canceled"]
ExportFormat: TypeAlias = Literal["md", "csv", "ics", "vtt", "json"]
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


class FindingView(Shown):
    """Something found out: how sure that is, 0..1, and why. Of what the caller said: confidence 1, and a word on it."""

    value: str
    confidence: float
    because: tuple[str, ...] = ()


class DetectedView(Shown):
    """What was found out of a meeting. `head_count`: who spoke or was named; `speakers`: voices that are told apart."""

    type: FindingView
    language: FindingView
    industry: FindingView | None = None
    speakers: int = 0
    head_count: int = 0


class ParticipantView(Shown):
    """Somebody who took part. `speakers`: what the transcript calls them; empty: no word of theirs is known."""

    name: str
    id: str | None = None
    speakers: tuple[str, ...] = ()
    role: FindingView | None = None


class ContextView(Shown):
    """The meeting, as the caller and `detected` have it; `detected` is null for a job of an older release."""

    type: str | None
    language: str | None
    industry: str | None
    title: str | None
    participants: tuple[ParticipantView, ...]
    duration_s: float | None
    words: int
    detected: DetectedView | None = None


class UsageView(Shown):
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    reasoning_tokens: int


class SeatView(Shown):
    """`parts`: about how many parts of the meeting its model is asked, one after the other, as its window does not hold
    more at once; 1: about all of it. `parts_answered`: how many of them have an answer.
    """

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
    parts: int = 1
    parts_answered: int = 0


class CostView(Shown):
    bound_usd: str
    held_usd: str
    expected_usd: str = "0.000000"
    spent_usd: str


class LinksView(Shown):
    self: str
    events: str
    report: str
    timeline: str


class RedactionView(Shown):
    """What models are not shown: how many terms were named, and how many different values there are of each kind that
    was asked for, by request or house. No value is told.
    """

    terms: int
    hidden: dict[str, int]


class JobView(Shown):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.JOB]})

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
    redaction: RedactionView | None = None
    seats: tuple[SeatView, ...]
    cost: CostView
    result: Analysis | None
    error: JsonObject | None
    reference: str | None
    tags: tuple[str, ...]
    metadata: dict[str, str]
    transcript_id: str | None = None
    batch_id: str | None = None
    replay_of: str | None = None
    created_at: str
    started_at: str | None
    finished_at: str | None
    deadline_at: str
    not_before: str | None = None
    erased_at: str | None = None
    links: LinksView


class JobPage(Shown):
    """Newest first, without results. `next_cursor` is None on the last page."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAGE]})

    data: tuple[JobView, ...]
    next_cursor: str | None
