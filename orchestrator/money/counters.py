"""Sets the counters in Redis from the rows, whenever Redis may have lost something. Never adds to them.

**Generations.** The counters belong to a generation, a number that PostgreSQL hands out. A call is held under one, and
its `sent` is committed only if that is still the newest (`storage/attempts.py`), under a lock that every such commit
shares. Raising the generation takes that lock alone. So at the moment of the raise each call of the past either has its
`sent` in the rows, and is found there when a scope is opened, or cannot leave before it is held again.

**Scopes** are opened one by one, when a call first needs them: spent is the sum of the ledger, held the bounds of calls
that are under way, both from one look at the rows. What ends between that look and its arrival in Redis is told apart
there by its call id.
"""

from collections.abc import Iterable
from typing import Final

import structlog
from sqlalchemy import text

from orchestrator import failpoints
from orchestrator.money.holds import Holds
from orchestrator.storage import ledger
from orchestrator.storage.engine import Database
from orchestrator.storage.generations import alone
from orchestrator.work.scopes import Scope

log = structlog.get_logger()

_RAISE: Final = text("UPDATE money_state SET generation = greatest(generation, :seen) + 1 RETURNING generation")
_NEWEST: Final = text("SELECT generation FROM money_state")


class Counters:
    """Any number of processes may rebuild at once: one does, the others find it done."""

    def __init__(self, holds: Holds, database: Database) -> None:
        self.holds = holds
        self._database = database

    def rebuild(self) -> None:
        """Begin a new generation, unless Redis and PostgreSQL agree on one by now.

        Raises:
            Unavailable: PostgreSQL is away.
            redis.exceptions.RedisError: Redis is away; nothing was begun that a call could be held under.
        """
        self._raise(even_if_they_agree=False)

    def renew(self) -> None:
        """Begin a new generation in any case: what was booked has been corrected, and the counters do not know.

        Raises as `rebuild`.
        """
        self._raise(even_if_they_agree=True)

    def _raise(self, *, even_if_they_agree: bool) -> None:
        with self._database.system() as connection:
            alone(connection)
            newest = connection.execute(_NEWEST).scalar_one()
            standing = self.holds.generation()
            if standing == str(newest) and not even_if_they_agree:
                return
            raised = connection.execute(_RAISE, {"seen": int(standing or 0)}).scalar_one()
            failpoints.reach("counters.raised")
            # Within the transaction: a call that is held under it at once can leave once this has been committed.
            self.holds.found(raised)
        log.warning("money.generation", generation=raised, before=standing or None)

    def open(self, scopes: Iterable[Scope], generation: str) -> None:
        """Set these scopes under the generation in which they were missing.

        Raises as `rebuild`.
        """
        for scope in scopes:
            with self._database.system() as connection:
                stood = ledger.standing(connection, scope)
            self.holds.open(scope, generation, stood.spent_micro_usd, stood.under_way)
