"""Repairs: seats.repair is what a seat's next ask shall mend in its last answer, without words once that is over.

Null where none was made since its job was posted or retried.
"""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; no seat has had a repair."""
    op.get_bind().exec_driver_sql("ALTER TABLE seats ADD COLUMN repair JSONB")


def downgrade() -> None:
    """Take it away: a seat that waits for its repair is asked anew."""
    op.get_bind().exec_driver_sql("ALTER TABLE seats DROP COLUMN repair")
