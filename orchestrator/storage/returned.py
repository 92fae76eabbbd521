"""Messages that a worker did not understand, until they are sent again. They are nobody's tenant."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field
from sqlalchemy import Connection, delete, func, insert, select

from orchestrator.ids import new_id
from orchestrator.storage.house_tables import returned_messages as table
from providers.calls import JsonObject, Value

_NOW: Final = func.clock_timestamp()


class Parcel(Value):
    """A message as it stood in the broker. `times`: how often it had been given back before."""

    id: str = Field(default_factory=lambda: new_id("ret"))
    queue: str
    body: str
    content_type: str
    headers: JsonObject
    properties: JsonObject
    times: int


def keep(connection: Connection, parcel: Parcel, wait_s: float) -> None:
    """Needs a transaction of `system`, as all here."""
    due = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, wait_s)
    connection.execute(insert(table).values(**dict(parcel), due_at=due))


def due(connection: Connection, limit: int) -> Sequence[Parcel]:
    """Those that shall be sent again, the longest due first."""
    columns = [table.c[name] for name in Parcel.model_fields]
    statement = select(*columns).where(table.c.due_at <= _NOW).order_by(table.c.due_at).limit(limit)
    return [Parcel.model_validate(dict(row)) for row in connection.execute(statement).mappings()]


def forget(connection: Connection, parcel_id: str) -> None:
    connection.execute(delete(table).where(table.c.id == parcel_id))
