"""Jobs that wait for a moment, and jobs that ended badly; statements and reasons stand in 0025_schedule.sql."""

import re
from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"

_HERE = Path(__file__)
_WAITS = "paused_at IS NULL"
_DROPPED = "DROP FUNCTION meetingmind_room(text, interval), meetingmind_line(text, bigint, bigint, interval);\n"
_DOWN = f"""
DROP INDEX ix_jobs_waiting, ix_jobs_scheduled, ix_jobs_scheduled_own, ix_jobs_dead;
ALTER TABLE jobs DROP COLUMN not_before, DROP COLUMN scheduled_for;
CREATE INDEX ix_jobs_waiting ON jobs (priority, tenant_id, id)
WHERE dispatched_at IS NULL AND finished_at IS NULL AND {_WAITS};
"""


def upgrade() -> None:
    """Add columns, and let what looks for waiting jobs pass those over whose moment has not come."""
    functions = _functions().replace(f"j.{_WAITS}", f"j.{_WAITS} AND j.scheduled_for IS NULL")
    _execute(_HERE.with_suffix(".sql").read_text("utf-8") + _DROPPED + functions)


def downgrade() -> None:
    """Take them away: jobs that waited for a moment wait for their turn."""
    _execute(_DOWN + _DROPPED + _functions())


def _functions() -> str:
    """The two that look at what waits, and who may call them, as batches left them."""
    before = _HERE.with_name("0020_batches.sql").read_text("utf-8")
    functions = re.findall(r"CREATE FUNCTION meetingmind_(?:room|line)\(.*?\n\$\$;\n", before, re.DOTALL)
    return "".join(functions) + before[before.index("GRANT CREATE ON SCHEMA public") :]


def _execute(statements: str) -> None:
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
