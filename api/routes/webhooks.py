"""`/v1/webhooks` and `/v1/deliveries`: endpoints of a tenant, what was sent to them, and sending it again."""

import re
import secrets
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from api import cursors, spans, webhook_acts, webhook_views
from api.auth import By, Hooker
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House
from api.webhook_schemas import (
    DeliveriesView,
    DeliveryView,
    RangeBody,
    RedeliveredView,
    WebhookBody,
    WebhookChange,
    WebhooksView,
    WebhookView,
    WebhookWithSecret,
)
from orchestrator.delivery import bodies, signing
from orchestrator.delivery.endpoints import endpoint
from orchestrator.errors import InvalidRequest, NotFound, TooMany
from orchestrator.ids import new_id
from orchestrator.storage import deliveries, webhooks
from orchestrator.storage.deliveries import Told
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import Act, Action
from orchestrator.tenancy.keys import Principal
from providers.calls import JsonObject

MOST_WEBHOOKS: Final = 50
MAX_PAGE: Final = 200
SWITCHED_OFF: Final = "it was switched off by its owner"
TEST_EVENT: Final = "webhook.test"
_NEVER_NULL: Final = ("url", "events", "payload", "result_url")
_ID: Final = re.compile(r"(whk|dlv)_[0-9a-z]{26}")

router = APIRouter(prefix="/v1", tags=["webhooks"])


def _body(name: str) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


async def _known_webhook(webhook_id: str) -> str:
    return _of_shape(webhook_id, "There is no such webhook.")


async def _known_delivery(delivery_id: str) -> str:
    return _of_shape(delivery_id, "There is no such delivery.")


WebhookId = Annotated[str, Depends(_known_webhook)]
DeliveryId = Annotated[str, Depends(_known_delivery)]


@router.post(
    "/webhooks",
    response_model=WebhookWithSecret,
    status_code=201,
    openapi_extra=_body("WebhookBody"),
    summary="Name an endpoint",
)
def add(body: JsonBytes, caller: Hooker, by: By, here: Here) -> WebhookWithSecret:
    """It is told of what happens from now on. The secret that signs is shown in this answer and never again."""
    wish = parse(body, WebhookBody)
    endpoint(wish.url, here.webhook_networks)
    webhook_id, secret = new_id("whk"), secrets.token_bytes(signing.SECRET_BYTES)
    values = {
        "id": webhook_id,
        "url": wish.url,
        "events": sorted(set(wish.events)),
        "description": wish.description,
        "payload": wish.payload,
        "result_url": wish.result_url,
        "secret": here.vault.seal(caller.tenant, webhook_id, secret),
    }
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        if webhooks.count(connection) >= MOST_WEBHOOKS:
            raise TooMany(f"There are {MOST_WEBHOOKS} webhooks already. Delete one first.")
        webhooks.add(connection, values)
        made = webhook_acts.safe(webhooks.read(connection, webhook_id))
        audit.record(connection, by, Act(action=Action.WEBHOOK_CREATED, object=webhook_id, after=made))
    return _with_secret(here, caller, webhook_id, secret)


@router.get("/webhooks", response_model=WebhooksView, summary="List the endpoints")
def page(caller: Hooker, here: Here) -> WebhooksView:
    """All of them, the oldest first, those of jobs among them."""
    with here.database.tenant(caller.tenant) as connection:
        rows = webhooks.page(connection)
    now = here.clock.now()
    return WebhooksView(data=tuple(webhook_views.webhook(row, now) for row in rows))


@router.get("/webhooks/{webhook_id}", response_model=WebhookView, summary="Read an endpoint")
def read(webhook_id: WebhookId, caller: Hooker, here: Here) -> WebhookView:
    """Everything but its secret."""
    return _read(here, caller, webhook_id)


@router.patch(
    "/webhooks/{webhook_id}",
    response_model=WebhookView,
    openapi_extra=_body("WebhookChange"),
    summary="Change an endpoint, or switch it on or off",
)
def change(webhook_id: WebhookId, body: JsonBytes, caller: Hooker, by: By, here: Here) -> WebhookView:
    """Only what is named changes. What waits for an endpoint that is off goes when it is on again."""
    wish = parse(body, WebhookChange)
    if wish.url is not None:
        endpoint(wish.url, here.webhook_networks)
    values = wish.model_dump(include={*_NEVER_NULL, "description"}, exclude_unset=True)
    if any(values.get(name, "") is None for name in _NEVER_NULL):
        raise InvalidRequest(f"{', '.join(_NEVER_NULL)} cannot be null.")
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        before = webhooks.read(connection, webhook_id)
        if values and before.of_jobs:
            raise InvalidRequest("This endpoint was made by jobs that named it: it can only be switched on and off.")
        if values:
            webhooks.change(connection, webhook_id, values)
        if wish.enabled is True:
            webhooks.enable(connection, webhook_id)
        elif wish.enabled is False:
            webhooks.disable(connection, webhook_id, SWITCHED_OFF)
        if wish.model_fields_set:
            after = webhooks.read(connection, webhook_id)
            audit.record(connection, by, webhook_acts.changed(before, after, wish.model_fields_set))
    return _read(here, caller, webhook_id)


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Delete an endpoint")
def remove(webhook_id: WebhookId, caller: Hooker, by: By, here: Here) -> Response:
    """With all that was or is to be sent to it."""
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        before = webhook_acts.safe(webhooks.read(connection, webhook_id))
        webhooks.remove(connection, webhook_id)
        audit.record(connection, by, Act(action=Action.WEBHOOK_DELETED, object=webhook_id, before=before))
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/rotate", response_model=WebhookWithSecret, summary="Exchange the secret")
def rotate(webhook_id: WebhookId, caller: Hooker, by: By, here: Here) -> WebhookWithSecret:
    """For 24 hours each message is signed by both. The new one is shown in this answer and never again."""
    secret = secrets.token_bytes(signing.SECRET_BYTES)
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        webhooks.rotate(connection, webhook_id, here.vault.seal(caller.tenant, webhook_id, secret))
        audit.record(connection, by, Act(action=Action.WEBHOOK_ROTATED, object=webhook_id))
    return _with_secret(here, caller, webhook_id, secret)


@router.post("/webhooks/{webhook_id}/test", response_model=DeliveryView, status_code=202, summary="Send a test event")
def test(webhook_id: WebhookId, caller: Hooker, here: Here) -> DeliveryView:
    """Sends an event of type `webhook.test` to it alone, like any other; ask for its deliveries to see what came."""
    event_id, now = new_id("evt"), here.clock.now()
    told = Told(
        webhook_id=webhook_id,
        event_id=event_id,
        event_type=TEST_EVENT,
        job_id=None,
        body=bodies.body(TEST_EVENT, now, {"webhook_id": webhook_id}),
    )
    with here.database.tenant(caller.tenant) as connection:
        webhooks.read(connection, webhook_id)
        deliveries.add(connection, [told])
        row = deliveries.of_event(connection, webhook_id, event_id)
    return webhook_views.delivery(row, ())


@router.get("/webhooks/{webhook_id}/deliveries", response_model=DeliveriesView, summary="What was sent to it")
def sent(
    webhook_id: WebhookId,
    caller: Hooker,
    here: Here,
    *,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> DeliveriesView:
    """Each delivery with all its attempts, the newest first."""
    before = None if not cursor else cursors.read(cursor, caller.tenant, here.pepper, of=_list(webhook_id))
    with here.database.tenant(caller.tenant) as connection:
        webhooks.read(connection, webhook_id)
        rows = deliveries.page(connection, webhook_id, limit=limit + 1, before=before)
        lines = deliveries.lines(connection, [row.id for row in rows])
    shown, more = rows[:limit], len(rows) > limit
    return DeliveriesView(
        data=tuple(webhook_views.delivery(row, lines.get(row.id, ())) for row in shown),
        next_cursor=cursors.write(shown[-1].id, caller.tenant, here.pepper, of=_list(webhook_id)) if more else None,
    )


@router.post(
    "/webhooks/{webhook_id}/redeliver",
    response_model=RedeliveredView,
    status_code=202,
    openapi_extra=_body("RangeBody"),
    summary="Send a span of time again",
)
def redeliver_span(webhook_id: WebhookId, body: JsonBytes, caller: Hooker, by: By, here: Here) -> RedeliveredView:
    """Those that were delivered, too: with the same ids, so that a receiver knows them. The oldest 10,000 at once.

    Safe to repeat. With `next_cursor` of the answer as `cursor` the next request goes on, until there is none.
    """
    span = parse(body, RangeBody)
    until, after = span.until or here.clock.now(), ""
    if span.cursor is not None:
        until, after = spans.read(span.cursor, caller.tenant, here.pepper, webhook_id)
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        webhooks.read(connection, webhook_id)
        done = deliveries.again_since(connection, webhook_id, span.since, until, after=after)
        if done.count:
            audit.record(connection, by, webhook_acts.sent_again(webhook_id, done.count, span.since, until))
    more = None if done.last is None else spans.write(until, done.last, caller.tenant, here.pepper, webhook_id)
    return RedeliveredView(deliveries=done.count, next_cursor=more)


@router.post(
    "/deliveries/{delivery_id}/redeliver", response_model=DeliveryView, status_code=202, summary="Send one again"
)
def redeliver(delivery_id: DeliveryId, caller: Hooker, by: By, here: Here) -> DeliveryView:
    """The same bytes under the same id, at once, and by the schedule if that fails."""
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        deliveries.read(connection, delivery_id)
        deliveries.again(connection, delivery_id)
        audit.record(connection, by, webhook_acts.sent_again(delivery_id, 1))
        row, lines = deliveries.read(connection, delivery_id), deliveries.lines(connection, [delivery_id])
    return webhook_views.delivery(row, lines.get(delivery_id, ()))


def _list(webhook_id: str) -> str:
    return f"deliveries to {webhook_id}"


def _of_shape(name: str, sentence: str) -> str:
    if not _ID.fullmatch(name):
        raise NotFound(sentence)
    return name


def _read(here: House, caller: Principal, webhook_id: str) -> WebhookView:
    with here.database.tenant(caller.tenant) as connection:
        return webhook_views.webhook(webhooks.read(connection, webhook_id), here.clock.now())


def _with_secret(here: House, caller: Principal, webhook_id: str, secret: bytes) -> WebhookWithSecret:
    shown: JsonObject = _read(here, caller, webhook_id).model_dump(mode="json")
    return WebhookWithSecret.model_validate({**shown, "secret": signing.shown(secret)})
