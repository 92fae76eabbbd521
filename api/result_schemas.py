"""A result by itself, and a link that opens it, as the HTTP contract shows them."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from api import examples
from api.schemas import DegradationView, Shown
from orchestrator.analysis.items import Analysis
from orchestrator.routing.request import Strict
from orchestrator.tenancy.result_links import FEWEST_S, PATH
from providers.calls import JsonObject

_UNTIL: Final = 1_795_944_600
_URL: Final = f"{PATH}?tenant=ten_...&job={examples.JOB['id']}&until={_UNTIL}&signature=..."
_RESULT: Final[JsonObject] = {
    "job_id": examples.JOB["id"],
    **{name: examples.JOB[name] for name in ("version", "label", "degraded", "degradations", "result")},
}


class ResultUrlBody(Strict):
    """`expires_in_s`: how long the link shall open the result; without it, and at most, as long as the house allows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"expires_in_s": 3600}, {}]})

    expires_in_s: Annotated[float, Field(ge=FEWEST_S, allow_inf_nan=False)] | None = None


class ResultUrlView(Shown):
    """`url`: whoever has it reads the result until then. A path, if the house was not told its public address."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"job_id": examples.JOB["id"], "url": _URL, "expires_at": "2026-11-29T09:30:00.000Z"}]
        }
    )

    job_id: str
    url: str
    expires_at: str


class ResultView(Shown):
    """The result of a job that succeeded, and in `label` what was really done for it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RESULT]})

    object: Literal["result"] = "result"
    job_id: str
    version: int
    label: str | None
    degraded: bool
    degradations: tuple[DegradationView, ...]
    result: Analysis
