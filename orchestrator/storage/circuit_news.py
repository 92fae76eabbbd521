"""What is told of circuits: that one has opened, and that it has closed again, each once. In the system's transaction.

Circuits live in Redis and are nobody's; what follows from them is a matter of those who use the provider. So it is told
to the tenants that have called the target of late, and always to the operators, whose feed is that of the tenant "".
Who was told of the opening is told of the closing.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, text

from orchestrator.ids import new_id
from orchestrator.storage.house_tables import open_circuits
from orchestrator.storage.tables import events
from orchestrator.work.events import CircuitEventType
from providers.calls import Target

OPERATORS: Final = ""
OF_LATE_S: Final = 600.0  # who called it longer ago has no job that waits for it

_OPEN: Final = text("""
INSERT INTO open_circuits (target, told)
SELECT :target, array_append(array(
    SELECT DISTINCT tenant_id FROM attempts
    WHERE created_at > clock_timestamp() - make_interval(secs => :of_late_s) AND target = :target
), :operators)
ON CONFLICT (target) DO NOTHING
RETURNING told
""")
_TELL: Final = insert(events).values(announced_at=func.clock_timestamp())


def opened(connection: Connection, target: Target) -> bool:
    """Tell that a circuit has opened. False: that is known."""
    given = {"target": str(target), "of_late_s": OF_LATE_S, "operators": OPERATORS}
    told = connection.execute(_OPEN, given).scalar_one_or_none()
    return _tell(connection, "provider.opened", target, told)


def closed(connection: Connection, target: Target) -> bool:
    """Tell that a circuit has closed. False: it was not known to be open."""
    statement = delete(open_circuits).where(open_circuits.c.target == str(target)).returning(open_circuits.c.told)
    return _tell(connection, "provider.closed", target, connection.execute(statement).scalar_one_or_none())


def known_open(connection: Connection) -> frozenset[Target]:
    """Those of which it was told that they are open, and not yet that they have closed."""
    return frozenset(map(Target.parse, connection.execute(select(open_circuits.c.target)).scalars()))


def _tell(connection: Connection, kind: CircuitEventType, target: Target, told: Sequence[str] | None) -> bool:
    if told is None:
        return False
    data = {"provider": target.provider, "model": target.model}
    rows = [{"tenant_id": tenant, "id": new_id("evt"), "type": kind, "data": data} for tenant in told]
    connection.execute(_TELL, rows)
    return True
