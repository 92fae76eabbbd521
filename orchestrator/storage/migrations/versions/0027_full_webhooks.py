"""What an endpoint's owner chose of the bodies that it is sent (ADR 0061)."""

from alembic import op

revision = "0027"
down_revision = "0025"


def upgrade() -> None:
    """Add the columns; endpoints that are there go on as they are."""
    op.get_bind().exec_driver_sql(
        "ALTER TABLE webhooks"
        " ADD COLUMN payload TEXT DEFAULT 'thin' NOT NULL,"
        " ADD COLUMN result_url BOOLEAN DEFAULT false NOT NULL"
    )


def downgrade() -> None:
    """Take them away: all bodies are thin again. Those that were made stay as they are."""
    op.get_bind().exec_driver_sql("ALTER TABLE webhooks DROP COLUMN payload, DROP COLUMN result_url")
