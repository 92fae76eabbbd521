"""The numbered feed of each tenant's events; the statements and their reasons stand in 0018_feed.sql."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"

_DOWN = """
DROP TRIGGER keep_the_number ON events;
DROP FUNCTION meetingmind_keep_the_number();
DROP TABLE feeds, open_circuits;
SET LOCAL ROLE meetingmind_system;
DELETE FROM events WHERE job_id IS NULL;
RESET ROLE;
DROP INDEX ix_events_number, ix_events_unnumbered;
ALTER TABLE events DROP COLUMN number;
ALTER TABLE events DROP CONSTRAINT ck_events_of_job;
ALTER TABLE events DROP CONSTRAINT uq_events_tenant_id_job_id_sequence;
ALTER TABLE events DROP CONSTRAINT pk_events;
ALTER TABLE events ALTER COLUMN job_id SET NOT NULL;
ALTER TABLE events ALTER COLUMN sequence SET NOT NULL;
ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (tenant_id, job_id, sequence);
ALTER TABLE events ADD CONSTRAINT uq_events_id UNIQUE (id);
"""


def upgrade() -> None:
    """Add number, feeds and open circuits; put in what was announced of budgets."""
    # The driver's own cursor: SQLAlchemy would read the percent signs of plpgsql as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take them away: a feed that is made again begins anew, at 1."""
    op.get_bind().exec_driver_sql(_DOWN)
