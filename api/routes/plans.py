"""`/v1/plans`: what a job would be and cost, before anybody is asked or anything is stored."""

from typing import Final

from fastapi import APIRouter, Depends

from api import plan_views
from api.auth import Submitter
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House
from api.plan_schemas import PlanView
from api.turns import unless_crowded
from orchestrator.routing.request import AnalysisRequest
from orchestrator.tenancy.keys import Principal

router = APIRouter(prefix="/v1/plans", tags=["jobs"])

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/AnalysisRequest"},
                "example": {
                    "transcript": {"format": "text", "content": "Ann: I'll send the draft by Friday.\nBob: Agreed."},
                    "policy": "quality",
                    "max_cost_usd": "0.50",
                },
            }
        },
    }
}


@router.post(
    "",
    response_model=PlanView,
    openapi_extra=_BODY,
    summary="Plan a job without running it",
    dependencies=[Depends(unless_crowded)],
)
async def preview(caller: Submitter, here: Here, body: JsonBytes) -> PlanView:
    """Takes the body of a job. Answers with its seats and costs, what was rejected, and what would save."""
    return await here.submits.work(_preview, here, caller, body)


def _preview(here: House, caller: Principal, body: bytes) -> PlanView:
    request = parse(body, AnalysisRequest)
    return plan_views.plan(request, here.dispatch.preview(caller.tenant, request))
