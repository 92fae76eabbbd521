"""Questions of a synthesis to a lead or judge; the statements and their reasons stand in 0009_questions.sql."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add column and table; a job under way asks nobody."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: what was asked and paid stays in attempts and ledger."""
    op.get_bind().exec_driver_sql("DROP TABLE questions; ALTER TABLE jobs DROP COLUMN callers")
