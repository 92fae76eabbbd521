"""Tells endpoints of events: reads each tenant's feed on for them, and makes a delivery of what they listen to.

An endpoint's place in the feed moves in the transaction that makes its deliveries, so nothing is told twice or missed,
however many processes do this and whenever one of them dies. Endpoints of jobs that are idle by then are dropped here.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from orchestrator.delivery import bodies
from orchestrator.storage import deliveries, feed, job_endpoints, webhooks
from orchestrator.storage.deliveries import Told
from orchestrator.storage.engine import Database
from orchestrator.storage.feed import EventRow
from orchestrator.storage.tables import jobs
from orchestrator.storage.webhooks import WebhookRow
from orchestrator.work.events import shown
from providers.calls import JsonObject, Value

AT_ONCE = 500  # events of a tenant in one transaction


class _Wish(Value):
    """What a job wants told, and how its caller knows it."""

    reference: str | None
    webhook_id: str | None
    events: frozenset[str]


def tell(database: Database) -> int:
    """Make the deliveries that are missing, of all tenants; returns how many.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    with database.system() as connection:
        tenants = webhooks.behind(connection)
    return sum(_tell_tenant(database, tenant) for tenant in tenants)


def _tell_tenant(database: Database, tenant: str) -> int:
    with database.tenant(tenant) as connection:
        hooks = webhooks.listening(connection)
        if not hooks:
            return 0  # somebody else has them
        news = feed.page(connection, min(hook.cursor for hook in hooks), AT_ONCE)
        if not news:
            return 0
        wishes = _wishes(connection, news)
        made = deliveries.add(connection, _told(hooks, news, wishes))
        webhooks.read_up_to(connection, [hook.id for hook in hooks], news[-1].number or 0)
        if any(hook.of_jobs for hook in hooks):
            job_endpoints.drop_idle(connection, job_endpoints.KEPT)
        return made


def _told(hooks: Sequence[WebhookRow], news: Sequence[EventRow], wishes: Mapping[str, _Wish]) -> Iterator[Told]:
    for event in news:
        wish = wishes.get(event.job_id or "")
        wanting = [hook for hook in hooks if hook.cursor < (event.number or 0) and _wants(hook, event, wish)]
        body = _body(event, wish) if wanting else b""
        for hook in wanting:
            yield Told(webhook_id=hook.id, event_id=event.id, event_type=event.type, job_id=event.job_id, body=body)


def _wants(hook: WebhookRow, event: EventRow, wish: _Wish | None) -> bool:
    if hook.of_jobs:
        return wish is not None and wish.webhook_id == hook.id and event.type in wish.events
    return event.type in hook.events


def _body(event: EventRow, wish: _Wish | None) -> bytes:
    data = shown(event.type, event.data)
    if event.job_id is not None:
        data |= bodies.of_job(event.job_id, event.sequence or 0, None if wish is None else wish.reference)
    return bodies.body(event.type, event.at, {**data, "sequence": event.number})


def _wishes(connection: Connection, news: Sequence[EventRow]) -> dict[str, _Wish]:
    """An erasure waits until this is committed, and finds the deliveries; or this waits, and finds no reference."""
    ids = {event.job_id for event in news if event.job_id is not None}
    found = select(jobs.c.id, jobs.c.reference, jobs.c.webhook).where(jobs.c.id.in_(ids)).order_by(jobs.c.id)
    rows = connection.execute(found.with_for_update(read=True, key_share=True))
    return {row.id: _wish(row.reference, row.webhook or {}) for row in rows}


def _wish(reference: str | None, webhook: JsonObject) -> _Wish:
    events = webhook.get("events")
    named = frozenset(map(str, events)) if isinstance(events, list) else frozenset()
    webhook_id = webhook.get("id")
    return _Wish(reference=reference, webhook_id=webhook_id if isinstance(webhook_id, str) else None, events=named)
