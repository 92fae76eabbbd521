"""Panels that need not wait for their last seats; the statements and their reasons stand in 0006_quorum.sql."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

_DOWN = "DROP INDEX ix_jobs_late; ALTER TABLE jobs DROP COLUMN late_at, DROP COLUMN answered_seats"


def upgrade() -> None:
    """Add the columns; jobs under way keep the count of what has answered."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: every panel waits for all its seats again."""
    op.get_bind().exec_driver_sql(_DOWN)
