"""The lock between calls that leave and a raise of the counters' generation.

It is PostgreSQL's advisory lock, not a lock of the row: every paid call of the platform takes its shared side, and a
row would be written each time. The statement that compares generations must come after the one that takes the lock,
since a statement sees what was committed before it began.
"""

from typing import Final

from sqlalchemy import Connection, text

LOCK: Final = 7_306_241_987  # an advisory lock number of our own

SHARED: Final = f"pg_advisory_xact_lock_shared({LOCK})"  # part of the statement that opens a sending transaction
_ALONE: Final = text(f"SELECT pg_advisory_xact_lock({LOCK})")


def alone(connection: Connection) -> None:
    """Wait for every call that is just committing its `sent`, and hold up the next ones until this transaction ends."""
    connection.execute(_ALONE)
