"""`/v1/feedback`: what people say of results. It is kept with the job, and goes with it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from sqlalchemy import ColumnElement

from api import cursors
from api.auth import Reader, Submitter
from api.bodies import JsonBytes, parse
from api.dependencies import Here, known_job
from api.feedback_schemas import FeedbackBody, FeedbackPage, FeedbackView
from api.views import moment
from orchestrator.analysis.items import Verdict
from orchestrator.storage import feedback
from orchestrator.storage.caller_tables import feedback as table
from orchestrator.storage.feedback import FeedbackRow, Opinion

MAX_PAGE: Final = 200
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FeedbackBody"}}},
    }
}

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])


@router.post(
    "",
    status_code=201,
    response_model=FeedbackView,
    responses={200: {"model": FeedbackView, "description": "It replaces what the same key said of it before"}},
    openapi_extra=_BODY,
    summary="Say what was right or wrong",
)
def give(response: Response, caller: Submitter, here: Here, body: JsonBytes) -> FeedbackView:
    """Of an item, of the result as a whole, or of what is missing. Saying the same twice is the same as once."""
    said = parse(body, FeedbackBody)
    opinion = Opinion.model_validate({**said.model_dump(), "job_id": known_job(said.job_id)})
    with here.database.tenant(caller.tenant) as connection:
        given = feedback.give(connection, opinion, caller.key_id)
    response.status_code = 201 if given.is_new else 200
    return _view(given.row)


@router.get("", response_model=FeedbackPage, summary="List what was said, newest first")
def page(
    caller: Reader,
    here: Here,
    *,
    job_id: Annotated[str | None, Query(max_length=64)] = None,
    verdict: Verdict | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> FeedbackPage:
    """With kind and confidence of each item, so that confidence can be held against what people found."""
    conditions: list[ColumnElement[bool]] = []
    if job_id is not None:
        conditions.append(table.c.job_id == known_job(job_id))
    if verdict is not None:
        conditions.append(table.c.verdict == verdict)
    if cursor:
        conditions.append(table.c.id < cursors.read(cursor, caller.tenant, here.pepper, of="feedback"))
    with here.database.tenant(caller.tenant) as connection:
        rows = feedback.page(connection, conditions, limit + 1)
    last = rows[limit - 1].id if len(rows) > limit else None
    more = None if last is None else cursors.write(last, caller.tenant, here.pepper, of="feedback")
    return FeedbackPage(data=tuple(map(_view, rows[:limit])), next_cursor=more)


def _view(row: FeedbackRow) -> FeedbackView:
    return FeedbackView(
        id=row.id,
        job_id=row.job_id,
        item_id=row.item_id or None,
        kind=row.kind,
        confidence=row.confidence,
        verdict=row.verdict,
        text=row.text,
        score=row.score,
        key_id=row.key_id,
        at=moment(row.at),
    )
