"""Seats that are asked about one part of a meeting after the other; the statements stand in 0015_parts.sql."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add columns and table; every seat there is asks about all of its meeting."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: a seat that is asked in parts is shown the whole, which its model refuses, and moves on."""
    op.get_bind().exec_driver_sql(
        "DROP TABLE parts; ALTER TABLE prompts DROP COLUMN part; ALTER TABLE attempts DROP COLUMN part;"
        "ALTER TABLE seats DROP COLUMN cut, DROP COLUMN parts_served"
    )
