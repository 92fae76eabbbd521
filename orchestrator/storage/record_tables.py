"""The table of what became of each seat's items, under row-level security like all others; see `records.py`."""

from typing import Final

from sqlalchemy import Column, ForeignKeyConstraint, Index, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.storage.columns import metadata, moment, tenant

seat_records: Final = Table(
    "seat_records",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("model", Text, nullable=False),
    Column("meeting_type", Text, nullable=False),
    Column("tallies", JSONB(none_as_null=True), nullable=False),
    moment("at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    Index("ix_seat_records_of_type", "tenant_id", "meeting_type", text("at DESC")),
)
