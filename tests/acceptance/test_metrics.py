"""`/metrics`: what a scrape finds, parsed by Prometheus' own parser; no word of it names a tenant."""

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestrator.storage import budgets, reports, tenants
from orchestrator.work.announcements import BudgetEvent
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.integration.entries import OPUS, entry
from tests.servers import Addresses

CANARY = "Operation Nightingale"


@pytest.fixture
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


def scraped(alone: Alone) -> tuple[dict[tuple[str, frozenset[str]], float], str]:
    """Every sample by its name and the values of its labels, and the page itself."""
    answer = alone.tenant("ops").ask("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    return found, answer.text


def spend(caller: Caller) -> None:
    with caller.database.tenant(caller.tenant.id) as connection:
        today = reports.now(connection).date().isoformat()
    caller.book(
        entry(1_250_000, today, project=CANARY),
        entry(500_000, today, served=OPUS),
        entry(70, today, kind="ambiguous", usage=None),
        entry(9_000_000, "2020-01-01"),
    )


def test_a_scrape_tells_what_all_tenants_have_spent_and_may_spend(alone: Alone) -> None:
    for caller in (alone.tenant(), alone.tenant()):
        spend(caller)

    found, _ = scraped(alone)

    assert found["meetingmind_platform_budget_limit_usd", frozenset()] == 5_000
    assert found["meetingmind_platform_budget_spent_usd", frozenset()] == pytest.approx(3.50014)
    assert found["meetingmind_spend_usd", frozenset({"openai", "gpt-6-luna"})] == pytest.approx(2.50014)
    assert found["meetingmind_spend_usd", frozenset({"anthropic", "claude-opus-5-5"})] == 1.0
    assert found["meetingmind_calls_of_unknown_fate", frozenset()] == 2


def test_a_scrape_tells_of_limits_crossings_and_stops_without_naming_anybody(alone: Alone) -> None:
    caller = alone.tenant()
    spend(caller)
    event = BudgetEvent(
        type="budget.threshold",
        scope=f"project:{CANARY}",
        period="month",
        period_start=entry(1).day,
        threshold=85,
        limit_micro_usd=1,
        data={"said": CANARY},
    )
    with caller.database.tenant(caller.tenant.id) as connection:
        budgets.put(connection, f"project:{CANARY}", "month", 10)
        budgets.announce(connection, caller.tenant.id, event)
        tenants.stop(connection, caller.tenant.id, CANARY)

    found, page = scraped(alone)

    assert found["meetingmind_budget_limits", frozenset({"project", "month"})] == 1
    assert found["meetingmind_budgets_reached", frozenset({"project", "month", "100"})] == 1
    assert found["meetingmind_budget_used_most", frozenset({"project", "month"})] == 125_000
    assert found["meetingmind_budget_events_total", frozenset({"budget.threshold", "85"})] == 1
    assert found["meetingmind_admission_stopped_tenants", frozenset()] == 1
    assert CANARY not in page
    assert caller.tenant.id not in page
