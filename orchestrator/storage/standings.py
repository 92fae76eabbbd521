"""How good each model was found in a tenant's meetings of a type, as plans go by it.

A record moves slowly, and to add up a thousand rows takes milliseconds: a process that plans often remembers what it
has read for some seconds. It reads within the transaction that plans, and needs no connection of its own.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import Connection

from orchestrator.analysis.records import standings
from orchestrator.storage import records
from providers.calls import Target

KEPT_S: Final = 5.0  # a meeting adds a dozen claims to the hundreds that a record is made of
MOST_KEPT: Final = 4_096  # types of meetings, of all tenants; a dozen models each are 2 kB

Standings: TypeAlias = Mapping[Target, float]
# A transaction of the tenant's, the tenant, the type of meeting, and up to when records count.
Read: TypeAlias = Callable[[Connection, str, str, datetime], Standings]


class _Seen(NamedTuple):
    until: float
    found: Standings


def read(connection: Connection, _tenant: str, meeting_type: str, before: datetime) -> Standings:
    """Of the models that have a record. Asks the rows."""
    found = standings(records.tallies(connection, meeting_type, before=before))
    return {Target.parse(model): standing for model, standing in found.items()}


class Memory:
    """What `read` has found, up to `KEPT_S` seconds ago. May be used from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], _Seen] = {}  # what was read longest ago first

    def read(self, connection: Connection, tenant: str, meeting_type: str, before: datetime) -> Standings:
        key = tenant, meeting_type
        seen = self._seen.get(key)
        if seen is not None and self._clock() < seen.until:
            return seen.found
        found = read(connection, tenant, meeting_type, before)
        self._seen.pop(key, None)
        while len(self._seen) >= MOST_KEPT:
            with suppress(StopIteration, RuntimeError, KeyError):  # another thread may be faster
                self._seen.pop(next(iter(self._seen)))
        self._seen[key] = _Seen(self._clock() + KEPT_S, found)
        return found
