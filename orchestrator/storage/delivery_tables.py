"""The tables of webhooks. Each row belongs to a tenant, under row-level security like all others.

    tenants ── webhooks ── deliveries ── delivery_attempts (numbered, never changed)

A delivery is one event for one endpoint, with the bytes that every attempt sends.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from orchestrator.storage.columns import metadata, moment, tenant

webhooks: Final = Table(
    "webhooks",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("description", Text),
    Column("payload", Text, nullable=False, server_default=text("'thin'")),  # or full
    Column("result_url", Boolean, nullable=False, server_default=text("false")),
    Column("secret", LargeBinary, nullable=False),  # sealed; see tenancy/vault.py
    Column("old_secret", LargeBinary),  # signs beside the other one until `old_until`
    moment("old_until"),
    # Made for jobs that named this URL themselves: it has no events of its own. There is one for each URL.
    Column("of_jobs", Boolean, nullable=False, server_default=text("false")),
    Column("cursor", BigInteger, nullable=False),  # of the tenant's feed: the last number that it was looked at for
    moment("disabled_at"),
    Column("disabled_why", Text),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    Index("uq_webhooks_of_jobs", "tenant_id", "url", unique=True, postgresql_where=text("of_jobs")),
)

deliveries: Final = Table(
    "deliveries",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("webhook_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("job_id", Text),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # all that were begun; numbers them
    # Attempts of which it is known what came, since it was last set going: the schedule goes by them.
    Column("tries", Integer, nullable=False, server_default=text("0")),
    moment("next_at"),  # when it is due; of one under way, when it counts as lost; null once it has ended
    moment("created_at", nullable=False),
    moment("ended_at"),
    ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.id"], ondelete="CASCADE"),
    UniqueConstraint("tenant_id", "webhook_id", "event_id"),
    Index("ix_deliveries_due", "tenant_id", "webhook_id", "next_at", postgresql_where=text("state = 'pending'")),
    Index("ix_deliveries_newest", "tenant_id", "webhook_id", text("id DESC")),
)

delivery_attempts: Final = Table(
    "delivery_attempts",
    metadata,
    tenant(),
    Column("delivery_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("status", Integer),
    Column("error", Text),
    Column("took_ms", BigInteger, nullable=False),
    moment("at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "delivery_id"], ["deliveries.tenant_id", "deliveries.id"], ondelete="CASCADE"),
)
