"""`/v1/jobs/{id}/partial`: what the seats of a job have found before anything is synthesised."""

import asyncio
import re
import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import partial_views
from api.auth import Reader
from api.dependencies import Here, House, JobId
from api.partial_schemas import PartialView
from api.routes.jobs import MAX_WAIT_S
from api.waiting import LOOK_EVERY_S
from orchestrator.errors import NotFound
from orchestrator.storage import candidates, feed, jobs, seats, transcripts
from orchestrator.tenancy.keys import Principal
from orchestrator.work.jobs import TERMINAL, JobStatus

_ETAG: Final = re.compile(r'"([0-9]{1,10})"')

_OTHERS: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "The job has succeeded: its result stands at `Location`"},
    304: {"description": "It is as it was: `If-None-Match` names its version"},
}

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get(
    "/{job_id}/partial", response_model=PartialView, responses=_OTHERS, summary="What the seats have found so far"
)
async def read(
    request: Request,
    job_id: JobId,
    caller: Reader,
    here: Here,
    wait_s: Annotated[float, Query(ge=0, le=MAX_WAIT_S, allow_inf_nan=False)] = 0,
) -> Response:
    """The items of the seats that have answered, each proved by the words of the meeting; nothing is decided on yet.

    `ETag` is the job's version. With `If-None-Match` and `wait_s` the answer comes when the job has gone on from that
    version, some two seconds later at most, or when the wait is over. A job that has succeeded sends on to its result;
    one that failed, was canceled or ran out of time still tells what had been found.
    """
    known = request.headers.get("if-none-match", "")
    await _wait(here, caller, job_id, known, wait_s)
    return await here.partials.work(_answer, here, caller, job_id, known)


async def _wait(here: House, caller: Principal, job_id: str, known: str, wait_s: float) -> None:
    """Raises NotFound."""
    seen = {int(version) for version in _ETAG.findall(known)}
    until = time.monotonic() + wait_s
    with here.hub.listening(job_id) as hint:
        while (left := until - time.monotonic()) > 0:
            hint.clear()
            stands = await run_in_threadpool(_standing, here, caller, job_id)
            if stands.version not in seen or stands.status in TERMINAL:
                return
            try:
                await asyncio.wait_for(hint.wait(), min(left, LOOK_EVERY_S))
            except TimeoutError:
                continue  # only ends are hinted at: look again


def _standing(here: House, caller: Principal, job_id: str) -> feed.Standing:
    with here.database.tenant(caller.tenant) as connection:
        stands = feed.standing(connection, job_id)
    if stands is None:
        raise NotFound(f"There is no job {job_id}.")
    return stands


def _answer(here: House, caller: Principal, job_id: str, known: str) -> Response:
    """The job is read before what its seats brought: an answer may know more than its version says, never less."""
    with here.database.tenant(caller.tenant) as connection:
        row = jobs.whole(connection, job_id)
        if row.status is JobStatus.SUCCEEDED:
            return Response(status_code=303, headers={"Location": f"/v1/jobs/{job_id}"})
        etag = f'"{row.version}"'
        if etag in known or known.strip() == "*":
            return Response(status_code=304, headers={"ETag": etag})
        panel, documents = seats.of_job(connection, job_id), candidates.read(connection, job_id)
        transcript = transcripts.read(connection, row.transcript_id)
    view = partial_views.partial(row, panel, documents, transcript)
    return Response(view.model_dump_json(), headers={"ETag": etag}, media_type="application/json")
