"""The tables of what callers bring beside meetings. Each row belongs to a tenant, under row-level security.

tenants ─┬─ idempotency_keys   which job a key made, and of what body
         └─ jobs ── feedback   one opinion a person and item, the newest; what was missed, one each
"""

from typing import Final

from sqlalchemy import Column, Float, ForeignKeyConstraint, Index, LargeBinary, Table, Text, UniqueConstraint, text

from orchestrator.storage.columns import metadata, moment, tenant

feedback: Final = Table(
    "feedback",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("item_id", Text, nullable=False, server_default=text("''")),  # "": of the result as a whole
    # What the item was when it was judged, so that confidence can be held against verdicts.
    Column("kind", Text),
    Column("confidence", Float),
    Column("verdict", Text, nullable=False),
    Column("text", Text),
    Column("score", Float),
    Column("key_id", Text, nullable=False),  # who says so
    Column("about", Text, nullable=False, server_default=text("''")),  # of what was missed: which of it
    moment("at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    UniqueConstraint("tenant_id", "job_id", "item_id", "key_id", "about", name="uq_feedback_once"),
)

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    tenant(),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("job_id", Text, nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    Index("ix_idempotency_keys_of_job", "tenant_id", "job_id"),
)
