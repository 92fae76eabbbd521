"""The log of acts of administration: who changed what in how a tenant is served, and when.

An entry belongs into the transaction of its act: both are there, or neither. To write one:

    with database.tenant(tenant) as connection:
        audit.hold(connection, tenant)              # before any row, and before what `before` is read from
        before = ...                                # as it stands
        ...                                         # the change
        audit.record(connection, actor, Act(action=..., object=..., before=..., after=...))

A tenant's entries are numbered and chained as they are written, under a lock that is the tenant's own and lasts until
the commit. The feed of events is numbered by its readers, since a job writes twelve of them (ADR 0050); acts of
administration are few, jobs write none, and a digest made later could be made of something else (ADR 0058). Whoever
takes the lock takes it before any row, so that two acts never wait for each other in a circle.

Entries stay for ever. So `before` and `after` hold ids, names of things, counts, limits and states, and of everything
else a digest at most: no secret, no word of a meeting, no address that may hold a token.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, insert, select, text

from orchestrator.storage.audit_tables import audit_entries as table
from orchestrator.storage.locks import OF_AUDIT
from orchestrator.tenancy import chain
from orchestrator.tenancy.chain import Content, Entry
from providers.calls import JsonObject, Value

HOUSE: Final = ""  # whose log tells what concerns all tenants
OPERATOR: Final = "operator"  # who stands at the machine itself, without a key

_HOLD: Final = text(f"SELECT pg_advisory_xact_lock({OF_AUDIT}, hashtext(:tenant))")
_LAST: Final = text("""
SELECT last.sequence, last.hash, greatest(last.at, date_trunc('milliseconds', clock_timestamp())) AS at
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (
    SELECT sequence, hash, at FROM audit_entries WHERE tenant_id = :tenant ORDER BY sequence DESC LIMIT 1
) AS last ON true
""")


class Action(StrEnum):
    """What can be done; each name is for ever, since entries hold it."""

    ADMISSION_RESUMED = "admission.resumed"
    BATCH_CANCELED = "batch.canceled"
    BATCH_PAUSED = "batch.paused"
    BATCH_RESUMED = "batch.resumed"
    BATCH_RETRIED = "batch.retried"
    BUDGET_REMOVED = "budget.removed"
    BUDGET_RESTORED = "budget.restored"
    BUDGET_SET = "budget.set"
    CIRCUITS_RESET = "circuits.reset"
    DELIVERIES_REDELIVERED = "deliveries.redelivered"
    JOB_ERASED = "job.erased"
    KEY_CHANGED = "key.changed"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    KEY_ROTATED = "key.rotated"
    TEMPLATE_REMOVED = "template.removed"
    TEMPLATE_RESTORED = "template.restored"
    TEMPLATE_SET = "template.set"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_ROTATED = "webhook.rotated"


class Actor(Value):
    """Who acts, and for which tenant: the id of a key or `OPERATOR`. `request_id` None: it was no request."""

    tenant: str
    name: str
    request_id: str | None = None


class Act(Value):
    """What was done to what. `before` None: there was nothing, or nothing is told of it; `after` None likewise."""

    action: Action
    object: str
    before: JsonObject | None = None
    after: JsonObject | None = None


def hold(connection: Connection, tenant: str) -> None:
    """Have the tenant's log to oneself until the commit, so that what is read now is what the act changes.

    Take it before any row is locked. Safe to repeat within a transaction.
    """
    connection.execute(_HOLD, {"tenant": tenant})


def record(connection: Connection, actor: Actor, act: Act) -> Entry:
    """Write an act down in its own transaction: the tenant's, or the system's. Returns the entry in its place.

    Raises:
        TypeError: `before` or `after` holds a fraction.
    """
    hold(connection, actor.tenant)
    last = connection.execute(_LAST, {"tenant": actor.tenant}).one()
    entry = chain.sealed(
        Content(
            tenant_id=actor.tenant,
            sequence=(last.sequence or 0) + 1,
            at=written(last.at),
            actor=actor.name,
            action=act.action.value,
            object=act.object,
            before=act.before,
            after=act.after,
            request_id=actor.request_id,
            previous=last.hash or chain.START,
        )
    )
    connection.execute(insert(table).values(**entry.model_dump() | {"at": last.at}))
    return entry


def record_for_all(connection: Connection, actor: Actor, act: Act) -> None:
    """Write down an act that concerns all tenants: in the log of the tenant whose key it was, and in that of the house.

    Needs the system's transaction.
    """
    record(connection, actor, act)
    record(connection, actor.model_copy(update={"tenant": HOUSE}), act)


def page(
    connection: Connection, after: int, limit: int, *, action: Action | None = None, about: str | None = None
) -> Sequence[Entry]:
    """The next entries of the transaction's tenant after that number, in their order.

    Args:
        about: an object; None: of all.
    """
    asked = select(table).where(table.c.sequence > after).order_by(table.c.sequence).limit(limit)
    if action is not None:
        asked = asked.where(table.c.action == action)
    if about is not None:
        asked = asked.where(table.c.object == about)
    rows = connection.execute(asked).mappings()
    return [Entry.model_validate({**row, "at": written(row["at"])}) for row in rows]


def written(at: datetime) -> str:
    """A time as entries have it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fingerprint(words: str) -> str:
    """Stands for words that no entry may hold, so that it can be proved which they were."""
    return hashlib.sha256(words.encode()).hexdigest()
