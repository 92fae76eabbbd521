"""Second calls beside slow ones: attempts.hedge tells them from the first."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; none was made before."""
    op.get_bind().exec_driver_sql("ALTER TABLE attempts ADD COLUMN hedge BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    """Take it away: what they cost stays in the ledger."""
    op.get_bind().exec_driver_sql("ALTER TABLE attempts DROP COLUMN hedge")
