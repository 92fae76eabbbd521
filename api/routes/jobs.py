"""`/v1/jobs`: submit, read, wait, list, cancel, retry, replay."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import ColumnElement

from api import cursors, views
from api.auth import Reader, Submitter
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House, JobId
from api.digests import digest
from api.problems import BadQuery
from api.queries import Moment
from api.schemas import TERMINAL, JobPage, JobStatus, JobView
from api.turns import unless_crowded
from api.waiting import LOOK_EVERY_S
from orchestrator import failpoints
from orchestrator.intake import Door
from orchestrator.routing.replays import ReplayRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage import jobs, results, seats
from orchestrator.storage.idempotency import Submitted
from orchestrator.storage.tables import jobs as job_table
from orchestrator.tenancy.keys import Principal, check_still_opens

MAX_WAIT_S: Final = 60.0
MAX_PAGE: Final = 200
STORABLE: Final = r"^[^\x00]*$"  # PostgreSQL knows no other character that it cannot keep

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/AnalysisRequest"},
                "example": {
                    "transcript": {"format": "text", "content": "Ann: I'll send the draft by Friday.\nBob: Agreed."},
                    "strategy": "auto",
                    "reference": "crm-4711",
                },
            }
        },
    }
}

_REPLAY_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ReplayRequest"},
                "example": {"strategy": "single", "seats": [1]},
            }
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=JobView,
    openapi_extra=_BODY,
    summary="Submit a job",
    dependencies=[Depends(unless_crowded)],
)
async def submit(
    caller: Submitter,
    here: Here,
    body: JsonBytes,
    idempotency_key: Annotated[str | None, Header(description="1 to 255 printable characters")] = None,
) -> Response:
    """Take in a transcript. Answered once the job is stored; a repeated Idempotency-Key returns the same job."""
    wanted = await here.doors.work(_admit, here, caller, body, checked_key(idempotency_key))
    return await here.submits.work(_accept, here, caller, wanted)


@router.get("", response_model=JobPage, summary="List jobs, newest first")
def page(  # noqa: PLR0913  FastAPI makes a parameter of each argument
    caller: Reader,
    here: Here,
    *,
    status: JobStatus | None = None,
    reference: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    tag: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    batch_id: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    created_after: Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> JobPage:
    """Jobs without their results; `next_cursor` goes on where this page ends."""
    conditions: list[ColumnElement[bool]] = []
    if status:
        conditions.append(job_table.c.status == status)
    if reference:
        conditions.append(job_table.c.reference == reference)
    if tag:
        conditions.append(job_table.c.tags.contains([tag]))
    if batch_id:
        conditions.append(job_table.c.batch_id == batch_id)
    if created_after:
        conditions.append(job_table.c.created_at > created_after)
    if cursor:
        conditions.append(job_table.c.id < cursors.read(cursor, caller.tenant, here.pepper, of="jobs"))
    with here.database.tenant(caller.tenant) as connection:
        rows = jobs.page(connection, conditions, limit + 1)
        shown = tuple(views.job(row, seats.of_job(connection, row.id), None) for row in rows[:limit])
    more = cursors.write(shown[-1].id, caller.tenant, here.pepper, of="jobs") if len(rows) > limit else None
    return JobPage(data=shown, next_cursor=more)


@router.get("/{job_id}", response_model=JobView, summary="Read a job, or wait for its end")
async def read(
    request: Request,
    job_id: JobId,
    caller: Reader,
    here: Here,
    wait_s: Annotated[float, Query(ge=0, le=MAX_WAIT_S, allow_inf_nan=False)] = 0,
) -> Response:
    """The job as it stands; with `wait_s` the answer comes when it has ended or the wait is over."""
    view = await _wait(here, caller, job_id, wait_s)
    etag = f'"{view.version}"'
    known = request.headers.get("if-none-match", "")
    if etag in known or known.strip() == "*":
        return Response(status_code=304, headers={"ETag": etag})
    return _shown(view, headers={"ETag": etag})


@router.post("/{job_id}/cancel", response_model=JobView, summary="Cancel a job")
def cancel(job_id: JobId, caller: Submitter, here: Here) -> JobView:
    """End the job. No paid call starts after the answer; canceling twice is the same as once."""
    here.dispatch.cancel(caller.tenant, job_id)
    return _read(here, caller, job_id)


@router.post("/{job_id}/retry", response_model=JobView, status_code=202, summary="Have an ended job go on")
def retry(job_id: JobId, caller: Submitter, here: Here) -> JobView:
    """Ask the seats again that brought no answer. Those that did are not paid again; twice is the same as once."""
    here.dispatch.retry(caller.tenant, job_id)
    return _read(here, caller, job_id)


@router.post(
    "/{job_id}/replay",
    status_code=202,
    response_model=JobView,
    openapi_extra=_REPLAY_BODY,
    summary="Analyse the stored answers of a job anew",
    dependencies=[Depends(unless_crowded)],
)
async def replay(
    job_id: JobId,
    caller: Submitter,
    here: Here,
    body: JsonBytes,
    idempotency_key: Annotated[str | None, Header(description="1 to 255 printable characters")] = None,
) -> Response:
    """A new job over what the seats of this one brought, under another strategy or with fewer of them.

    Nobody is asked and nothing is paid; `replay_of` names this job. The same strategy over the same seats gives the
    same result, byte for byte. With `allow_calls` a strategy that wants a lead or judges asks them, within budgets and
    `max_cost_usd`; a question that was answered before is not paid again.
    """
    return await here.submits.work(_replay, here, caller, job_id, body, checked_key(idempotency_key))


@dataclass(frozen=True)
class _Wanted:
    """A submit that was let in."""

    request: AnalysisRequest
    door: Door
    key: str | None
    digest: bytes


def _admit(here: House, caller: Principal, body: bytes, key: str | None) -> _Wanted:
    request = parse(body, AnalysisRequest)
    door = here.dispatch.admit(caller.tenant, request, idempotency_key=key)
    return _Wanted(request, door, key, digest("job", body))


def _accept(here: House, caller: Principal, wanted: _Wanted) -> Response:
    done = here.dispatch.accept(
        caller.tenant, wanted.request, wanted.door, idempotency_key=wanted.key, digest=wanted.digest
    )
    return _accepted(here, caller, done)


def _replay(here: House, caller: Principal, job_id: str, body: bytes, key: str | None) -> Response:
    wish = parse(body, ReplayRequest)
    done = here.dispatch.replay(caller.tenant, job_id, wish, idempotency_key=key, digest=digest(job_id, body))
    return _accepted(here, caller, done)


def _accepted(here: House, caller: Principal, done: Submitted) -> Response:
    view = _read(here, caller, done.job_id)
    failpoints.reach("api.before_response")
    headers = {"Location": view.links.self} | ({"Idempotent-Replayed": "true"} if done.replayed else {})
    return _shown(view, status_code=202, headers=headers)


async def _wait(here: House, caller: Principal, job_id: str, wait_s: float) -> JobView:
    until, is_waiting = time.monotonic() + wait_s, False
    with here.hub.listening(job_id) as hint:
        while True:
            hint.clear()
            view = await run_in_threadpool(_read, here, caller, job_id, again=is_waiting)
            left = until - time.monotonic()
            if view.status in TERMINAL or left <= 0:
                return view
            is_waiting = True
            try:
                await asyncio.wait_for(hint.wait(), min(left, LOOK_EVERY_S))
            except TimeoutError:
                continue  # a lost hint, or none yet: look again


def _read(here: House, caller: Principal, job_id: str, *, again: bool = False) -> JobView:
    """`again`: for who has waited, whose key may have ended meanwhile: raises BadKey."""
    with here.database.tenant(caller.tenant) as connection:
        if again:
            check_still_opens(connection, caller)
        row = jobs.read(connection, job_id)
        return views.job(row, seats.of_job(connection, job_id), results.read_result(connection, job_id))


def _shown(view: JobView, *, status_code: int = 200, headers: dict[str, str]) -> Response:
    """The Job as JSON, written by pydantic at once: an analysis has hundreds of small values."""
    return Response(view.model_dump_json(), status_code=status_code, headers=headers, media_type="application/json")


def checked_key(key: str | None) -> str | None:
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise BadQuery("Idempotency-Key must have 1 to 255 printable ASCII characters.")
    return key
