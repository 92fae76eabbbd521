"""Every limit that was ever set, one version after the other for each scope and period. One tenant's transaction."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict
from sqlalchemy import Connection, insert, select

from orchestrator.errors import NotFound
from orchestrator.storage.audit_tables import budget_versions as table
from orchestrator.work.scopes import Period
from providers.calls import Value


class Limit(Value):
    """What a scope may cost in a period. `limit_micro_usd` None: anything; then there is no override either."""

    limit_micro_usd: int | None
    override_micro_usd: int | None = None
    override_until: datetime | None = None


class VersionRow(Limit):
    """A limit as it was set. `set_by` None: an older release did not say."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    scope: str
    period: Period
    version: int
    set_by: str | None
    created_at: datetime

    @property
    def limit(self) -> Limit:
        return Limit(**self.model_dump(include=set(Limit.model_fields)))


def page(connection: Connection, scope: str, period: Period, *, before: int | None, limit: int) -> Sequence[VersionRow]:
    """The newest first. `before`: only those that are older than this version."""
    asked = select(table).where(table.c.scope == scope, table.c.period == period)
    if before is not None:
        asked = asked.where(table.c.version < before)
    rows = connection.execute(asked.order_by(table.c.version.desc()).limit(limit)).mappings()
    return [VersionRow.model_validate(dict(row)) for row in rows]


def read(connection: Connection, scope: str, period: Period, version: int) -> VersionRow:
    """Raises NotFound: there never was that version."""
    asked = select(table).where(table.c.scope == scope, table.c.period == period, table.c.version == version)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such version of this budget.")
    return VersionRow.model_validate(dict(row))


def add(connection: Connection, scope: str, period: Period, limit: Limit, set_by: str) -> int:
    """Make the next version and return its number. For one who holds the tenant's audit log: nobody else makes one."""
    newest = page(connection, scope, period, before=None, limit=1)
    version = newest[0].version + 1 if newest else 1
    values = {"scope": scope, "period": period, "version": version, "set_by": set_by, **limit.model_dump()}
    connection.execute(insert(table).values(**values))
    return version
