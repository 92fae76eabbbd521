"""The table of answers about parts of a meeting, under row-level security like all others; see `parts.py`."""

from typing import Final

from sqlalchemy import Column, Float, ForeignKeyConstraint, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.storage.columns import metadata, moment, tenant

parts: Final = Table(
    "parts",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    Column("attempt_id", Text, nullable=False),
    Column("served", Text, nullable=False),
    Column("latency_s", Float, nullable=False),
    Column("usage", JSONB(none_as_null=True), nullable=False),
    Column("document", JSONB(none_as_null=True), nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
)
