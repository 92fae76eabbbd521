"""Budgets are watched by rows and counters, and each crossing is announced once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from orchestrator.money.pace import end_of
from orchestrator.settings import Settings
from orchestrator.storage import budgets, ledger
from orchestrator.storage.engine import Database
from orchestrator.storage.ledger import Entry
from orchestrator.storage.money_tables import budget_events
from providers.calls import Target
from tasks import resources, watch_budgets
from tests.integration.workers_in_test import opened
from tests.servers import Tenant, new_tenant

TODAY = datetime.now(UTC).date()
TURN = end_of("day", TODAY)


@pytest.fixture(autouse=True)
def _in_a_worker(settings: Settings) -> Iterator[None]:
    with opened(settings):
        yield


def spend(database: Database, tenant: Tenant, name: str, micro_usd: int, *, days_ago: int = 0) -> None:
    entry = Entry(
        attempt_id=f"atm_{name}",
        kind="answer",
        job_id="job_a",
        seat=0,
        project="Apollo",
        day=TODAY - timedelta(days=days_ago),
        policy="balanced",
        served=Target(provider="openai", model="gpt-6-luna"),
        used=True,
        cost_micro_usd=micro_usd,
        price_version="test",
    )
    with database.tenant(tenant.id) as connection:
        assert ledger.book(connection, entry)


def limit(database: Database, tenant: Tenant, scope: str, micro_usd: int) -> None:
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, scope, "day", micro_usd)


def announced(database: Database) -> list[tuple[str, str, int, int]]:
    with database.system() as connection:
        rows = connection.execute(
            select(budget_events).order_by(
                budget_events.c.scope, budget_events.c.limit_micro_usd, budget_events.c.threshold
            )
        )
        return [(row.type, row.scope, row.limit_micro_usd, row.threshold) for row in rows]


def look_again() -> None:
    """What calls would do: their costs reach the counters."""
    resources.current().counters.renew()
    watch_budgets.watch_budgets()


def test_a_crossing_is_announced_once_however_many_look(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 860)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: watch_budgets.watch_budgets(), range(10)))

    assert announced(database) == [
        ("budget.threshold", "tenant", 1_000, 70),
        ("budget.threshold", "tenant", 1_000, 85),
    ]


def test_each_threshold_is_announced_when_it_is_reached(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "project:Apollo", 1_000)
    spend(database, tenant, "a", 699)
    watch_budgets.watch_budgets()
    before = announced(database)
    spend(database, tenant, "b", 1)
    look_again()
    at_70 = announced(database)
    spend(database, tenant, "c", 400)
    look_again()

    assert before == []
    assert at_70 == [("budget.threshold", "project:Apollo", 1_000, 70)]
    assert [row[3] for row in announced(database)] == [70, 85, 95, 100]


def test_a_changed_limit_is_a_new_line(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 700)
    watch_budgets.watch_budgets()
    limit(database, tenant, "tenant", 900)

    watch_budgets.watch_budgets()

    assert [(row[2], row[3]) for row in announced(database)] == [(900, 70), (1_000, 70)]


def test_what_was_spent_yesterday_is_another_day(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 5_000, days_ago=1)

    watch_budgets.watch_budgets()

    assert announced(database) == []


def test_a_new_day_is_announced_anew(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 700)
    spend(database, tenant, "b", 850, days_ago=-1)
    watch_budgets.watch_budgets()
    before = announced(database)

    watch_budgets.look(TURN + timedelta(hours=12))

    assert [row[3] for row in before] == [70]
    assert [row[3] for row in announced(database)] == [70, 70, 85]


def test_a_call_that_ends_after_its_day_still_crosses_that_days_limit(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 600)
    watch_budgets.watch_budgets()
    before = announced(database)
    spend(database, tenant, "b", 300)
    resources.current().counters.renew()

    for minutes in (1, 2):
        watch_budgets.look(TURN + timedelta(minutes=minutes))

    assert before == []
    assert [row[3] for row in announced(database)] == [70, 85]


def test_a_day_is_looked_back_at_for_an_hour(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 900)

    watch_budgets.look(TURN + watch_budgets.LOOKED_BACK_AT)

    assert announced(database) == []


@pytest.mark.parametrize(("ends_before", "lines"), [(timedelta(0), []), (timedelta(seconds=1), [70, 85, 95, 100])])
def test_a_day_that_has_ended_is_measured_by_the_limit_that_held_at_its_end(
    database: Database, tenant: Tenant, ends_before: timedelta, lines: list[int]
) -> None:
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, "tenant", "day", 1_000, override_micro_usd=4_000, override_until=TURN - ends_before)
    spend(database, tenant, "a", 1_500)

    watch_budgets.look(TURN + timedelta(minutes=1))

    assert [row[3] for row in announced(database)] == lines


def test_a_limit_that_is_set_after_a_day_does_not_judge_it(database: Database, tenant: Tenant) -> None:
    spend(database, tenant, "a", 900, days_ago=1)
    limit(database, tenant, "tenant", 1_000)

    watch_budgets.look(TURN - timedelta(days=1) + timedelta(minutes=1))

    assert announced(database) == []


def test_the_platforms_month_is_watched_over_all_tenants(
    database: Database, tenant: Tenant, settings: Settings
) -> None:
    most = settings.monthly_budget_micro_usd
    spend(database, tenant, "a", most // 2)
    spend(database, new_tenant(database, "globex"), "b", most // 4)

    watch_budgets.watch_budgets()

    rows = announced(database)
    assert ("budget.threshold", "platform", most, 70) in rows
    assert {row[1] for row in rows} == {"platform"}


def test_a_month_that_will_not_last_is_foretold_once(database: Database, tenant: Tenant) -> None:
    for back in range(60):
        spend(database, tenant, f"d{back}", 50_000_000, days_ago=back)
    this_month = TODAY.day * 50_000_000
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, "tenant", "month", this_month + 1)

    for _ in range(2):
        resources.current().forecasts_due.clear()
        watch_budgets.watch_budgets()

    found = [row for row in announced(database) if row[0] == "budget.forecast" and row[1] == "tenant"]
    assert found == [("budget.forecast", "tenant", this_month + 1, 100)]


def test_a_tenant_sees_the_announcements_of_its_own_budgets_alone(database: Database, tenant: Tenant) -> None:
    limit(database, tenant, "tenant", 1_000)
    spend(database, tenant, "a", 700)
    watch_budgets.watch_budgets()
    other = new_tenant(database, "globex")

    with database.tenant(other.id) as connection:
        assert connection.execute(text("SELECT count(*) FROM budget_events")).scalar_one() == 0
