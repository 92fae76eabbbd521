"""The endpoints of a tenant, in its own transaction. Secrets come and go sealed; they are opened elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, case, delete, func, insert, select, text, update

from orchestrator.delivery.bodies import Manner, Payload
from orchestrator.errors import NotFound
from orchestrator.storage import feed
from orchestrator.storage.delivery_tables import webhooks as table
from providers.calls import Value

_NOW: Final = func.clock_timestamp()
BOTH_SIGN_S: Final = 86_400.0  # how long the old secret signs beside the new one


_BEHIND: Final = text("""
SELECT DISTINCT hook.tenant_id FROM webhooks AS hook
WHERE hook.disabled_at IS NULL AND (
    EXISTS (SELECT FROM events AS e WHERE e.tenant_id = hook.tenant_id AND e.number IS NULL)
    OR hook.cursor < (SELECT last FROM feeds AS f WHERE f.tenant_id = hook.tenant_id)
)
""")


class WebhookRow(Value):
    """An endpoint as it stands. Secrets are sealed; `old_secret` counts until `old_until`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant_id: str
    id: str
    url: str
    events: list[str]
    description: str | None
    payload: Payload
    result_url: bool
    secret: bytes
    old_secret: bytes | None
    old_until: datetime | None
    of_jobs: bool
    cursor: int
    disabled_at: datetime | None
    disabled_why: str | None
    created_at: datetime

    @property
    def manner(self) -> Manner:
        """What its owner chose of the bodies that it is sent."""
        return Manner(payload=self.payload, result_url=self.result_url)

    def secrets_at(self, now: datetime) -> tuple[bytes, ...]:
        """What signs at that time, the newest first."""
        if self.old_secret is None or self.old_until is None or self.old_until <= now:
            return (self.secret,)
        return (self.secret, self.old_secret)


def add(connection: Connection, values: Mapping[str, object]) -> None:
    """Make one, which is told what happens from now on."""
    connection.execute(insert(table).values(**values, cursor=end_of_feed(connection)))


def count(connection: Connection) -> int:
    """How many the tenant has named; those of jobs are in `job_endpoints`."""
    return int(connection.execute(select(func.count()).select_from(table).where(~table.c.of_jobs)).scalar_one())


def read(connection: Connection, webhook_id: str) -> WebhookRow:
    """Raises NotFound: the transaction's tenant has none of this id."""
    row = connection.execute(select(table).where(table.c.id == webhook_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such webhook.")
    return WebhookRow.model_validate(dict(row))


def page(connection: Connection) -> Sequence[WebhookRow]:
    """All of the tenant's, the oldest first."""
    rows = connection.execute(select(table).order_by(table.c.id)).mappings()
    return [WebhookRow.model_validate(dict(row)) for row in rows]


def change(connection: Connection, webhook_id: str, values: Mapping[str, object]) -> None:
    """Set these columns. Raises NotFound."""
    found = connection.execute(update(table).where(table.c.id == webhook_id).values(**values).returning(table.c.id))
    if found.one_or_none() is None:
        raise NotFound("There is no such webhook.")


def rotate(connection: Connection, webhook_id: str, secret: bytes) -> None:
    """Put a new secret in; the one that was signs beside it for a day. Raises NotFound."""
    until = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, BOTH_SIGN_S)
    change(connection, webhook_id, {"old_secret": table.c.secret, "old_until": until, "secret": secret})


def enable(connection: Connection, webhook_id: str) -> None:
    """Switch it on again, for what happens from now on. Raises NotFound."""
    change(connection, webhook_id, {"disabled_at": None, "disabled_why": None, "cursor": end_of_feed(connection)})


def disable(connection: Connection, webhook_id: str, why: str) -> None:
    """Switch it off; the first reason stays. Raises NotFound."""
    since = case((table.c.disabled_at.is_(None), _NOW), else_=table.c.disabled_at)
    reason = func.coalesce(table.c.disabled_why, why)
    change(connection, webhook_id, {"disabled_at": since, "disabled_why": reason})


def listening(connection: Connection) -> Sequence[WebhookRow]:
    """Those of the tenant's that are switched on, locked: who has them tells them of events. Others' are left out.

    The lock leaves alone who names one in a new job (FOR NO KEY UPDATE).
    """
    asked = select(table).where(table.c.disabled_at.is_(None)).order_by(table.c.id)
    rows = connection.execute(asked.with_for_update(skip_locked=True, key_share=True)).mappings()
    return [WebhookRow.model_validate(dict(row)) for row in rows]


def read_up_to(connection: Connection, ids: Sequence[str], number: int) -> None:
    """Note that these were told of all up to that number."""
    connection.execute(update(table).where(table.c.id.in_(ids), table.c.cursor < number).values(cursor=number))


def behind(connection: Connection) -> Sequence[str]:
    """Tenants with events of which some endpoint was not told. Needs the system's transaction."""
    return connection.execute(_BEHIND).scalars().all()


def remove(connection: Connection, webhook_id: str) -> None:
    """Delete it with its deliveries. Raises NotFound."""
    if connection.execute(delete(table).where(table.c.id == webhook_id)).rowcount == 0:
        raise NotFound("There is no such webhook.")


def end_of_feed(connection: Connection) -> int:
    """The number of the tenant's newest event: all that is committed has one then."""
    while feed.number(connection):
        pass
    return feed.last(connection)
