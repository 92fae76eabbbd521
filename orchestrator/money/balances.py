"""How the budgets of a tenant stand: limits from rows, counters from Redis, or from rows as well while Redis is away.

For admission and for people. Nobody may spend by what is read here: that takes a hold.
"""

from collections.abc import Sequence
from datetime import date

import structlog
from redis.exceptions import RedisError

from orchestrator.money.counters import Counters
from orchestrator.storage import ledger
from orchestrator.storage.engine import Database
from orchestrator.work.scopes import Balance, Claimed, Limits, Scope, of_periods

log = structlog.get_logger()


class Balances:
    """Reads balances. Any number of threads may share one.

    Args:
        platform_micro_usd: what all tenants together may spend in a month.
    """

    def __init__(self, counters: Counters, database: Database, platform_micro_usd: int) -> None:
        self._counters = counters
        self._database = database
        self._platform_micro_usd = platform_micro_usd

    def limited(self, tenant: str, project: str | None, day: date, limits: Limits) -> tuple[Balance, ...]:
        """Those that have a limit, of the periods to which that day belongs.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        claimed = of_periods(tenant, project, day, limits, self._platform_micro_usd)
        return self.of([one for one in claimed if one.limit_micro_usd is not None])

    def of(self, claimed: Sequence[Claimed]) -> tuple[Balance, ...]:
        """The balances of these scopes, in their order. Raises Unavailable: PostgreSQL is away."""
        scopes = [one.scope for one in claimed]
        found = self._counted(scopes) or [self._booked(scope) for scope in scopes]
        return tuple(
            Balance(scope=one.scope, limit_micro_usd=one.limit_micro_usd, spent_micro_usd=spent, held_micro_usd=held)
            for one, (spent, held) in zip(claimed, found, strict=True)
        )

    def _counted(self, scopes: Sequence[Scope]) -> list[tuple[int, int]] | None:
        """Spent and held by the counters, which are set where they are missing. None: they cannot be read."""
        try:
            look = self._counters.holds.look(scopes)
            if not look.generation:
                self._counters.rebuild()
                look = self._counters.holds.look(scopes)
            missing = [scope for scope, one in zip(scopes, look.scopes, strict=True) if one.spent is None]
            if missing:
                self._counters.open(missing, look.generation)
                look = self._counters.holds.look(scopes)
        except RedisError as error:
            log.warning("money.counters_away", error=type(error).__name__)
            return None
        found = [(one.spent, one.held or 0) for one in look.scopes if one.spent is not None]
        return found if len(found) == len(scopes) else None

    def _booked(self, scope: Scope) -> tuple[int, int]:
        with self._database.system() as connection:
            stood = ledger.standing(connection, scope)
        return stood.spent_micro_usd, sum(bound for _, bound in stood.under_way)
