"""Webhooks and what was sent to them; the statements and their reasons stand in 0021_webhooks.sql."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away, with all endpoints and what still waits for them."""
    op.get_bind().exec_driver_sql(
        "DROP TABLE delivery_attempts; DROP TABLE deliveries; DROP TABLE webhooks; ALTER TABLE jobs DROP COLUMN webhook"
    )
