"""What happens, as it happens: the tenant's feed `/v1/events`, and the events of one job `/v1/jobs/{id}/events`, as a
stream or over a WebSocket.
"""

import contextlib
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Header, Query, Response, WebSocket
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api import event_frames, event_schemas, sockets
from api.auth import Reader
from api.dependencies import Here, JobId
from api.event_schemas import FeedView
from api.streams import Stream, Streams
from orchestrator.storage import feed

MAX_PAGE: Final = 1_000
MAX_NUMBER: Final = 2**63 - 1
# A stream is for one reader, and a proxy that gathers it up before it hands it on makes it useless.
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The job's events after `Last-Event-ID`; ends with the job.",
        "content": {
            event_frames.MEDIA_TYPE: {
                "example": 'id: 1\nevent: job.queued\ndata: {"id": "evt_...", "type": "job.queued", "version": 1}\n\n',
            }
        },
    },
    204: {"description": "The job has ended and nothing follows: a browser does not come back."},
}

SeenLast: TypeAlias = Annotated[str | None, Header(description="The id of the last event that was read")]

router = APIRouter(prefix="/v1", tags=["events"])


@router.get("/events", response_model=FeedView, summary="Read the tenant's feed")
def page(
    caller: Reader,
    here: Here,
    *,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="The number of the last event that was read")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> FeedView:
    """All events of your jobs and budgets, numbered without gaps, ever in the same order. Go on with `after=next`."""
    with here.database.tenant(caller.tenant) as connection:
        rows = feed.page(connection, after, limit)
    found = tuple(event_schemas.of_feed(row) for row in rows)
    return FeedView(data=found, next=found[-1].sequence if found else after)


@router.get("/jobs/{job_id}/events", responses=_STREAM, response_class=Response, summary="Follow a job's events")
async def stream(
    job_id: JobId,
    caller: Reader,
    here: Here,
    last_event_id: SeenLast = None,
) -> Response:
    """Each event once, in order, from the first or from the one after `Last-Event-ID`; ends when the job has ended.

    The same address opens a WebSocket (`Upgrade: websocket`, RFC 6455): with the key and `Last-Event-ID` in the same
    headers, refused by the same statuses, with the same events as one JSON text each. It is closed with 1000 when the
    job has ended; after any other code, come back with the `version` of the last event.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(here.streams.place(caller.tenant))
        opened = await here.streams.open(caller.tenant, job_id, event_frames.seen(last_event_id), caller.key_id)
        if opened.is_over:
            return Response(status_code=204, headers=HEADERS)
        return EventStream(here.streams, opened, held.pop_all())


@router.websocket("/jobs/{job_id}/events")
async def socket(opening: WebSocket, job_id: JobId, caller: Reader, here: Here, last_event_id: SeenLast = None) -> None:
    """The same over a WebSocket."""
    with here.streams.place(caller.tenant):
        opened = await here.streams.open(caller.tenant, job_id, event_frames.seen(last_event_id), caller.key_id)
        await sockets.tell(opening, here.streams, opened)


class EventStream(StreamingResponse):
    """Gives its place back when it ends, however it ends."""

    def __init__(self, streams: Streams, opened: Stream, held: contextlib.ExitStack) -> None:
        self._frames = event_frames.framed(streams.events(opened))
        super().__init__(self._frames, media_type=event_frames.MEDIA_TYPE, headers=HEADERS)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            async with contextlib.aclosing(self._frames):
                await super().__call__(scope, receive, send)
