"""Open jobs that name an endpoint of their own, by which idle endpoints are told (`storage/job_endpoints.py`)."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the index."""
    op.get_bind().exec_driver_sql(
        "CREATE INDEX ix_jobs_hooked ON jobs (tenant_id) WHERE webhook IS NOT NULL AND finished_at IS NULL"
    )


def downgrade() -> None:
    """Take it away."""
    op.get_bind().exec_driver_sql("DROP INDEX ix_jobs_hooked")
