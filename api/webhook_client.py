"""The part of the client that names endpoints, looks after what is sent to them, and checks what comes."""

import hmac
from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from api.client_answers import place, query
from api.client_calls import Calls
from api.client_verbs import Series, Verb
from api.webhook_schemas import (
    DeliveriesView,
    DeliveryView,
    RedeliveredView,
    WebhooksView,
    WebhookView,
    WebhookWithSecret,
)
from orchestrator.delivery import signing
from orchestrator.delivery.bodies import Payload
from providers.calls import JsonObject

TOLERANCE_S: Final = 300.0  # a message is no older, or newer, than that: else somebody plays an old one again


class NotVerified(ValueError):
    """The message is not from who has the secret, was changed, or is too old."""


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: datetime | None = None) -> str:
    """Check a message that a webhook has brought; returns the event's id, by which you know it again.

    Args:
        secret: `whsec_...`, as it was shown.
        headers: of the request, in any case.
        body: the bytes as they came, before anything parses them.
        now: by your clock; None: the system's.

    Raises:
        NotVerified: do not act on it.
        signing.BadSecret: the secret is none.
    """
    found = {name.lower(): value for name, value in headers.items()}
    event_id, sent_at = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    signed = found.get("webhook-signature", "").split()
    if not (event_id and signed and sent_at.isascii() and sent_at.isdigit()):
        raise NotVerified("the headers webhook-id, webhook-timestamp and webhook-signature are missing")
    if abs((now or datetime.now(UTC)).timestamp() - int(sent_at)) > TOLERANCE_S:
        raise NotVerified("the message is too old, or from the future")
    expected = f"{signing.VERSION},{signing.signature(signing.read(secret), event_id, int(sent_at), body)}"
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in signed):
        raise NotVerified("no signature fits")
    return event_id


class WebhookCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def webhooks(self) -> WebhooksView:
        """All endpoints."""
        return await self._ask(WebhooksView, "/v1/webhooks")

    @Verb
    async def webhook(self, webhook_id: str) -> WebhookView:
        """One of them."""
        return await self._ask(WebhookView, place("webhooks", webhook_id))

    @Verb
    async def add_webhook(
        self,
        url: str,
        events: Iterable[str],
        description: str | None = None,
        *,
        payload: Payload = "thin",
        result_url: bool = False,
    ) -> WebhookWithSecret:
        """Name an endpoint. Its secret is in the answer and nowhere else."""
        body: JsonObject = {"url": url, "events": list(events), "description": description}
        if payload != "thin" or result_url:  # a service of an older release knows neither
            body |= {"payload": payload, "result_url": result_url}
        return await self._tell(WebhookWithSecret, "POST", "/v1/webhooks", body)

    @Verb
    async def change_webhook(self, /, webhook_id: str, **changes: object) -> WebhookView:
        """Set `url`, `events`, `description`, `payload`, `result_url` or `enabled`. Safe to repeat."""
        body: JsonObject = dict(changes)  # type: ignore[arg-type]  # JSON
        return await self._tell(WebhookView, "PATCH", place("webhooks", webhook_id), body)

    @Verb
    async def rotate_webhook(self, webhook_id: str) -> WebhookWithSecret:
        """Exchange the secret; for a day both sign. Not safe to repeat: each time there is a new one."""
        return await self._tell(WebhookWithSecret, "POST", place("webhooks", webhook_id, "rotate"), {})

    @Verb
    async def test_webhook(self, webhook_id: str) -> DeliveryView:
        """Have a test event sent to it."""
        return await self._tell(DeliveryView, "POST", place("webhooks", webhook_id, "test"), {})

    @Verb
    async def deliveries(self, webhook_id: str, limit: int = 50, cursor: str | None = None) -> DeliveriesView:
        """What was sent to it, the newest first."""
        asked = query(limit=limit, cursor=cursor)
        return await self._ask(DeliveriesView, place("webhooks", webhook_id, "deliveries") + asked)

    @Series
    async def every_delivery(self, webhook_id: str) -> AsyncGenerator[DeliveryView, None]:
        """All that was sent to it, the newest first, page after page."""
        path = place("webhooks", webhook_id, "deliveries")
        async for page in self._pages(DeliveriesView, lambda page: page.next_cursor, path):
            for delivery in page.data:
                yield delivery

    @Verb
    async def redeliver(self, delivery_id: str) -> DeliveryView:
        """Send one again, under its id."""
        return await self._tell(DeliveryView, "POST", place("deliveries", delivery_id, "redeliver"), {})

    @Verb
    async def redeliver_since(self, webhook_id: str, since: datetime, until: datetime | None = None) -> RedeliveredView:
        """Send a span of time again, all of it; the answer counts. Times need a zone. Safe to repeat."""
        body: JsonObject = {"since": since.isoformat(), "until": None if until is None else until.isoformat()}
        count, path = 0, place("webhooks", webhook_id, "redeliver")
        while True:
            step = await self._tell(RedeliveredView, "POST", path, body)
            count += step.deliveries
            if step.next_cursor is None:
                return RedeliveredView(deliveries=count)
            body = {**body, "cursor": step.next_cursor}

    @Verb
    async def delete_webhook(self, webhook_id: str) -> None:
        """Delete it with all that was or is to be sent to it."""
        await self._write("DELETE", place("webhooks", webhook_id), {})
