"""`/v1/batches`: hand in, read, list, results, pause, resume, cancel, retry."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from starlette.requests import ClientDisconnect

from api import batch_views, cursors
from api.auth import By, Reader, Submitter
from api.batch_bodies import Words
from api.batch_desk import Desk
from api.batch_intake import NDJSON, Intake, media_type, pieces
from api.batch_schemas import BatchPage, BatchView, LineErrorPage, ResultLine
from api.dependencies import BatchId, Here, House
from api.routes.jobs import checked_key
from orchestrator import failpoints
from orchestrator.batches.amending import Amending
from orchestrator.storage import batch_results, batches, lane_figures
from orchestrator.storage.batches import BatchRow
from orchestrator.tenancy.keys import Principal

MAX_PAGE: Final = 100
MAX_ERRORS: Final = 200
ERRORS_SHOWN: Final = 20  # with the batch itself
RESULTS_AT_ONCE: Final = 25  # in one transaction and in memory: some hundred kilobytes

router = APIRouter(prefix="/v1/batches", tags=["batches"])

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            NDJSON: {
                "schema": {"$ref": "#/components/schemas/BatchJob"},
                "example": '{"custom_id": "mon", "transcript": {"content": "Ann: I\'ll send the draft by Friday."}}\n',
            },
            "application/json": {
                "schema": {"$ref": "#/components/schemas/BatchBody"},
                "example": {
                    "defaults": {"strategy": "single", "tags": ["archive"]},
                    "jobs": [
                        {"custom_id": "monday", "transcript": {"content": "Ann: I'll send the draft by Friday."}},
                        {"custom_id": "tuesday", "transcript": {"content": "Bob: We use the new battery."}},
                    ],
                },
            },
        },
    }
}


@router.post("", status_code=202, response_model=BatchView, openapi_extra=_BODY, summary="Hand in many jobs")
async def create(
    request: Request,
    caller: Submitter,
    here: Here,
    *,
    atomic: Annotated[bool, Query(description="all lines or none")] = False,
    idempotency_key: Annotated[str | None, Header(description="1 to 255 printable characters")] = None,
) -> Response:
    """NDJSON, one job a line with an optional `custom_id`, taken in as it comes; or JSON: `jobs`, or stored meetings.

    Answered once the last line is stored. Each line is judged by itself: bad ones are told with their numbers, good
    ones become jobs. A first line `{"defaults": {...}}` speaks for all that do not say otherwise.

    A call that broke off and is repeated with its Idempotency-Key and body goes on where it was; nothing is doubled.
    """
    as_lines = media_type(request) == NDJSON
    words = Words(str(request.scope.get("request_id", "")), request.url.path)
    desk = Desk(here.dispatch, caller.tenant, atomic, checked_key(idempotency_key), words, as_lines)
    async with here.uploads.one(caller.tenant):
        intake, body = Intake(desk, here.uploads), pieces(request)
        try:
            taken = await (intake.stream(body) if as_lines and not atomic else intake.whole(body))
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it
    view = await run_in_threadpool(_read, here, caller, taken.batch_id)
    failpoints.reach("api.before_response")
    headers = {"Location": view.links.self} | ({"Idempotent-Replayed": "true"} if taken.replayed else {})
    return Response(view.model_dump_json(), status_code=202, headers=headers, media_type="application/json")


@router.get("", response_model=BatchPage, summary="List batches, newest first")
def page(
    caller: Reader,
    here: Here,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> BatchPage:
    """As each of them is shown by itself; `next_cursor` goes on where this page ends."""
    before = cursors.read(cursor, caller.tenant, here.pepper, of="batches") if cursor else None
    with here.database.tenant(caller.tenant) as connection:
        rows = batches.page(connection, before, limit + 1)
    shown = tuple(_shown(here, caller, row) for row in rows[:limit])
    more = cursors.write(shown[-1].id, caller.tenant, here.pepper, of="batches") if len(rows) > limit else None
    return BatchPage(data=shown, next_cursor=more)


@router.get("/{batch_id}", response_model=BatchView, summary="Read a batch")
def read(batch_id: BatchId, caller: Reader, here: Here) -> BatchView:
    """Counts, cost, progress, and when its last job may end."""
    return _read(here, caller, batch_id)


@router.get("/{batch_id}/errors", response_model=LineErrorPage, summary="Lines that became no job")
def errors(
    batch_id: BatchId,
    caller: Reader,
    here: Here,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ERRORS)] = 50,
) -> LineErrorPage:
    """In the order of lines, with the problem of each."""
    with here.database.tenant(caller.tenant) as connection:
        batches.read(connection, batch_id)
        return batch_views.errors(batches.refused(connection, batch_id, after, limit + 1), limit)


@router.get(
    "/{batch_id}/results",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {"schema": {"$ref": "#/components/schemas/ResultLine"}}}}},
    summary="Results in the order of lines",
)
async def results(
    batch_id: BatchId,
    caller: Reader,
    here: Here,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="the line of the last result that is at hand")] = 0,
) -> StreamingResponse:
    """One line of NDJSON for each line of the batch, up to the first whose job has not ended: what is sent stays so.

    It goes on after any line; once the batch has ended, to the last one. Refused lines have their place in it.
    """
    await run_in_threadpool(_require, here, caller, batch_id)
    return StreamingResponse(_results(here, caller, batch_id, after), media_type=NDJSON)


@router.post("/{batch_id}/pause", response_model=BatchView, summary="Hold back the jobs that wait")
def pause(batch_id: BatchId, caller: Submitter, by: By, here: Here) -> BatchView:
    """None of its jobs is let go after the answer, until it is resumed; those under way go on. Twice is as once."""
    Amending(here.dispatch).pause(caller.tenant, batch_id, by)
    return _read(here, caller, batch_id)


@router.post("/{batch_id}/resume", response_model=BatchView, summary="Let its jobs wait for their turn again")
def resume(batch_id: BatchId, caller: Submitter, by: By, here: Here) -> BatchView:
    """Each has as much time left as it had. Twice is as once."""
    Amending(here.dispatch).resume(caller.tenant, batch_id, by)
    return _read(here, caller, batch_id)


@router.post("/{batch_id}/cancel", response_model=BatchView, summary="Cancel all of its open jobs")
def cancel(batch_id: BatchId, caller: Submitter, by: By, here: Here) -> BatchView:
    """No paid call of it starts after the answer. While some of thousands of jobs are still being ended, it is
    `canceling`. Twice is as once.
    """
    Amending(here.dispatch).cancel(caller.tenant, batch_id, by)
    return _read(here, caller, batch_id)


@router.post("/{batch_id}/retry", response_model=BatchView, status_code=202, summary="Have its failed jobs go on")
def retry(batch_id: BatchId, caller: Submitter, by: By, here: Here) -> BatchView:
    """Failed, expired and canceled jobs ask their missing seats again, in their turn; answers are not paid again.

    Refused lines became no job: mend them, and send them as another batch. Twice is as once.
    """
    Amending(here.dispatch).retry(caller.tenant, batch_id, by)
    return _read(here, caller, batch_id)


def _read(here: House, caller: Principal, batch_id: str) -> BatchView:
    with here.database.tenant(caller.tenant) as connection:
        row = batches.read(connection, batch_id)
    return _shown(here, caller, row)


def _shown(here: House, caller: Principal, row: BatchRow) -> BatchView:
    with here.database.tenant(caller.tenant) as connection:
        tallies = batches.tallies(connection, row.id)
        lanes = {tally.lane for tally in tallies if row.finished_at is None}
        lines = {lane: lane_figures.line(connection, lane, here.dispatch.most_waiting) for lane in lanes}
        refused = batches.refused(connection, row.id, 0, ERRORS_SHOWN) if row.refused else []
    return batch_views.batch(row, tallies, lines, refused)


def _require(here: House, caller: Principal, batch_id: str) -> None:
    with here.database.tenant(caller.tenant) as connection:
        batches.read(connection, batch_id)


async def _results(here: House, caller: Principal, batch_id: str, after: int) -> AsyncIterator[bytes]:
    """Page by page: while the caller is slow, no thread waits for it and no connection is held."""
    while found := await run_in_threadpool(_results_page, here, caller, batch_id, after):
        last, piece = found
        yield piece
        after = last


def _results_page(here: House, caller: Principal, batch_id: str, after: int) -> tuple[int, bytes] | None:
    with here.database.tenant(caller.tenant) as connection:
        found = batch_results.page(connection, batch_id, after, RESULTS_AT_ONCE)
    if not found:
        return None
    shown = (ResultLine.model_validate(line.model_dump()) for line in found)
    return found[-1].line, b"".join(line.model_dump_json().encode() + b"\n" for line in shown)
