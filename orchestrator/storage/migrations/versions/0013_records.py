"""What became of models' items; the statements and their reasons stand in 0013_records.sql."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add table and column; what was analysed before is no record."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: all models count alike again."""
    op.get_bind().exec_driver_sql("DROP TABLE seat_records; ALTER TABLE jobs DROP COLUMN records")
