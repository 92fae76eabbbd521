"""What the audit log says of endpoints. Pure. No secret, and no URL: some name a token in their path."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import JsonValue

from api.views import moment
from orchestrator.storage.webhooks import WebhookRow
from orchestrator.tenancy.audit import Act, Action, fingerprint
from providers.calls import JsonObject


def safe(row: WebhookRow) -> JsonObject:
    """An endpoint as it stands: where it is, without its path, and a digest by which the whole URL can be proved."""
    parts, events = urlsplit(row.url), list[JsonValue](row.events)
    return {
        "origin": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        "url_sha256": fingerprint(row.url),
        "events": events,
        "enabled": row.disabled_at is None,
        "payload": row.payload,
        "result_url": row.result_url,
    }


def changed(before: WebhookRow, after: WebhookRow, fields: Collection[str]) -> Act:
    """`fields`: what was named in the change. Of a description no more is told than that."""
    told: JsonObject = {**safe(after), "named": list[JsonValue](sorted(fields))}
    return Act(action=Action.WEBHOOK_CHANGED, object=after.id, before=safe(before), after=told)


def sent_again(name: str, count: int, since: datetime | None = None, until: datetime | None = None) -> Act:
    """`name`: a delivery, or the endpoint whose deliveries of a span of time they are."""
    after: JsonObject = {"deliveries": count}
    if since is not None and until is not None:
        after |= {"since": _said(since), "until": _said(until)}
    return Act(action=Action.DELIVERIES_REDELIVERED, object=name, after=after)


def _said(at: datetime) -> str:
    try:
        return moment(at)
    except OverflowError:  # the first and last hours of the calendar may have no place in UTC
        return at.isoformat()
