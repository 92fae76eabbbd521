"""The page for Prometheus, from real rows: how far limits are used, how long it is kept, what a lost store costs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from redis import Redis

from api.app import build
from api.metrics import KEPT_S, Figures
from orchestrator import broker
from orchestrator.errors import Unavailable
from orchestrator.money.balances import Balances
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds
from orchestrator.settings import Settings
from orchestrator.storage import budgets, ledger, reports
from orchestrator.storage.engine import Database, connect
from tests.integration.entries import entry
from tests.servers import Tenant, new_tenant

NOBODY = "postgresql://nobody@localhost:1/none"  # a port on which nothing listens


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def today(database: Database) -> date:
    with database.system() as connection:
        return reports.now(connection).astimezone(UTC).date()


@pytest.fixture
def figures(database: Database, redis: Redis, redis_prefix: str, clock: Clock) -> Figures:
    return of(database, redis, redis_prefix, clock)


@pytest.fixture
def away(redis: Redis, redis_prefix: str, clock: Clock) -> Iterator[Figures]:
    database = connect(NOBODY, pool_size=1, name="test")
    yield of(database, redis, redis_prefix, clock)
    database.close()


def of(database: Database, redis: Redis, prefix: str, clock: Clock) -> Figures:
    balances = Balances(Counters(Holds(redis, prefix), database), database, 1_000_000)
    return Figures(database, balances, 1_000_000, lambda: broker.message_counts(redis, prefix), clock)


def spend(database: Database, tenant: Tenant, micro_usd: int, day: date, project: str | None = None) -> None:
    with database.tenant(tenant.id) as connection:
        assert ledger.book(connection, entry(micro_usd, day.isoformat(), project=project))


def limit(database: Database, tenant: Tenant, scope: str, period: str, micro_usd: int) -> None:
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, scope, "day" if period == "day" else "month", micro_usd)


def samples(page: bytes, name: str) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(page.decode())
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(value for _, value in sample.labels.items()): sample.value for sample in found}


def test_limits_are_counted_by_how_far_they_are_used(
    database: Database, tenant: Tenant, figures: Figures, today: date
) -> None:
    other = new_tenant(database, "globex")
    for whose, spent in ((tenant, 849_999), (other, 700_000)):
        limit(database, whose, "tenant", "day", 1_000_000)
        spend(database, whose, spent, today)

    page = figures.page()

    assert samples(page, "meetingmind_budget_limits") == {("tenant", "day"): 2}
    assert samples(page, "meetingmind_budget_used_most") == {("tenant", "day"): 0.849999}
    assert samples(page, "meetingmind_budgets_reached") == {
        ("tenant", "day", "70"): 2,
        ("tenant", "day", "85"): 0,
        ("tenant", "day", "95"): 0,
        ("tenant", "day", "100"): 0,
    }


def test_a_project_is_measured_by_its_own_calls_and_its_tenant_by_all(
    database: Database, tenant: Tenant, figures: Figures, today: date
) -> None:
    for scope in ("tenant", "project:Apollo", "project:Idle"):
        limit(database, tenant, scope, "month", 1_000)
    spend(database, tenant, 300, today, "Apollo")
    spend(database, tenant, 100, today, "Gemini")
    spend(database, tenant, 400, today)

    page = figures.page()

    assert samples(page, "meetingmind_budget_used_most") == {("tenant", "month"): 0.8, ("project", "month"): 0.3}


def test_a_day_and_a_month_are_each_measured_by_their_own_days(
    database: Database, tenant: Tenant, figures: Figures, today: date
) -> None:
    limit(database, tenant, "tenant", "day", 1_000)
    limit(database, tenant, "tenant", "month", 1_000)
    spend(database, tenant, 100, today)
    spend(database, tenant, 500, today.replace(day=1))
    spend(database, tenant, 9_000, today.replace(day=1) - timedelta(days=1))

    page = figures.page()

    of_day = 0.6 if today.day == 1 else 0.1
    assert samples(page, "meetingmind_budget_used_most") == {("tenant", "day"): of_day, ("tenant", "month"): 0.6}


def test_a_limit_of_nothing_is_reached_and_an_override_counts_in_a_limits_place(
    database: Database, tenant: Tenant, figures: Figures, today: date
) -> None:
    limit(database, tenant, "project:Shut", "day", 0)
    with database.tenant(tenant.id) as connection:
        until = datetime.now(UTC) + timedelta(days=2)
        budgets.put(connection, "tenant", "day", 1_000, override_micro_usd=4_000, override_until=until)
    spend(database, tenant, 1_000, today)

    page = figures.page()

    assert samples(page, "meetingmind_budget_used_most") == {("tenant", "day"): 0.25, ("project", "day"): 1.0}
    assert samples(page, "meetingmind_budgets_reached")["project", "day", "100"] == 1
    assert samples(page, "meetingmind_budgets_reached")["tenant", "day", "70"] == 0


def test_a_page_is_kept_for_a_few_seconds(
    database: Database, tenant: Tenant, figures: Figures, today: date, clock: Clock
) -> None:
    first = figures.page()
    spend(database, tenant, 1_000, today)

    clock.now = KEPT_S
    kept = figures.page()
    clock.now = KEPT_S + 0.1

    assert kept == first
    assert samples(figures.page(), "meetingmind_spend_usd") == {("gpt-6-luna", "openai"): 0.001}


def test_that_the_store_is_away_is_found_out_once_for_all_who_ask(away: Figures, clock: Clock) -> None:
    def fails(_: int) -> object:
        with pytest.raises(Unavailable) as failed:
            away.page()
        return failed.value.__cause__

    with ThreadPoolExecutor(8) as pool:
        causes = set(pool.map(fails, range(16)))
    clock.now = KEPT_S + 0.1

    assert len(causes) == 1
    assert fails(0) not in causes


def test_a_scrape_without_the_store_is_answered_as_a_problem(settings: Settings) -> None:
    without = settings.model_copy(update={"database_url": SecretStr(NOBODY)})

    with TestClient(build(without)) as client:
        answer = client.get("/metrics", headers={"Authorization": "Bearer mm_test_nobody"})

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


def test_messages_that_no_worker_took_in_are_counted_by_their_end(
    redis: Redis, redis_prefix: str, figures: Figures
) -> None:
    for what in ("refused", "refused", "returned"):
        broker.count_message(redis, redis_prefix, what)

    page = figures.page()

    assert samples(page, "meetingmind_messages_total") == {("refused",): 2, ("returned",): 1}
    assert samples(page, "meetingmind_returned_messages") == {(): 0}
