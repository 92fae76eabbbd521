"""Where a redelivery goes on: the last delivery that was set going, and where the span ends. Signed as cursors are."""

from datetime import UTC, datetime, timedelta
from typing import Final

from api import cursors

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write(until: datetime, last_id: str, tenant: str, secret: str, webhook_id: str) -> str:
    """`until` is kept to the microsecond: "until now" stays the now of the first request."""
    micro = (until - _BEGINNING) // timedelta(microseconds=1)
    return cursors.write(f"{last_id}-{micro}", tenant, secret, of=_of(webhook_id))


def read(cursor: str, tenant: str, secret: str, webhook_id: str) -> tuple[datetime, str]:
    """The end of the span, and the id after which it goes on. Raises BadQuery."""
    last_id, _, micro = cursors.read(cursor, tenant, secret, of=_of(webhook_id)).rpartition("-")
    return _BEGINNING + timedelta(microseconds=int(micro)), last_id


def _of(webhook_id: str) -> str:
    return f"redelivery of {webhook_id}"
