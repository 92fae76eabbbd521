"""Reports on a real PostgreSQL: every figure is a sum of the tenant's own rows, and nothing is left out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.storage import ledger, reports
from orchestrator.storage.engine import Database
from orchestrator.storage.ledger import Entry
from orchestrator.work.sums import GroupBy, Span, Sums, Tokens
from tests.integration.entries import OPUS, USAGE, entry
from tests.servers import Tenant, new_tenant

SPAN = Span(first=date(2026, 11, 1), last=date(2026, 11, 30))


def book(database: Database, tenant: Tenant, *entries: Entry) -> None:
    with database.tenant(tenant.id) as connection:
        for one in entries:
            assert ledger.book(connection, one)


def grouped(database: Database, tenant: Tenant, by: GroupBy, span: Span = SPAN) -> list[tuple[str | None, int, int]]:
    with database.tenant(tenant.id) as connection:
        rows = reports.grouped(connection, by, span)
    return [(row.key, row.sums.cost_micro_usd, row.sums.calls) for row in rows]


@pytest.fixture
def spent(database: Database, tenant: Tenant) -> Tenant:
    """A tenant with calls of two models, two projects, two policies and three days."""
    book(
        database,
        tenant,
        entry(900, "2026-11-02", project="crm"),
        entry(50, "2026-11-10", served=OPUS, project="crm", policy="quality"),
        entry(30, "2026-11-10", project="web"),
        entry(7, "2026-11-30"),
    )
    return tenant


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("day", [("2026-11-02", 900, 1), ("2026-11-10", 80, 2), ("2026-11-30", 7, 1)]),
        ("model", [("openai/gpt-6-luna", 937, 3), ("anthropic/claude-opus-5-5", 50, 1)]),
        ("provider", [("openai", 937, 3), ("anthropic", 50, 1)]),
        ("project", [("crm", 950, 2), ("web", 30, 1), (None, 7, 1)]),
        ("policy", [("balanced", 937, 3), ("quality", 50, 1)]),
    ],
)
def test_costs_are_added_up_by_what_is_asked(
    database: Database, spent: Tenant, by: GroupBy, rows: list[tuple[str | None, int, int]]
) -> None:
    assert grouped(database, spent, by) == rows


def test_both_ends_of_the_days_count_and_no_day_beside_them(database: Database, spent: Tenant) -> None:
    inner = Span(first=date(2026, 11, 2), last=date(2026, 11, 10))
    between = Span(first=date(2026, 11, 3), last=date(2026, 11, 9))

    assert grouped(database, spent, "policy", inner) == [("balanced", 930, 2), ("quality", 50, 1)]
    assert grouped(database, spent, "policy", between) == []


@pytest.mark.parametrize("by", ["day", "model", "provider", "project", "policy"])
@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_the_rows_add_up_to_the_whole_however_few_are_shown(
    database: Database, spent: Tenant, by: GroupBy, most: int
) -> None:
    with database.tenant(spent.id) as connection:
        rows = reports.grouped(connection, by, SPAN, most)
        whole = reports.total(connection, SPAN)
        every = reports.grouped(connection, by, SPAN)

    assert sum(row.sums.cost_micro_usd for row in rows) == whole.cost_micro_usd == 987
    assert sum(row.sums.calls for row in rows) == whole.calls == 4
    assert sum(row.sums.tokens.input_tokens for row in rows) == whole.tokens.input_tokens == 400
    assert len(rows) == min(len(every), most + 1)
    assert sum(row.groups for row in rows) == len(every)


def test_what_is_beyond_the_first_groups_stands_in_one_row_at_the_end(database: Database, spent: Tenant) -> None:
    with database.tenant(spent.id) as connection:
        rows = reports.grouped(connection, "project", SPAN, most=1)

    assert [(row.key, row.groups, row.sums.cost_micro_usd) for row in rows] == [("crm", 1, 950), (None, 2, 37)]


def test_each_class_of_tokens_is_added_up_by_itself(database: Database, tenant: Tenant) -> None:
    book(database, tenant, entry(1), entry(2))

    with database.tenant(tenant.id) as connection:
        found = reports.total(connection, SPAN)

    assert found.tokens == Tokens(
        input_tokens=200, cached_input_tokens=40, cache_write_tokens=10, output_tokens=60, reasoning_tokens=14
    )


def test_the_sums_of_nothing_are_nothing(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        assert reports.total(connection, SPAN) == Sums()
        assert reports.grouped(connection, "day", SPAN) == []
        assert reports.history(connection, SPAN) == {}


def test_a_corrected_call_counts_once_and_is_known_after_all(database: Database, tenant: Tenant) -> None:
    unknown = entry(500, kind="ambiguous", used=False, usage=None)
    other = entry(400, kind="ambiguous", used=False, usage=None)
    corrected = entry(-380, kind="correction", attempt_id=unknown.attempt_id, served=OPUS)
    adopted = entry(0, kind="adoption", attempt_id=unknown.attempt_id, usage=None)
    book(database, tenant, unknown, other, corrected, adopted)

    with database.tenant(tenant.id) as connection:
        found = reports.total(connection, SPAN)
        by_model = {row.key: row.sums for row in reports.grouped(connection, "model", SPAN)}

    assert (found.cost_micro_usd, found.calls, found.unknown) == (520, 2, 1)
    assert by_model["openai/gpt-6-luna"].unknown == 1
    assert (by_model["anthropic/claude-opus-5-5"].cost_micro_usd, by_model["anthropic/claude-opus-5-5"].calls) == (
        -380,
        0,
    )


def test_calls_whose_tokens_we_counted_ourselves_are_told_apart(database: Database, tenant: Tenant) -> None:
    book(database, tenant, entry(1, usage=USAGE.model_copy(update={"estimated": True})), entry(2))

    with database.tenant(tenant.id) as connection:
        found = reports.total(connection, SPAN)

    assert (found.calls, found.estimated) == (2, 1)


def test_another_tenants_rows_are_in_no_sum(database: Database, spent: Tenant) -> None:
    stranger = new_tenant(database, "globex")
    book(database, stranger, entry(1_000_000, project="crm"))

    with database.tenant(spent.id) as connection:
        whole = reports.total(connection, SPAN)
        past = reports.histories(connection, SPAN, ["crm"])
    with database.tenant(stranger.id) as connection:
        theirs = reports.total(connection, SPAN)

    assert (whole.cost_micro_usd, theirs.cost_micro_usd) == (987, 1_000_000)
    assert sum(past["crm"].values()) == 950


def test_the_past_of_a_tenant_and_of_its_projects_is_told_by_day(database: Database, spent: Tenant) -> None:
    with database.tenant(spent.id) as connection:
        whole = reports.history(connection, SPAN)
        parts = reports.histories(connection, SPAN, ["crm", "web", "idle"])

    assert whole == {date(2026, 11, 2): 900, date(2026, 11, 10): 80, date(2026, 11, 30): 7}
    assert parts == {
        "crm": {date(2026, 11, 2): 900, date(2026, 11, 10): 50},
        "web": {date(2026, 11, 10): 30},
    }


def test_the_platforms_past_spans_all_tenants(database: Database, spent: Tenant) -> None:
    book(database, new_tenant(database, "globex"), entry(13, "2026-11-30"))

    with database.system() as connection:
        whole = reports.history(connection, SPAN)

    assert whole[date(2026, 11, 30)] == 20


def test_the_clock_is_postgresqls_in_utc(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        found = reports.now(connection)

    assert found.utcoffset() == timedelta(0)
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=5)
