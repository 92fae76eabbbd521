"""The tables of what models are told. Each row belongs to a tenant, under row-level security like all others.

tenants ─┬─ prompt_templates   append-only: each version of a tenant's own text for a type of meeting
         └─ prompts            one per job, never changed: the words that its seats are told beside the transcript
"""

from typing import Final

from sqlalchemy import Column, ForeignKeyConstraint, Integer, Table, Text, text

from orchestrator.storage.columns import metadata, moment, tenant

prompt_templates: Final = Table(
    "prompt_templates",
    metadata,
    tenant(),
    Column("meeting_type", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),  # the same for all versions of one type
    Column("instruction", Text),  # null: from this version on ours again
    Column("set_by", Text),  # the id of a key; null: an older release did not say
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

prompts: Final = Table(
    "prompts",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("system", Text, nullable=False),
    Column("closing", Text, nullable=False),
    Column("part", Text, nullable=False, server_default=text("''")),  # told beside the closing where a part is shown
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
)
