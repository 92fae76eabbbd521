"""How budgets stand, read while counters come and go."""

from collections.abc import Callable, Sequence

import pytest
from redis import Redis

from orchestrator.money.balances import Balances
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds, Look
from orchestrator.settings import Settings
from orchestrator.storage import ledger
from orchestrator.storage.engine import Database
from orchestrator.work import scopes
from orchestrator.work.scopes import Claimed, Scope
from tests.integration.entries import entry
from tests.servers import Tenant

BOOKED = entry(700)
PLATFORM_MICRO_USD = 5_000


class Interrupted(Holds):
    """The real counters, to which something happens right after the first look at them."""

    then: Callable[[], None] | None = None

    def look(self, scopes: Sequence[Scope]) -> Look:
        found = super().look(scopes)
        happens, self.then = self.then, None
        if happens is not None:
            happens()
        return found


@pytest.fixture
def counters(redis: Redis, settings: Settings, database: Database) -> Counters:
    made = Counters(Interrupted(redis, settings.redis_prefix), database)
    made.rebuild()
    return made


@pytest.fixture
def balances(counters: Counters, database: Database) -> Balances:
    return Balances(counters, database, PLATFORM_MICRO_USD)


def claims(tenant: Tenant) -> list[Claimed]:
    asked = (scopes.of_platform(BOOKED.day), scopes.of_tenant(tenant.id, "month", BOOKED.day))
    return [Claimed(scope=scope, limit_micro_usd=PLATFORM_MICRO_USD) for scope in asked]


def book(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        assert ledger.book(connection, BOOKED)


def test_scopes_that_nobody_has_opened_stand_at_what_was_booked(
    balances: Balances, database: Database, tenant: Tenant
) -> None:
    book(database, tenant)

    found = balances.of(claims(tenant))

    assert [(one.spent_micro_usd, one.held_micro_usd) for one in found] == [(BOOKED.cost_micro_usd, 0)] * 2


def test_a_generation_that_turns_between_two_looks_is_read_from_the_rows(
    balances: Balances, counters: Counters, database: Database, tenant: Tenant
) -> None:
    """A call may have opened one of the scopes under the new generation, and not the other."""
    book(database, tenant)
    holds = counters.holds
    assert isinstance(holds, Interrupted)
    asked = claims(tenant)

    def turn() -> None:
        counters.renew()
        counters.open([asked[0].scope], holds.generation())

    holds.then = turn

    found = balances.of(asked)

    assert [one.scope for one in found] == [one.scope for one in asked]
    assert [one.spent_micro_usd for one in found] == [BOOKED.cost_micro_usd] * 2
