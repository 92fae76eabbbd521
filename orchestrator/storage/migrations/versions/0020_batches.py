"""Batches; the statements and their reasons stand in 0020_batches.sql."""

import re
from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"

_HERE = Path(__file__)
_DOWN = """
DROP INDEX ix_jobs_batch, ix_jobs_waiting, ix_jobs_due;
ALTER TABLE jobs DROP COLUMN batch_id, DROP COLUMN paused_at;
CREATE INDEX ix_jobs_waiting ON jobs (priority, tenant_id, id) WHERE dispatched_at IS NULL AND finished_at IS NULL;
CREATE INDEX ix_jobs_due ON jobs (deadline_at) WHERE finished_at IS NULL;
DROP TABLE batch_lines, batches;
DROP FUNCTION meetingmind_room(text, interval), meetingmind_line(text, bigint, bigint, interval);
"""


def upgrade() -> None:
    """Add tables and columns, and let what looks for waiting jobs pass the paused over."""
    _execute(_HERE.with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: jobs of batches are jobs like others, and those that were paused wait."""
    before = _HERE.with_name("0004_admission.sql").read_text("utf-8")
    functions = re.findall(r"CREATE FUNCTION meetingmind_(?:room|line)\(.*?\n\$\$;\n", before, re.DOTALL)
    rights = before[before.index("GRANT CREATE ON SCHEMA public") :]
    _execute(_DOWN + "".join(functions) + rights)


def _execute(statements: str) -> None:
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
