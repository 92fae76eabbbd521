"""Jobs that ended badly, as the HTTP contract shows them, and what is posted to have them go on."""

from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from api.schemas import Shown
from orchestrator.requeuing import MOST, Outcome
from orchestrator.routing.request import Line, Moment, Strict
from providers.calls import JsonObject

BadEnd: TypeAlias = Literal["failed", "expired", "canceled"]

_JOB: Final = "job_06a9zk3w8mxq4v1nd7b2c5hfge"
_LETTER: Final[JsonObject] = {
    "job_id": _JOB,
    "object": "dead_letter",
    "status": "failed",
    "reason": "quorum-not-reached",
    "detail": "1 of 3 seats answered; 2 had to (seat 1: exhausted, seat 2: poison).",
    "answered": 1,
    "lost": [
        {"seat": 1, "asked": "openai/gpt-6-luna", "reason": "exhausted"},
        {"seat": 2, "asked": "google/gemini-3-flash", "reason": "poison"},
    ],
    "attempts": 7,
    "retries": 0,
    "spent_usd": "0.012630",
    "reference": "crm-4711",
    "batch_id": None,
    "created_at": "2026-11-28T09:30:00.000Z",
    "finished_at": "2026-11-28T09:31:12.000Z",
    "erased_at": None,
    "links": {"self": f"/v1/jobs/{_JOB}", "retry": f"/v1/jobs/{_JOB}/retry"},
}
_PAGE: Final[JsonObject] = {
    "data": [_LETTER],
    "counts": [{"status": "failed", "reason": "quorum-not-reached", "jobs": 1}],
    "counted_all": True,
    "next_cursor": None,
}
_DONE: Final[JsonObject] = {
    "object": "requeue",
    "dry_run": False,
    "requeued": 1,
    "unchanged": 0,
    "refused": 1,
    "data": [
        {"job_id": _JOB, "outcome": "requeued", "problem": None},
        {
            "job_id": "job_06a9zk3w8mxq4v1nd7b2c5hfgf",
            "outcome": "refused",
            "problem": {
                "type": "urn:meetingmind:problem:erased",
                "title": "The content has been erased",
                "status": 410,
                "detail": "What was said in this job has been erased.",
                "instance": "/v1/dead-letters/requeue",
                "code": "erased",
                "request_id": "req_06a9zk3w8mxq4v1nd7b2c5hfgj",
            },
        },
    ],
    "more": False,
}


class DeadLetterFilter(Strict):
    """Which of them are meant; left out: whatever it is. Without `status`, all that nobody canceled."""

    status: BadEnd | None = None
    reason: Line | None = None
    seat_reason: Line | None = None
    reference: Line | None = None
    tag: Line | None = None
    project: Line | None = None
    batch_id: Annotated[str, StringConstraints(pattern=r"^bat_[0-9a-z]{26}$")] | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None


class RequeueBody(Strict):
    """Either `job_ids`, or the oldest `limit` jobs that `filter` means. `dry_run`: tell, and change nothing."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [{"filter": {"reason": "quorum-not-reached"}, "limit": 100, "dry_run": True}],
            "oneOf": [
                {"required": [form], "properties": {form: {"not": {"type": "null"}}}} for form in ("job_ids", "filter")
            ],
        },
    )

    job_ids: (
        Annotated[
            tuple[Annotated[str, StringConstraints(pattern=r"^job_[0-9a-z]{26}$")], ...],
            Field(min_length=1, max_length=MOST),
        ]
        | None
    ) = None
    filter: DeadLetterFilter | None = None
    limit: int = Field(default=100, ge=1, le=MOST)
    dry_run: bool = False

    @model_validator(mode="after")
    def _exactly_one_form(self) -> Self:
        if (self.job_ids is None) == (self.filter is None):
            raise ValueError("give either job_ids or filter")
        return self


class LostSeatView(Shown):
    """A seat without an answer, and why it has none; null: the job ended before it did."""

    seat: int
    asked: str
    reason: str | None


class DeadLetterLinksView(Shown):
    self: str
    retry: str


class DeadLetterView(Shown):
    """A job that ended badly. `reason` is a code, `detail` its sentence; `lost` are the seats without an answer, which
    alone are asked again; `attempts` counts the calls of all seats. One with `erased_at` cannot go on.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_LETTER]})

    job_id: str
    object: Literal["dead_letter"] = "dead_letter"
    status: BadEnd
    reason: str
    detail: str | None
    answered: int
    lost: tuple[LostSeatView, ...]
    attempts: int
    retries: int
    spent_usd: str
    reference: str | None
    batch_id: str | None
    created_at: str
    finished_at: str
    erased_at: str | None
    links: DeadLetterLinksView


class DeadLetterCountView(Shown):
    status: BadEnd
    reason: str
    jobs: int


class DeadLetterPage(Shown):
    """Newest first. `counts` are of all that the filter means, the most frequent first; without `counted_all` there are
    more than ten thousand, and the newest of them were counted.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PAGE]})

    data: tuple[DeadLetterView, ...]
    counts: tuple[DeadLetterCountView, ...]
    counted_all: bool
    next_cursor: str | None


class RequeuedView(Shown):
    """What became of one job. `problem` is what its retry would have been refused with."""

    job_id: str
    outcome: Outcome
    problem: JsonObject | None


class RequeueView(Shown):
    """`more`: some that are meant were not come to, by `limit` or by time; the same call without a key goes on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DONE]})

    object: Literal["requeue"] = "requeue"
    dry_run: bool
    requeued: int
    unchanged: int
    refused: int
    data: tuple[RequeuedView, ...]
    more: bool
