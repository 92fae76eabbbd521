"""Jobs that go on after their end; the statements and their reasons stand in 0007_retry.sql."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

_DOWN = """
CREATE OR REPLACE FUNCTION meetingmind_keep_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'canceled', 'expired') AND NEW.status IS DISTINCT FROM OLD.status THEN
        RAISE EXCEPTION 'job % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE seats DROP COLUMN since_epoch;
ALTER TABLE jobs DROP COLUMN retries;
"""


def upgrade() -> None:
    """Add the columns, and let the trigger know of them."""
    _execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: an end is an end again."""
    _execute(_DOWN)


def _execute(statements: str) -> None:
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
