"""Keys that tenants look after themselves; the statements and their reasons stand in 0023_keys.sql."""

import re
from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"

_HERE = Path(__file__)
_DOWN = """
DROP FUNCTION meetingmind_key_owner(bytea);
REVOKE ALL ON api_keys FROM meetingmind_app;
ALTER TABLE api_keys
    DROP COLUMN prefix, DROP COLUMN made_by, DROP COLUMN replaced_by, DROP COLUMN last_used_at;
"""


def upgrade() -> None:
    """Add the columns and what a tenant may do with its keys."""
    _execute(_HERE.with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away: keys work as before, and only an operator looks after them."""
    before = _HERE.with_name("0001_foundation.sql").read_text("utf-8")
    (function,) = re.findall(r"CREATE FUNCTION meetingmind_key_owner\(.*?\n\$\$;\n", before, re.DOTALL)
    after = _HERE.with_suffix(".sql").read_text("utf-8")
    _execute(_DOWN + function + after[after.index("GRANT CREATE ON SCHEMA public") :])


def _execute(statements: str) -> None:
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
