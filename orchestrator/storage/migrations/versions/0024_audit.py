"""The log of acts of administration, and versions of budgets; statements and reasons stand in 0024_audit.sql."""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"

_DOWN = """
DROP TABLE audit_entries, budget_versions;
ALTER TABLE prompt_templates DROP COLUMN set_by;
"""


def upgrade() -> None:
    """Add the tables; what stands in `budgets` is the first version of each limit."""
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take them away, with all that was written in them: a log that is made again begins anew, at 1."""
    op.get_bind().exec_driver_sql(_DOWN)
