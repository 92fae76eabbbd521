"""Batches as the HTTP contract has them: what is posted beside the jobs themselves, and what is shown."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, StringConstraints

from api.queries import PostedMoment
from api.schemas import JobStatus, Shown
from orchestrator.routing.request import AnalysisRequest, Line, Strict
from providers.calls import JsonObject

BatchStatus: TypeAlias = Literal["receiving", "running", "paused", "canceling", "canceled", "finished"]
ENDED: frozenset[BatchStatus] = frozenset(("canceled", "finished"))


class BatchJob(AnalysisRequest):
    """A line: a job as `POST /v1/jobs` takes it, and the caller's own name for it, which stands once in a batch."""

    custom_id: Line | None = None


class Reprocess(Strict):
    """Of which jobs the stored meetings are analysed anew, each meeting once. Left out: whatever they have there."""

    created_after: PostedMoment | None = None
    created_before: PostedMoment | None = None
    status: JobStatus | None = None
    reference: Line | None = None
    tag: Line | None = None
    project: Line | None = None
    batch_id: Annotated[str, StringConstraints(pattern=r"^bat_[0-9a-z]{26}$")] | None = None


class BatchBody(Strict):
    """A batch as JSON: `jobs`, or stored meetings by `reprocess`. `defaults`: fields for all that do not say
    otherwise.
    """

    jobs: Annotated[tuple[BatchJob, ...], Field(min_length=1, max_length=10_000)] | None = None
    reprocess: Reprocess | None = None
    defaults: JsonObject = Field(default={})


_LINE_ERROR: Final[JsonObject] = {
    "line": 17,
    "custom_id": "tuesday",
    "error": {
        "type": "urn:meetingmind:problem:empty-transcript",
        "title": "The transcript is empty",
        "status": 422,
        "detail": "There are no words in it.",
        "instance": "/v1/batches",
        "code": "empty-transcript",
        "request_id": "req_06a9zk3w8mxq4v1nd7b2c5hfgj",
    },
}
_PATH: Final = "/v1/batches/bat_06a9zk3w8mxq4v1nd7b2c5hfgb"
_BATCH: Final[JsonObject] = {
    "id": "bat_06a9zk3w8mxq4v1nd7b2c5hfgb",
    "object": "batch",
    "version": 12,
    "status": "running",
    "atomic": False,
    "lines": 200,
    "jobs": 199,
    "refused": 1,
    "counts": {"queued": 120, "running": 8, "succeeded": 71},
    "cost": {"bound_usd": "16.200000", "expected_usd": "3.980000", "spent_usd": "1.402310"},
    "progress": 0.36,
    "eta_s": 412.0,
    "errors": [_LINE_ERROR],
    "created_at": "2026-11-28T09:00:00.000Z",
    "received_at": "2026-11-28T09:00:04.000Z",
    "paused_at": None,
    "canceled_at": None,
    "finished_at": None,
    "links": {
        "self": _PATH,
        "results": f"{_PATH}/results",
        "errors": f"{_PATH}/errors",
        "jobs": "/v1/jobs?batch_id=bat_06a9zk3w8mxq4v1nd7b2c5hfgb",
    },
}


class LineErrorView(Shown):
    """A line that became no job. `error` is a problem object."""

    line: int
    custom_id: str | None
    error: JsonObject


class LineErrorPage(Shown):
    """In the order of lines. `next_after` goes on where this page ends; None on the last one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_LINE_ERROR], "next_after": None}]})

    data: tuple[LineErrorView, ...]
    next_after: int | None


class CountsView(Shown):
    queued: int = 0
    running: int = 0
    synthesizing: int = 0
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    expired: int = 0


class BatchCostView(Shown):
    bound_usd: str
    expected_usd: str
    spent_usd: str


class BatchLinksView(Shown):
    self: str
    results: str
    errors: str
    jobs: str


class BatchView(Shown):
    """`lines`: the last one that was taken in; `jobs` of them became jobs, `refused` did not.

    `progress` is the part that is done with, 0..1; `eta_s` seconds until the last job ends, null where nobody knows.
    `errors` are the first of the refused lines; `links.errors` has all.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_BATCH]})

    id: str
    object: Literal["batch"] = "batch"
    version: int
    status: BatchStatus
    atomic: bool
    lines: int
    jobs: int
    refused: int
    counts: CountsView
    cost: BatchCostView
    progress: float
    eta_s: float | None
    errors: tuple[LineErrorView, ...]
    created_at: str
    received_at: str | None
    paused_at: str | None
    canceled_at: str | None
    finished_at: str | None
    links: BatchLinksView


class BatchPage(Shown):
    """Newest first. `next_cursor` is None on the last page."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_BATCH], "next_cursor": None}]})

    data: tuple[BatchView, ...]
    next_cursor: str | None


class ResultLine(Shown):
    """A line of the results: `status` is its job's, or `refused` where it became none; then `error` says why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_LINE_ERROR, "job_id": None, "status": "refused", "result": None}]}
    )

    line: int
    custom_id: str | None
    job_id: str | None
    status: str
    result: JsonObject | None = None
    error: JsonObject | None = None
