"""From rows to what the contract shows of webhooks. Pure."""

from collections.abc import Sequence
from datetime import datetime

from api.views import moment
from api.webhook_schemas import AttemptView, DeliveryView, WebhookView
from orchestrator.storage.deliveries import AttemptLine, DeliveryRow
from orchestrator.storage.webhooks import WebhookRow

MS: int = 1_000


def webhook(row: WebhookRow, now: datetime) -> WebhookView:
    both = row.old_until if len(row.secrets_at(now)) > 1 else None
    return WebhookView(
        id=row.id,
        url=row.url,
        events=tuple(row.events),
        description=row.description,
        payload=row.payload,
        result_url=row.result_url,
        of_jobs=row.of_jobs,
        enabled=row.disabled_at is None,
        disabled_why=row.disabled_why,
        both_sign_until=_moment(both),
        created_at=moment(row.created_at),
    )


def delivery(row: DeliveryRow, lines: Sequence[AttemptLine]) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        webhook_id=row.webhook_id,
        event_id=row.event_id,
        type=row.event_type,
        job_id=row.job_id,
        state=row.state,
        attempts=tuple(_attempt(line) for line in lines),
        next_at=_moment(row.next_at),
        created_at=moment(row.created_at),
        ended_at=_moment(row.ended_at),
    )


def _attempt(line: AttemptLine) -> AttemptView:
    return AttemptView(
        number=line.number, at=moment(line.at), status=line.status, error=line.error, took_s=line.took_ms / MS
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
