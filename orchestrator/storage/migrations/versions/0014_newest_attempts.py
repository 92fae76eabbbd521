"""The newest calls of all tenants, for plans that mind how models have fared of late (`storage/vitals.py`)."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the index."""
    op.get_bind().exec_driver_sql("CREATE INDEX ix_attempts_newest ON attempts (created_at)")


def downgrade() -> None:
    """Take it away."""
    op.get_bind().exec_driver_sql("DROP INDEX ix_attempts_newest")
