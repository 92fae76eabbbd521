"""What holds for a whole tenant: whether its new jobs are taken in."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from orchestrator.storage.tables import tenants
from providers.calls import Value


class Stop(Value):
    """Since when and why no new job of a tenant is taken in."""

    at: datetime
    why: str


def stop(connection: Connection, tenant: str, why: str) -> None:
    """Take in no new job of this tenant. The first reason stays until it is lifted."""
    connection.execute(
        update(tenants)
        .where(tenants.c.id == tenant, tenants.c.stopped_at.is_(None))
        .values(stopped_at=func.clock_timestamp(), stopped_why=why)
    )


def why_stopped(connection: Connection, tenant: str) -> str | None:
    """The reason, None while its jobs are welcome."""
    return connection.execute(select(tenants.c.stopped_why).where(tenants.c.id == tenant)).scalar_one_or_none()


def stopped(connection: Connection, tenant: str) -> Stop | None:
    """The stop that stands, None while its jobs are welcome."""
    of_tenant = (tenants.c.id == tenant, tenants.c.stopped_at.is_not(None))
    row = connection.execute(select(tenants.c.stopped_at, tenants.c.stopped_why).where(*of_tenant)).one_or_none()
    return None if row is None else Stop(at=row.stopped_at, why=row.stopped_why or "")


def lift(connection: Connection, tenant: str) -> bool:
    """Take its jobs in again. False: it was not stopped."""
    changed = connection.execute(
        update(tenants)
        .where(tenants.c.id == tenant, tenants.c.stopped_at.is_not(None))
        .values(stopped_at=None, stopped_why=None)
    )
    return changed.rowcount == 1
