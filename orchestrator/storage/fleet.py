"""Which worker processes live, by rows that they renew: the dispatcher measures its window by them."""

from typing import Final

from sqlalchemy import Connection, text

FORGOTTEN_AFTER_S: Final = 600.0  # a process that ended without a word

_SEEN: Final = text("""
INSERT INTO workers (id, profile, slots) VALUES (:id, :profile, :slots)
ON CONFLICT (id) DO UPDATE SET slots = excluded.slots, seen_at = clock_timestamp()
""")
_FORGET: Final = text("DELETE FROM workers WHERE seen_at < clock_timestamp() - make_interval(secs => :after)")
_GONE: Final = text("DELETE FROM workers WHERE id = :id")


def seen(connection: Connection, worker: str, profile: str, slots: int) -> None:
    """This process lives; those that have been silent for long are forgotten. Needs a transaction of `system`."""
    connection.execute(_FORGET, {"after": FORGOTTEN_AFTER_S})
    connection.execute(_SEEN, {"id": worker, "profile": profile, "slots": slots})


def gone(connection: Connection, worker: str) -> None:
    """This process ends. Safe to repeat."""
    connection.execute(_GONE, {"id": worker})
