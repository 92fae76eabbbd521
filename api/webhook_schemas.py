"""Webhooks and deliveries as the HTTP contract shows them."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, StringConstraints

from api.queries import PostedMoment
from api.schemas import Shown
from orchestrator.delivery.bodies import Payload
from orchestrator.delivery.endpoints import MOST_CHARACTERS
from orchestrator.delivery.schedule import DeliveryState
from orchestrator.routing.request import Line, Strict, WebhookEvent
from providers.calls import JsonObject

_URL: Final = "https://hooks.example.com/meetingmind"
_WEBHOOK: Final[JsonObject] = {
    "id": "whk_06a9k3v0x1q8h5t2n7c4e0m9zr",
    "url": _URL,
    "events": ["job.succeeded", "job.failed"],
    "description": "the CRM",
    "payload": "thin",
    "result_url": False,
    "of_jobs": False,
    "enabled": True,
    "disabled_why": None,
    "both_sign_until": None,
    "created_at": "2026-11-28T09:30:00.000Z",
}
_DELIVERY: Final[JsonObject] = {
    "id": "dlv_06a9k3v0x1q8h5t2n7c4e0m9zs",
    "webhook_id": "whk_06a9k3v0x1q8h5t2n7c4e0m9zr",
    "event_id": "evt_06a9k3v0x1q8h5t2n7c4e0m9zt",
    "type": "job.succeeded",
    "job_id": "job_06a9k3v0x1q8h5t2n7c4e0m9zv",
    "state": "delivered",
    "attempts": [{"number": 1, "at": "2026-11-28T09:31:00.000Z", "status": 204, "error": None, "took_s": 0.041}],
    "next_at": None,
    "created_at": "2026-11-28T09:31:00.000Z",
    "ended_at": "2026-11-28T09:31:00.000Z",
}

UrlText = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
Events = Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=50)]


class WebhookBody(Strict):
    """An endpoint of yours, and what it shall be told.

    `payload` full: the message that a job has ended has the whole Job, if it fits. `result_url`: the one that it has
    succeeded has a link by which whoever has it reads the result without a key, for a time.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": _URL, "events": ["job.succeeded", "job.failed"], "description": "the CRM"},
                {"url": _URL, "events": ["job.succeeded"], "payload": "full", "result_url": True},
            ]
        }
    )

    url: UrlText
    events: Events
    description: Line | None = None
    payload: Payload = "thin"
    result_url: bool = False


class WebhookChange(Strict):
    """What shall be different. `enabled` true switches an endpoint on again, for what happens from then on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"events": ["job.succeeded"]}, {"payload": "full"}, {"enabled": False}]}
    )

    url: UrlText | None = None
    events: Events | None = None
    description: Line | None = None
    payload: Payload | None = None
    result_url: bool | None = None
    enabled: bool | None = None


class RangeBody(Strict):
    """Deliveries that were made from `since` to before `until`; without it, until now.

    `cursor`: of the answer before this one, to go on after it; `until` is then what it was.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-11-28T09:00:00Z"}]})

    since: PostedMoment
    until: PostedMoment | None = None
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None


class WebhookView(Shown):
    """`of_jobs`: it was made for jobs that named this URL themselves. `both_sign_until`: until then a message is signed
    by the secret before this one, too.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_WEBHOOK]})

    id: str
    url: str
    events: tuple[str, ...]
    description: str | None
    payload: Payload = "thin"
    result_url: bool = False
    of_jobs: bool
    enabled: bool
    disabled_why: str | None
    both_sign_until: str | None
    created_at: str


class WebhookWithSecret(WebhookView):
    """`secret` is shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WEBHOOK, "secret": "whsec_..."}]})

    secret: str


class WebhooksView(Shown):
    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_WEBHOOK]}]})

    data: tuple[WebhookView, ...]


class AttemptView(Shown):
    """`status` null: there was no answer, and `error` says why."""

    number: int
    at: str
    status: int | None
    error: str | None
    took_s: float


class DeliveryView(Shown):
    """One event for one endpoint. `next_at`: when it is attempted next, of one that is pending."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    id: str
    webhook_id: str
    event_id: str
    type: str
    job_id: str | None
    state: DeliveryState
    attempts: tuple[AttemptView, ...]
    next_at: str | None
    created_at: str
    ended_at: str | None


class DeliveriesView(Shown):
    """The newest first. `next_cursor` leads to the older ones; null: there are none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_DELIVERY], "next_cursor": None}]})

    data: tuple[DeliveryView, ...]
    next_cursor: str | None


class RedeliveredView(Shown):
    """`deliveries`: how many begin their schedule anew. `next_cursor`: there are more, which a request with this sets
    going; null: that was all.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"deliveries": 12, "next_cursor": None}]})

    deliveries: int
    next_cursor: str | None = None
