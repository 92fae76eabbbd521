"""Tenants' templates and the words of each job; the statements and their reasons stand in 0010_templates.sql."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables."""
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take them away: every job is asked with the words of the older release."""
    op.get_bind().exec_driver_sql("DROP TABLE prompts, prompt_templates")
