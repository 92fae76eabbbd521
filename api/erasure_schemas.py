"""What an erasure did, as the HTTP contract shows it."""

from typing import Final, Literal

from pydantic import ConfigDict

from api.schemas import LinksView, Shown
from providers.calls import JsonObject

_EXAMPLE: Final[JsonObject] = {
    "object": "erasure",
    "job_id": "job_06a9zk3w8mxq4v1nd7b2c5hfge",
    "erased_at": "2026-11-28T09:30:00.000Z",
    "jobs": ["job_06a9zk3w8mxq4v1nd7b2c5hfge"],
    "transcript": {"id": "trn_06a9zk3w8mxq4v1nd7b2c5hfgf", "erased": True, "used_by": []},
    "recipients": [
        {"provider": "openai", "model": "gpt-6-luna", "calls": 1, "retains": True, "trains": False, "regions": ["us"]}
    ],
    "links": {
        "self": "/v1/jobs/job_06a9zk3w8mxq4v1nd7b2c5hfge",
        "events": "/v1/jobs/job_06a9zk3w8mxq4v1nd7b2c5hfge/events",
        "report": "/v1/jobs/job_06a9zk3w8mxq4v1nd7b2c5hfge/report",
        "timeline": "/v1/jobs/job_06a9zk3w8mxq4v1nd7b2c5hfge/timeline",
    },
}


class TranscriptFateView(Shown):
    """It is kept as long as a job uses it that has not been erased: `used_by`, the newest hundred of them."""

    id: str
    erased: bool
    used_by: tuple[str, ...]


class RecipientView(Shown):
    """Who was sent the meeting, and what the catalog knows of what becomes of it there; null: nothing."""

    provider: str
    model: str
    calls: int
    retains: bool | None
    trains: bool | None
    regions: tuple[str, ...]


class ErasureView(Shown):
    """`jobs` are the one that was asked for, then those that were made over its answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    object: Literal["erasure"] = "erasure"
    job_id: str
    erased_at: str
    jobs: tuple[str, ...]
    transcript: TranscriptFateView
    recipients: tuple[RecipientView, ...]
    links: LinksView
