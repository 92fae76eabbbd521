"""The tables of the house itself, which are nobody's tenant: messages given back, workers, lanes, circuits. In UTC."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from orchestrator.storage.columns import metadata, moment

# What a worker did not understand and gave back (see tasks/returned.py).
returned_messages: Final = Table(
    "returned_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("headers", JSONB(none_as_null=True), nullable=False),
    Column("properties", JSONB(none_as_null=True), nullable=False),
    Column("times", Integer, nullable=False),
    moment("due_at", nullable=False),
    moment("created_at", nullable=False),
    Index("ix_returned_messages_due", "due_at"),
)

# One row a worker process, renewed while it lives.
workers: Final = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    moment("seen_at", nullable=False),
)

# One row a lane in which jobs wait, as the dispatcher last saw it; see `lane_figures.py`.
lanes: Final = Table(
    "lanes",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("weights", Float, nullable=False),
    Column("crowds", JSONB(none_as_null=True), nullable=False),
    Column("jobs_per_s", Float, nullable=False),
    Column("asks_per_s", Float, nullable=False),
    Column("call_s", Float, nullable=False),
    moment("told_at", nullable=False),
)

# A circuit that was open when somebody last looked, and the tenants that were told so; see `circuit_news.py`.
open_circuits: Final = Table(
    "open_circuits",
    metadata,
    Column("target", Text, primary_key=True),
    Column("told", ARRAY(Text), nullable=False),
    moment("since", nullable=False),
)
