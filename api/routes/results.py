"""`/v1/results`: a result by a link of its own, without a key; and `/v1/jobs/{id}/result-url`, which makes one.

What refuses a link says nothing of the job: one that is not ours is answered 404, whatever it names, before a store is
asked. Its signature is in no log and no answer: it stands in the query, and what we write down is the path.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from api import views
from api.auth import Reader
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House, JobId
from api.problems import LinkExpired, NoResult, TooManyRequests
from api.request_ids import MORE_HEADERS
from api.result_schemas import ResultUrlBody, ResultUrlView, ResultView
from orchestrator.errors import NotFound
from orchestrator.storage import jobs, results
from orchestrator.tenancy.result_links import PATH, Link

PER_MINUTE: Final = 60  # of one link's job, in each API process: people and their programs, and no crawler
NO_TRACE: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

router = APIRouter(tags=["jobs"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ResultUrlBody"}}},
    }
}


async def _leave_no_trace(asked: Request) -> None:
    """Whatever becomes of the request: who keeps the answer, or tells another site of its address, keeps the result."""
    asked.scope[MORE_HEADERS] = NO_TRACE


@router.post(
    "/v1/jobs/{job_id}/result-url",
    response_model=ResultUrlView,
    openapi_extra=_BODY,
    summary="Make a link that opens the result without a key",
)
def link(job_id: JobId, body: JsonBytes, caller: Reader, here: Here, answer: Response) -> ResultUrlView:
    """Whoever has the link reads the result until it expires; it cannot be taken back, but by erasing the job."""
    wish = parse(body, ResultUrlBody)
    _view(here, caller.tenant, job_id)
    until = here.result_links.until(here.clock.now(), wish.expires_in_s)
    answer.headers["Cache-Control"] = NO_TRACE["Cache-Control"]
    url = here.result_links.url(caller.tenant, job_id, until)
    return ResultUrlView(job_id=job_id, url=url, expires_at=views.moment(until))


@router.get(
    PATH, response_model=ResultView, summary="Open a result by its link", dependencies=[Depends(_leave_no_trace)]
)
def open_result(
    here: Here,
    *,
    tenant: Annotated[str, Query(max_length=100)],
    job: Annotated[str, Query(max_length=100)],
    until: Annotated[int, Query(ge=0, le=10**12)],
    signature: Annotated[str, Query(max_length=100)],
) -> ResultView:
    """What a link of a webhook or of `result-url` names, as it was given out: no key is needed, nothing may be changed.

    404: it is no link of ours. 410: it has expired, or the job was erased.
    """
    named = Link(tenant=tenant, job=job, until=until)
    if not here.result_links.is_ours(named, signature):
        raise NotFound("The link opens nothing.")
    left = here.result_rates.take(named.job)
    if left is not None and not left.fits:
        raise TooManyRequests(f"A link opens {left.quota} times a minute.", retry_after_s=left.reset_s)
    if here.clock.now().timestamp() >= until:
        raise LinkExpired("The link has expired. Ask whoever gave it to you for another one.")
    return _view(here, tenant, job)


def _view(here: House, tenant: str, job_id: str) -> ResultView:
    """Raises NotFound, Erased; NoResult: the job has not ended, or ended without one."""
    with here.database.tenant(tenant) as connection:
        row = jobs.whole(connection, job_id)
        result = results.read_result(connection, job_id)
    if result is None:
        raise NoResult(f"The job is {row.status}; only one that succeeded has a result.")
    return ResultView.model_validate(
        {
            "job_id": row.id,
            "version": row.version,
            "label": row.label,
            "degraded": bool(row.degradations),
            "degradations": row.degradations,
            "result": result,
        }
    )
