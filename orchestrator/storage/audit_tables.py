"""The tables of what was changed in how a tenant is served. Append-only: not even the system's role changes a row.

tenants ─── budget_versions   each limit that was ever set
            audit_entries     each act of administration; the tenant "" is the house (see tenancy/audit.py)
"""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.storage.columns import metadata, moment, tenant

audit_entries: Final = Table(
    "audit_entries",
    metadata,
    tenant(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),  # whole milliseconds: hashed as it is shown
    Column("actor", Text, nullable=False),  # the id of a key, or the operator
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    Column("request_id", Text),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_entries_of_object", "tenant_id", "object", "sequence"),
)

budget_versions: Final = Table(
    "budget_versions",
    metadata,
    tenant(),
    Column("scope", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("limit_micro_usd", BigInteger),  # null: it was taken away
    Column("override_micro_usd", BigInteger),
    moment("override_until"),
    Column("set_by", Text),  # the id of a key; null: an older release did not say
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)
