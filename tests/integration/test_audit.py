"""The log of acts of administration as rows: no gap, no fork, no change; and what a superuser's hand leaves behind."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.storage.migrate import downgrade, upgrade
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import HOUSE, Act, Action, Actor
from orchestrator.tenancy.chain import Anchor, Entry, Fault, verify
from providers.calls import JsonObject
from tests.servers import Tenant, new_tenant

WRITERS = 8
ACTS_EACH = 12


def act(number: int) -> Act:
    after: JsonObject = {"limit_usd": f"{number}.000000", "names": ["Zoë"]}
    return Act(action=Action.BUDGET_SET, object="budgets/tenant/month", before=None, after=after)


def note(database: Database, tenant: str, count: int = 1) -> None:
    for number in range(count):
        with database.tenant(tenant) as connection:
            audit.record(connection, Actor(tenant=tenant, name="key_a", request_id="req_a"), act(number))


def note_and_fail(database: Database, tenant: str) -> None:
    with database.tenant(tenant) as connection:
        audit.record(connection, Actor(tenant=tenant, name="key_a"), act(1))
        raise ZeroDivisionError


def whole(database: Database, tenant: str, size: int = 5) -> list[Entry]:
    """A tenant's log from its beginning, page by page."""
    found: list[Entry] = []
    while True:
        with database.tenant(tenant) as connection:
            page = audit.page(connection, found[-1].sequence if found else 0, size)
        if not page:
            return found
        found += page


def sequences(entries: Sequence[Entry]) -> list[int]:
    return [entry.sequence for entry in entries]


def fault_after(settings: Settings, database: Database, tenant: str, *statements: str) -> Fault | None:
    """What a check finds once a superuser has done this, past all triggers."""
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            done = connection.execute(statement.encode(), {"tenant": tenant})
            assert done.rowcount > 0, statement
    return verify(whole(database, tenant)).fault


def test_each_tenants_entries_are_numbered_from_one_and_chained(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")
    note(database, tenant.id, 7)
    note(database, other.id, 2)

    mine, theirs = whole(database, tenant.id), whole(database, other.id)

    assert (sequences(mine), sequences(theirs)) == ([1, 2, 3, 4, 5, 6, 7], [1, 2])
    assert verify(mine).fault is None
    assert verify(theirs).fault is None
    assert {entry.hash for entry in mine}.isdisjoint(entry.hash for entry in theirs)


def test_an_entry_says_who_did_what_in_which_request(database: Database, tenant: Tenant) -> None:
    note(database, tenant.id)

    (entry,) = whole(database, tenant.id)

    assert (entry.tenant_id, entry.actor, entry.request_id) == (tenant.id, "key_a", "req_a")
    assert (entry.action, entry.object) == ("budget.set", "budgets/tenant/month")
    assert (entry.before, entry.after) == (None, {"limit_usd": "0.000000", "names": ["Zoë"]})


def test_an_act_that_is_undone_leaves_neither_entry_nor_gap(database: Database, tenant: Tenant) -> None:
    note(database, tenant.id)
    with pytest.raises(ZeroDivisionError):
        note_and_fail(database, tenant.id)
    note(database, tenant.id)

    found = whole(database, tenant.id)

    assert sequences(found) == [1, 2]
    assert verify(found).fault is None


def test_acts_at_once_make_one_chain(database: Database, tenant: Tenant) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        [*pool.map(lambda _: note(database, tenant.id, ACTS_EACH), range(WRITERS))]

    verdict = verify(whole(database, tenant.id, size=50))

    assert (verdict.entries, verdict.fault) == (WRITERS * ACTS_EACH, None)


def test_several_acts_of_one_transaction_follow_each_other(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        audit.hold(connection, tenant.id)
        for number in range(3):
            audit.record(connection, Actor(tenant=tenant.id, name="key_a"), act(number))

    found = whole(database, tenant.id)

    assert sequences(found) == [1, 2, 3]
    assert verify(found).fault is None


def test_one_tenants_acts_do_not_wait_for_anothers(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")
    with database.tenant(tenant.id) as held:
        audit.record(held, Actor(tenant=tenant.id, name="key_a"), act(1))
        with database.system() as connection:
            halves = text("SELECT hashtext(:one) = hashtext(:other)")
            met = connection.execute(halves, {"one": tenant.id, "other": other.id}).scalar_one()

        if not met:
            note(database, other.id)  # would fail after `lock_timeout` if it had to wait

    assert sequences(whole(database, tenant.id)) == [1]


def test_a_page_holds_what_was_asked_for(database: Database, tenant: Tenant) -> None:
    actor = Actor(tenant=tenant.id, name="key_a")
    with database.tenant(tenant.id) as connection:
        for name in ("whk_a", "whk_b", "whk_a"):
            audit.record(connection, actor, Act(action=Action.WEBHOOK_CHANGED, object=name))
        audit.record(connection, actor, Act(action=Action.WEBHOOK_DELETED, object="whk_a"))

        by_object = audit.page(connection, 0, 10, about="whk_a")
        by_action = audit.page(connection, 0, 10, action=Action.WEBHOOK_DELETED)
        by_both = audit.page(connection, 1, 10, action=Action.WEBHOOK_CHANGED, about="whk_a")

    assert (sequences(by_object), sequences(by_action), sequences(by_both)) == ([1, 3, 4], [4], [3])


def test_what_concerns_all_stands_in_the_log_of_who_did_it_and_in_that_of_the_house(
    database: Database, tenant: Tenant
) -> None:
    other = new_tenant(database, "globex")
    note(database, tenant.id)
    reset = Act(action=Action.CIRCUITS_RESET, object="circuits/openai")
    with database.system() as connection:
        audit.record_for_all(connection, Actor(tenant=tenant.id, name="key_a"), reset)

    mine, house = whole(database, tenant.id), whole(database, HOUSE)

    assert [entry.action for entry in mine] == ["budget.set", "circuits.reset"]
    assert [(entry.actor, entry.action) for entry in house] == [("key_a", "circuits.reset")]
    assert verify(mine).fault is verify(house).fault is None
    assert whole(database, other.id) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"])
def test_no_role_of_ours_can_change_an_entry(database: Database, tenant: Tenant, statement: str) -> None:
    note(database, tenant.id)

    with pytest.raises(DBAPIError, match="permission denied"), database.tenant(tenant.id) as connection:
        connection.execute(text(statement))
    with pytest.raises(DBAPIError, match="permission denied"), database.system() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_entries", "budget_versions"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET tenant_id = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_owner_of_the_tables_is_refused_too(
    settings: Settings, database: Database, tenant: Tenant, table: str, statement: str
) -> None:
    note(database, tenant.id)
    with database.tenant(tenant.id) as connection:
        connection.execute(text("INSERT INTO budget_versions (scope, period, version) VALUES ('tenant', 'day', 1)"))
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://", 1)

    refused = pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="never changed")
    with refused, psycopg.connect(url) as as_owner:
        as_owner.execute(statement.format(table).encode())

    assert sequences(whole(database, tenant.id)) == [1]


def test_a_tenant_writes_into_no_other_log(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")

    for foreign in (other.id, HOUSE):
        with pytest.raises(DBAPIError, match="row-level security"), database.tenant(tenant.id) as connection:
            audit.record(connection, Actor(tenant=foreign, name="key_a"), act(1))


def test_an_entry_that_was_edited_is_named(settings: Settings, database: Database, tenant: Tenant) -> None:
    note(database, tenant.id, 6)
    edited = 'UPDATE audit_entries SET after = \'{"limit_usd": "9"}\' WHERE tenant_id = %(tenant)s AND sequence = 3'

    fault = fault_after(settings, database, tenant.id, edited)

    assert fault == Fault(sequence=3, why="its digest is not that of what it says")


def test_an_entry_that_was_deleted_from_the_middle_is_named(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    note(database, tenant.id, 6)
    deleted = "DELETE FROM audit_entries WHERE tenant_id = %(tenant)s AND sequence = 4"

    fault = fault_after(settings, database, tenant.id, deleted)

    assert fault == Fault(sequence=4, why="entry 5 stands in the place of 4")


def test_entries_that_changed_places_are_named(settings: Settings, database: Database, tenant: Tenant) -> None:
    note(database, tenant.id, 6)
    move = "UPDATE audit_entries SET sequence = {} WHERE tenant_id = %(tenant)s AND sequence = {}"

    swapped = [move.format(to, since) for to, since in ((99, 2), (2, 3), (3, 99))]
    fault = fault_after(settings, database, tenant.id, *swapped)

    assert fault is not None
    assert fault.sequence == 2


def test_a_gap_that_was_closed_by_renumbering_is_named(settings: Settings, database: Database, tenant: Tenant) -> None:
    note(database, tenant.id, 3)
    fault = fault_after(
        settings,
        database,
        tenant.id,
        "DELETE FROM audit_entries WHERE tenant_id = %(tenant)s AND sequence = 2",
        "UPDATE audit_entries SET sequence = 2 WHERE tenant_id = %(tenant)s AND sequence = 3",
    )

    assert fault is not None
    assert fault.sequence == 2


def test_a_missing_end_is_found_by_what_was_noted_elsewhere_and_by_nothing_else(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    note(database, tenant.id, 6)
    noted = verify(whole(database, tenant.id)).last
    cut = "DELETE FROM audit_entries WHERE tenant_id = %(tenant)s AND sequence > 4"

    unaware = fault_after(settings, database, tenant.id, cut)
    aware = verify(whole(database, tenant.id), noted).fault

    assert unaware is None
    assert isinstance(noted, Anchor)
    assert aware is not None
    assert aware.sequence == 5


def test_the_clock_of_the_log_never_goes_back(settings: Settings, database: Database, tenant: Tenant) -> None:
    note(database, tenant.id)
    ahead = "UPDATE audit_entries SET at = at + interval '1 hour' WHERE tenant_id = %(tenant)s"
    fault_after(settings, database, tenant.id, ahead)

    note(database, tenant.id)

    first, second = whole(database, tenant.id)
    assert first.at <= second.at


def test_what_the_log_needs_can_be_taken_back_and_made_again(database_url: str) -> None:
    downgrade(database_url, "0022")
    upgrade(database_url)


def test_limits_that_were_set_before_are_the_first_versions(
    settings: Settings, database: Database, tenant: Tenant, database_url: str
) -> None:
    downgrade(database_url, "0022")
    with database.tenant(tenant.id) as connection:
        set_both = (
            "INSERT INTO budgets (scope, period, limit_micro_usd) VALUES ('tenant', 'day', 5), ('tenant', 'month', 7)"
        )
        connection.execute(text(set_both))
    upgrade(database_url)

    with database.tenant(tenant.id) as connection:
        asked = text("SELECT scope, period, version, limit_micro_usd, set_by FROM budget_versions ORDER BY period")
        rows = [tuple(row) for row in connection.execute(asked)]

    assert rows == [("tenant", "day", 1, 5, None), ("tenant", "month", 1, 7, None)]
