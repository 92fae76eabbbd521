"""Messages that were given back; the statements and their reasons stand in 0005_returned.sql."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take it away, with what is in it: an older release would drop such messages too."""
    op.get_bind().exec_driver_sql("DROP TABLE returned_messages")
