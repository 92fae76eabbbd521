"""Tells endpoints of events: reads each tenant's feed on for them, and makes a delivery of what they listen to.

An endpoint's place in the feed moves in the transaction that makes its deliveries, so nothing is told twice or missed,
however many processes do this and whenever one of them dies. Endpoints of jobs that are idle by then are dropped here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from orchestrator.delivery.bodies import Manner
from orchestrator.storage import deliveries, feed, job_endpoints, webhooks
from orchestrator.storage.deliveries import Told
from orchestrator.storage.engine import Database
from orchestrator.storage.feed import EventRow
from orchestrator.storage.tables import jobs
from orchestrator.storage.webhooks import WebhookRow
from providers.calls import JsonObject
from tasks.messages import Messages, Terms, Wish

AT_ONCE: Final = 500  # events of a tenant in one transaction

_WISHED: Final = jobs.c.id, jobs.c.reference, jobs.c.webhook, jobs.c.erased_at


def tell(database: Database, terms: Terms | None = None) -> int:
    """Make the deliveries that are missing, of all tenants, so far as is soon done; returns how many.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    with database.system() as connection:
        tenants = webhooks.behind(connection)
    return sum(_tell_tenant(database, tenant, terms or Terms()) for tenant in tenants)


def _tell_tenant(database: Database, tenant: str, terms: Terms) -> int:
    with database.tenant(tenant) as connection:
        hooks = webhooks.listening(connection)
        if not hooks:
            return 0  # somebody else has them
        news = feed.page(connection, min(hook.cursor for hook in hooks), AT_ONCE)
        if not news:
            return 0
        wishes = _wishes(connection, news)
        told, number = _told(hooks, news, wishes, Messages(connection, tenant, terms))
        made = deliveries.add(connection, told)
        webhooks.read_up_to(connection, [hook.id for hook in hooks], number)
        if any(hook.of_jobs for hook in hooks):
            job_endpoints.drop_idle(connection, job_endpoints.KEPT)
        return made


def _told(
    hooks: Sequence[WebhookRow], news: Sequence[EventRow], wishes: Mapping[str, Wish], messages: Messages
) -> tuple[list[Told], int]:
    """What is to be sent, and the number of the last event that this is about."""
    told: list[Told] = []
    size = number = 0
    for event in news:
        number = event.number or 0
        for one in _of_event(hooks, event, wishes.get(event.job_id or ""), messages):
            told.append(one)
            size += len(one.body)
        if size > messages.terms.at_once:
            break
    return told, number


def _of_event(hooks: Sequence[WebhookRow], event: EventRow, wish: Wish | None, messages: Messages) -> Iterator[Told]:
    for hook in hooks:
        if hook.cursor < (event.number or 0) and _wants(hook, event, wish):
            manner = wish.manner if hook.of_jobs and wish is not None else hook.manner
            body = messages.body(event, wish, manner)
            yield Told(webhook_id=hook.id, event_id=event.id, event_type=event.type, job_id=event.job_id, body=body)


def _wants(hook: WebhookRow, event: EventRow, wish: Wish | None) -> bool:
    if hook.of_jobs:
        return wish is not None and wish.webhook_id == hook.id and event.type in wish.events
    return event.type in hook.events


def _wishes(connection: Connection, news: Sequence[EventRow]) -> dict[str, Wish]:
    """An erasure waits until this is committed, and finds the deliveries; or this waits, and finds no reference."""
    ids = {event.job_id for event in news if event.job_id is not None}
    found = select(*_WISHED).where(jobs.c.id.in_(ids)).order_by(jobs.c.id)
    rows = connection.execute(found.with_for_update(read=True, key_share=True))
    return {row.id: _wish(row.reference, row.webhook or {}, erased=row.erased_at is not None) for row in rows}


def _wish(reference: str | None, webhook: JsonObject, *, erased: bool) -> Wish:
    events = webhook.get("events")
    named = frozenset(map(str, events)) if isinstance(events, list) else frozenset()
    webhook_id = webhook.get("id")
    return Wish(
        reference=reference,
        erased=erased,
        webhook_id=webhook_id if isinstance(webhook_id, str) else None,
        events=named,
        manner=Manner.model_validate({name: webhook[name] for name in Manner.model_fields if name in webhook}),
    )
