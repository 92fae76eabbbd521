"""The API keys of a tenant as their owner sees them, in its own transaction. A digest is written here and never read.

The application role may write a key's scopes once, when it is made: no statement could change them afterwards.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from pydantic import ConfigDict
from sqlalchemy import Connection, and_, func, insert, or_, select, text, tuple_, update

from orchestrator.errors import NotFound
from orchestrator.storage.tables import api_keys as table
from providers.calls import Value

KeyState: TypeAlias = Literal["live", "expired", "revoked"]
Named: TypeAlias = tuple[str, str]  # tenant and key

_NOW: Final = func.clock_timestamp()
_SHOWN: Final = (
    table.c.id,
    table.c.name,
    table.c.prefix,
    table.c.scopes,
    table.c.made_by,
    table.c.created_at,
    table.c.expires_at,
    table.c.revoked_at,
    table.c.replaced_by,
    table.c.last_used_at,
)
_LIVES: Final = and_(table.c.revoked_at.is_(None), or_(table.c.expires_at.is_(None), table.c.expires_at > _NOW))
# Locked in one order, so that two processes that note the same keys wait for each other and never in a circle.
_NOTE: Final = text("""
WITH used AS (SELECT * FROM unnest(CAST(:tenants AS text[]), CAST(:ids AS text[]), CAST(:times AS timestamptz[]))
              AS u (tenant_id, id, at)),
     held AS (
         SELECT k.tenant_id, k.id FROM api_keys AS k JOIN used USING (tenant_id, id)
         ORDER BY k.tenant_id, k.id FOR NO KEY UPDATE OF k
     )
UPDATE api_keys AS k SET last_used_at = used.at FROM used JOIN held USING (tenant_id, id)
WHERE k.tenant_id = used.tenant_id AND k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)
""")


class KeyRow(Value):
    """A key as it stands. `prefix` None: it is older than prefixes; `made_by` None: an operator made it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    name: str
    prefix: str | None
    scopes: list[str]
    made_by: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    last_used_at: datetime | None

    def state_at(self, now: datetime) -> KeyState:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "live"


def add(connection: Connection, values: Mapping[str, object]) -> None:
    """Make one."""
    connection.execute(insert(table).values(**values))


def count_live(connection: Connection) -> int:
    """How many of the tenant's open something now."""
    return int(connection.execute(select(func.count(table.c.id)).where(_LIVES)).scalar_one())


def read(connection: Connection, key_id: str, *, hold: bool = False) -> KeyRow:
    """One of them; `hold`: nobody else changes it until the transaction ends.

    Raises:
        NotFound: the transaction's tenant has none of this id.
    """
    asked = select(*_SHOWN).where(table.c.id == key_id)
    row = connection.execute(asked.with_for_update() if hold else asked).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such key.")
    return KeyRow.model_validate(dict(row))


def page(connection: Connection, *, limit: int, before: str | None) -> Sequence[KeyRow]:
    """The newest first, those that have ended among them."""
    asked = select(*_SHOWN).order_by(table.c.id.desc()).limit(limit)
    rows = connection.execute(asked if before is None else asked.where(table.c.id < before)).mappings()
    return [KeyRow.model_validate(dict(row)) for row in rows]


def change(connection: Connection, key_id: str, values: Mapping[str, object]) -> None:
    """Set name, end or successor of one that is there."""
    connection.execute(update(table).where(table.c.id == key_id).values(**values))


def revoke(connection: Connection, key_id: str) -> None:
    """End it now; one that was revoked before keeps that time. Raises NotFound."""
    ended = update(table).where(table.c.id == key_id).values(revoked_at=func.coalesce(table.c.revoked_at, _NOW))
    if connection.execute(ended.returning(table.c.id)).one_or_none() is None:
        raise NotFound("There is no such key.")


def ended(connection: Connection, keys: Collection[Named]) -> frozenset[Named]:
    """Which of these open nothing any more: of the tenant's, or in the system's transaction of all."""
    named = tuple_(table.c.tenant_id, table.c.id).in_(sorted(keys))
    rows = connection.execute(select(table.c.tenant_id, table.c.id).where(named, ~_LIVES))
    return frozenset((row.tenant_id, row.id) for row in rows)


def note_uses(connection: Connection, uses: Mapping[Named, datetime]) -> None:
    """Note when these were used last, unless a later use is noted. In the system's transaction; safe to repeat."""
    connection.execute(
        _NOTE,
        {
            "tenants": [tenant for tenant, _ in uses],
            "ids": [key for _, key in uses],
            "times": list(uses.values()),
        },
    )
