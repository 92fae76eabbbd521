"""The first schema; its statements and their reasons stand in 0001_foundation.sql."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

# The roles stay: they belong to the server, and other databases on it may use them.
_DOWN = """
DROP FUNCTION meetingmind_tenant_of(text);
DROP FUNCTION meetingmind_key_owner(bytea);
DROP TABLE idempotency_keys, events, results, candidates, attempts, seats, jobs, transcripts, api_keys, tenants;
DROP FUNCTION meetingmind_keep_the_end();
DROP FUNCTION meetingmind_never_change();
"""


def upgrade() -> None:
    """Make everything."""
    # The driver's own cursor: SQLAlchemy would read the percent signs of plpgsql as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take everything away, the rows with it."""
    op.get_bind().exec_driver_sql(_DOWN)
