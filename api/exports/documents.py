"""The export as JSON: the analysis as it is stored, under the head of its job."""

from typing import Literal

from pydantic import ConfigDict

from api.examples import JOB
from api.exports.material import Material
from api.schemas import ContextView, CostView, DegradationView, Shown, StrategyView
from orchestrator.analysis.items import Analysis
from orchestrator.routing.request import Policy


class JobHead(Shown):
    """What must be known of a job to judge its result: the Job of the contract without its course and its seats."""

    id: str
    label: str | None
    degraded: bool
    degradations: tuple[DegradationView, ...]
    strategy: StrategyView
    policy: Policy
    context: ContextView
    cost: CostView
    project: str | None
    reference: str | None
    tags: tuple[str, ...]
    metadata: dict[str, str]
    replay_of: str | None
    created_at: str
    finished_at: str | None


class ExportView(Shown):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object": "export",
                    "job": {name: JOB[name] for name in JobHead.model_fields},
                    "result": JOB["result"],
                }
            ]
        }
    )

    object: Literal["export"] = "export"
    job: JobHead
    result: Analysis


def write(material: Material) -> str:
    head = JobHead.model_validate(material.job.model_dump())
    return ExportView(job=head, result=material.analysis).model_dump_json(indent=2) + "\n"
