"""Events as the HTTP contract shows them, in the tenant's feed and in a job's stream."""

from typing import Final

from pydantic import ConfigDict

from api.schemas import Shown
from api.views import moment
from orchestrator.storage.feed import EventRow
from orchestrator.work.events import shown
from providers.calls import JsonObject

_EVENT: Final[JsonObject] = {
    "sequence": 1_207,
    "id": "evt_06a9zk3w8mxq4v1nd7b2c5hfgt",
    "type": "job.succeeded",
    "job_id": "job_06a9zk3w8mxq4v1nd7b2c5hfge",
    "version": 9,
    "at": "2026-11-28T09:31:00.000Z",
    "data": {"status": "succeeded", "degraded": False},
}


class EventView(Shown):
    """`version` is what the event made of its job, and its number in the job's stream; null, like the job, for what
    concerns the tenant. `data` are ids, states, names of models and money, never words of a meeting. A reader passes
    over types that it does not know.
    """

    id: str
    type: str
    job_id: str | None
    version: int | None
    at: str
    data: JsonObject


class FeedEventView(EventView):
    """`sequence` is the event's number in the tenant's feed: without gaps, and given once."""

    sequence: int


class FeedView(Shown):
    """`next` is where the next page begins: its `after`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_EVENT], "next": 1_207}]})

    data: tuple[FeedEventView, ...]
    next: int


def of_job(row: EventRow) -> EventView:
    return EventView.model_validate(_fields(row))


def of_feed(row: EventRow) -> FeedEventView:
    return FeedEventView.model_validate({**_fields(row), "sequence": row.number})


def _fields(row: EventRow) -> dict[str, object]:
    return {
        "id": row.id,
        "type": row.type,
        "job_id": row.job_id,
        "version": row.sequence,
        "at": moment(row.at),
        "data": shown(row.type, row.data),
    }
