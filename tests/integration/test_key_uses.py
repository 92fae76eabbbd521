"""When keys were used last: written by a thread, a key once a minute at most, and never back in time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api.key_uses import AGAIN_S, MOST, KeyUses
from orchestrator.storage import api_keys
from orchestrator.storage.engine import Database
from orchestrator.storage.tables import api_keys as table
from orchestrator.tenancy.keys import Principal, authenticate
from tests.acceptance.processes import until
from tests.servers import PEPPER, Tenant, new_tenant

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def principal(database: Database, tenant: Tenant) -> Principal:
    with database.tenant("") as connection:
        return authenticate(connection, tenant.key, PEPPER)


def last_used(database: Database, tenant: Tenant) -> datetime | None:
    with database.system() as connection:
        found: datetime | None = connection.execute(
            select(table.c.last_used_at).where(table.c.tenant_id == tenant.id)
        ).scalar_one()
        return found


class Clock:
    """Both clocks of a process, which go on together: `s` seconds after noon."""

    def __init__(self) -> None:
        self.s = 0.0

    def uses(self, database: Database) -> KeyUses:
        return KeyUses(database, lambda: NOON + timedelta(seconds=self.s), lambda: self.s)


def test_a_first_use_is_written_at_once_and_the_next_after_a_minute(database: Database, tenant: Tenant) -> None:
    clock, caller = Clock(), principal(database, tenant)
    uses, before, written = clock.uses(database), last_used(database, tenant), []

    for second in range(0, 121, 30):
        clock.s = second
        uses.note(caller)
        written.append(uses.write())

    assert before is None
    assert written == [1, 0, 1, 0, 1]
    assert AGAIN_S == 60
    assert last_used(database, tenant) == NOON + 2 * MINUTE


def test_what_came_meanwhile_is_written_when_its_minute_is_over(database: Database, tenant: Tenant) -> None:
    clock, caller = Clock(), principal(database, tenant)
    uses = clock.uses(database)
    uses.note(caller)
    uses.write()
    clock.s = 30
    uses.note(caller)

    early = uses.write()
    clock.s = AGAIN_S

    assert (early, uses.write(), uses.write()) == (0, 1, 0)
    assert last_used(database, tenant) == NOON + MINUTE / 2


def test_a_process_that_is_behind_takes_no_time_back(database: Database, tenant: Tenant) -> None:
    clock, caller = Clock(), principal(database, tenant)
    for second in (0, -60):
        clock.s = second
        uses = clock.uses(database)
        uses.note(caller)
        uses.write()

    assert last_used(database, tenant) == NOON


def test_keys_of_all_tenants_are_written_in_one_statement_and_nobody_else(database: Database) -> None:
    first, second, silent = (new_tenant(database, name) for name in ("acme", "globex", "initech"))
    uses = Clock().uses(database)
    for tenant in (second, first):
        uses.note(principal(database, tenant))

    assert uses.write() == 2
    assert [last_used(database, one) for one in (first, second, silent)] == [NOON, NOON, None]


def test_a_flood_of_keys_is_forgotten_and_not_kept_for_ever(database: Database) -> None:
    uses = Clock().uses(database)
    for number in range(MOST):
        uses.note(Principal(tenant="ten_a", key_id=f"key_{number}", scopes=frozenset(), environment="test"))
    uses.write()
    uses.note(Principal(tenant="ten_a", key_id="one more", scopes=frozenset(), environment="test"))

    uses.write()

    assert len(uses._written) == 1


def test_the_thread_writes_and_the_end_leaves_nothing_unwritten(database: Database, tenant: Tenant) -> None:
    clock, caller = Clock(), principal(database, tenant)
    uses = clock.uses(database)
    uses.start()
    uses.note(caller)
    until(lambda: last_used(database, tenant) == NOON, "the first use is written")
    clock.s = 30
    uses.note(caller)

    uses.stop()

    assert last_used(database, tenant) == NOON + MINUTE / 2


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT digest FROM api_keys",
        "SELECT * FROM api_keys",
        "UPDATE api_keys SET scopes = '{ops}'",
        "UPDATE api_keys SET digest = ''",
        "UPDATE api_keys SET tenant_id = 'ten_other'",
        "UPDATE api_keys SET last_used_at = now()",
        "DELETE FROM api_keys",
        "INSERT INTO api_keys (tenant_id, id, name, digest, scopes) VALUES ('ten_other', 'key_x', 'x', '', '{}')",
    ],
)
def test_the_rights_of_the_table_hold_what_the_code_promises(
    database: Database, tenant: Tenant, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.tenant(tenant.id) as connection:
        connection.execute(text(statement))


def test_a_tenant_sees_its_own_keys_alone(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")

    with database.tenant(other.id) as connection:
        rows = api_keys.page(connection, limit=10, before=None)

    assert len(rows) == 1
    assert principal(database, other).key_id == rows[0].id
