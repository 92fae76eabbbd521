"""Ledger, budgets and what goes with them; the statements and their reasons stand in 0002_money.sql."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

_DOWN = """ DROP TABLE money_state, spare_answers, budget_events, budgets, ledger; ALTER TABLE attempts DROP COLUMN day,
DROP COLUMN price_version, DROP COLUMN service_tier, DROP COLUMN reported_micro_usd; ALTER TABLE seats DROP COLUMN
service_tier, DROP COLUMN cached, DROP COLUMN follows; ALTER TABLE jobs
    DROP COLUMN project, DROP COLUMN policy_planned, DROP COLUMN cheaper_because, DROP COLUMN expected_micro_usd;
REVOKE UPDATE (stopped_at, stopped_why) ON tenants FROM meetingmind_app;
ALTER TABLE tenants DROP COLUMN stopped_at, DROP COLUMN stopped_why;
"""


def upgrade() -> None:
    """Add the tables and columns; what was booked before becomes rows of the ledger."""
    # The driver's own cursor: SQLAlchemy would read the percent signs of plpgsql as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    cursor.close()


def downgrade() -> None:
    """Take them away. What the attempts cost stays in their rows."""
    op.get_bind().exec_driver_sql(_DOWN)
