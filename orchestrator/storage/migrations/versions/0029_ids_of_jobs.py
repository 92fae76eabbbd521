"""Ids of jobs are found by tenant, and unique all the same; the reasons stand in 0029_ids_of_jobs.sql."""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0027"

_DOWN = """
ALTER TABLE jobs ADD CONSTRAINT uq_jobs_id UNIQUE (id);
DROP INDEX uq_jobs_id_alone;
DROP INDEX ix_jobs_id;
"""


def upgrade() -> None:
    """Make the new indexes before the old one goes: an id is unique all the time."""
    _execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Back to the one index."""
    _execute(_DOWN)


def _execute(statements: str) -> None:
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
