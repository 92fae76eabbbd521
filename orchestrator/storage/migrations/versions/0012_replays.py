"""Jobs over the stored answers of others; the statements and their reasons stand in 0012_replays.sql."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

_DOWN = """
ALTER TABLE seats DROP COLUMN unreadable;
ALTER TABLE jobs DROP COLUMN replay_of;
"""


def upgrade() -> None:
    """Add the columns; no job was a replay before."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: a replay that has not ended would be lost, one that has is a job like any other."""
    op.get_bind().exec_driver_sql(_DOWN)
