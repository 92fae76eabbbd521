"""The tables of batches: jobs that were handed in together. `jobs.batch_id` names a job's batch.

tenants ── batches ── batch_lines   one a line: the job that it became, or the problem that it was
"""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.storage.columns import metadata, moment, tenant

batches: Final = Table(
    "batches",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("atomic", Boolean, nullable=False),  # all of its lines become jobs, or none
    Column("lines", Integer, nullable=False, server_default=text("0")),  # the number of the last one taken in
    Column("jobs", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("open_jobs", Integer, nullable=False, server_default=text("0")),
    # Jobs of it are not yet held back, let go or canceled as its caller wished.
    Column("unsettled", Boolean, nullable=False, server_default=text("false")),
    moment("created_at", nullable=False),
    moment("touched_at", nullable=False),  # when lines were last taken in
    moment("received_at"),  # when the last line was taken in
    moment("paused_at"),
    moment("canceled_at"),
    moment("finished_at"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    Index("ix_batches_unsettled", "id", postgresql_where=text("unsettled")),
    Index("ix_batches_open", "tenant_id", "id", postgresql_where=text("finished_at IS NULL")),
)

batch_lines: Final = Table(
    "batch_lines",
    metadata,
    tenant(),
    Column("batch_id", Text, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("custom_id", Text),
    Column("digest", LargeBinary, nullable=False),  # of its bytes
    Column("job_id", Text),
    Column("error", JSONB(none_as_null=True)),
    ForeignKeyConstraint(["tenant_id", "batch_id"], ["batches.tenant_id", "batches.id"]),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    Index(
        "ix_batch_lines_custom",
        "tenant_id",
        "batch_id",
        "custom_id",
        postgresql_where=text("custom_id IS NOT NULL"),
    ),
    Index("ix_batch_lines_refused", "tenant_id", "batch_id", "line", postgresql_where=text("job_id IS NULL")),
)
