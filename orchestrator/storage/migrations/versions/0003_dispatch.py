"""The backlog and its indexes; the statements and their reasons stand in 0003_dispatch.sql."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

_DOWN = """
DROP FUNCTION meetingmind_room(text, interval);
DROP TABLE workers;
DROP INDEX ix_jobs_waiting, ix_jobs_due, ix_jobs_closed, ix_seats_open, ix_seats_standing;
CREATE INDEX ix_jobs_open ON jobs (created_at) WHERE finished_at IS NULL;
UPDATE seats SET published_at = clock_timestamp() WHERE published_at IS NULL;
ALTER TABLE seats DROP COLUMN lane, ALTER COLUMN published_at SET DEFAULT clock_timestamp(),
    ALTER COLUMN published_at SET NOT NULL;
CREATE INDEX ix_seats_open ON seats (published_at) WHERE status IN ('pending', 'running');
ALTER TABLE jobs DROP COLUMN dispatched_at;
ALTER TABLE tenants DROP COLUMN weight;
"""


def upgrade() -> None:
    """Add the columns and the table; what was accepted before counts as dispatched, and the reconciler has it."""
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take them away. What still waits is published by the reconciler."""
    op.get_bind().exec_driver_sql(_DOWN)
