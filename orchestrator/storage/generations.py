"""The lock between calls that leave and a raise of the counters' generation.

It is PostgreSQL's advisory lock, not a lock of the row: every paid call of the platform takes its shared side, and a
row would be written each time. The statement that compares generations must come after the one that takes the lock,
since a statement sees what was committed before it began.
"""

from typing import Final

from sqlalchemy import Connection, text

from orchestrator.storage.locks import Lock

SHARED: Final = (
    f"pg_advisory_xact_lock_shared({Lock.GENERATION:d})"  # part of the statement that opens a sending transaction
)
_ALONE: Final = text(f"SELECT pg_advisory_xact_lock({Lock.GENERATION:d})")


def alone(connection: Connection) -> None:
    """Wait for every call that is just committing its `sent`, and hold up the next ones until this transaction ends."""
    connection.execute(_ALONE)
