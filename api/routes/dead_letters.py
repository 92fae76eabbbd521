"""`/v1/dead-letters`: jobs that ended badly, with reasons, and many of them at once set going again."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response

from api import cursors, dead_letter_views
from api.auth import Reader, Submitter
from api.batch_bodies import Words
from api.bodies import JsonBytes, parse
from api.dead_letter_schemas import BadEnd, DeadLetterPage, RequeueBody, RequeueView
from api.dependencies import Here
from api.digests import digest
from api.queries import Moment
from api.routes.jobs import MAX_PAGE, STORABLE, checked_key
from orchestrator.requeuing import Requeuing, Wish
from orchestrator.storage import dead_letters
from orchestrator.storage.dead_letters import Which
from orchestrator.work.jobs import JobStatus

MOST_COUNTED: Final = 10_000  # some tens of milliseconds
_LIST: Final = "dead letters"
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RequeueBody"}}},
    }
}

router = APIRouter(prefix="/v1/dead-letters", tags=["jobs"])


@router.get("", response_model=DeadLetterPage, summary="List jobs that ended badly, newest first, with reasons")
def page(  # noqa: PLR0913  FastAPI makes a parameter of each argument
    caller: Reader,
    here: Here,
    *,
    status: BadEnd | None = None,
    reason: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    seat_reason: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    reference: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    tag: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    project: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    batch_id: Annotated[str | None, Query(max_length=200, pattern=STORABLE)] = None,
    created_after: Moment | None = None,
    created_before: Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> DeadLetterPage:
    """Failed and expired ones; canceled ones if `status` asks for them. `counts` tells how many there are of each."""
    which = Which(
        status=status and JobStatus(status),
        reason=reason,
        seat_reason=seat_reason,
        reference=reference,
        tag=tag,
        project=project,
        batch_id=batch_id,
        created_after=created_after,
        created_before=created_before,
    )
    before = None if cursor is None else cursors.read(cursor, caller.tenant, here.pepper, of=_LIST)
    with here.database.tenant(caller.tenant) as connection:
        found = dead_letters.page(connection, which, limit + 1, before)
        seats = dead_letters.seats_of(connection, [row.id for row in found[:limit]])
        counts = dead_letters.tallies(connection, which, MOST_COUNTED)
    last = found[limit - 1].id if len(found) > limit else None
    return DeadLetterPage(
        data=tuple(dead_letter_views.letter(row, seats[row.id]) for row in found[:limit]),
        counts=tuple(map(dead_letter_views.count, counts)),
        counted_all=sum(one.jobs for one in counts) < MOST_COUNTED,
        next_cursor=None if last is None else cursors.write(last, caller.tenant, here.pepper, of=_LIST),
    )


@router.post("/requeue", response_model=RequeueView, openapi_extra=_BODY, summary="Have many of them go on")
def requeue(
    request: Request,
    response: Response,
    caller: Submitter,
    here: Here,
    body: JsonBytes,
    idempotency_key: Annotated[str | None, Header(description="1 to 255 printable characters")] = None,
) -> RequeueView:
    """Each as a retry of it would, in its turn: seats that answered are not paid again. The oldest go first.

    Twice is as once: a job that goes on already stays as it is. With an Idempotency-Key a repeat means the same jobs as
    they stood at the first call, and leaves alone what has failed again since.
    """
    asked = parse(body, RequeueBody)
    given = {} if asked.filter is None else asked.filter.model_dump()
    which = Which(**{**given, "status": given.get("status") and JobStatus(given["status"])})
    wish = Wish(job_ids=asked.job_ids, which=which, limit=asked.limit, dry_run=asked.dry_run)
    done = Requeuing(here.dispatch).requeue(
        caller.tenant, wish, idempotency_key=checked_key(idempotency_key), digest=digest("dead-letters", body)
    )
    if done.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    words = Words(str(request.scope.get("request_id", "")), request.url.path)
    return dead_letter_views.requeued(done, words.of, dry_run=asked.dry_run)
