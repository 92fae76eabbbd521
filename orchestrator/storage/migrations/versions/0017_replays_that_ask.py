"""Replays that may ask leads and judges; the statements and their reasons stand in 0017_replays_that_ask.sql."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0015"

_DOWN = """
DROP INDEX ix_questions_answered;
DROP INDEX ix_jobs_replays;
ALTER TABLE jobs DROP COLUMN may_call;
"""


def upgrade() -> None:
    """Add column and indexes; the replays that there are ask nobody."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: a replay that has not ended goes on without those whom it has not asked yet."""
    op.get_bind().exec_driver_sql(_DOWN)
