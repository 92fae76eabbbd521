"""The lanes as they were last seen; the statements and their reasons stand in 0004_admission.sql."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table and the function, and make the older one anew."""
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take table and function away. The older function stays as it is: what it is asked and tells is the same."""
    op.get_bind().exec_driver_sql("DROP FUNCTION meetingmind_line(text, bigint, bigint, interval); DROP TABLE lanes;")
