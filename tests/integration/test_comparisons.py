"""The sums that savings are made of, from rows of every kind."""

from datetime import date

import pytest

from orchestrator.money.savings import LEVERS, JobSums, Reference, savings
from orchestrator.storage import comparisons, ledger, reports
from orchestrator.storage.comparisons import Compared
from orchestrator.storage.engine import Database
from orchestrator.storage.ledger import Entry
from orchestrator.work.sums import Span
from providers.calls import Target
from providers.comparison import Comparison
from tests.integration.entries import entry
from tests.servers import Tenant, new_tenant

SPAN = Span(first=date(2026, 11, 1), last=date(2026, 11, 30))
REFERENCE = "anthropic/claude-opus-5-5"
BUILT_IN = Target(provider="extractive", model="cue-rules")


def compared(cost_micro_usd: int, job: str = "job_1", times: int = 1, **changed: object) -> Entry:
    """An answer that would have cost a hundred at the reference, forty direct, thirty cached, twenty at its tier."""
    figures = Comparison(
        reference_micro_usd=100 * times,
        direct_micro_usd=40 * times,
        cached_micro_usd=30 * times,
        tier_micro_usd=20 * times,
    )
    values = {"job_id": job, "reference": REFERENCE, "comparison": figures}
    return entry(cost_micro_usd, **(values | changed))  # type: ignore[arg-type]  # fields of an Entry


def book(database: Database, tenant: Tenant, *entries: Entry) -> list[Compared]:
    """Returns the sums after it."""
    with database.tenant(tenant.id) as connection:
        for one in entries:
            assert ledger.book(connection, one)
        return comparisons.compared(connection, SPAN, REFERENCE, ["extractive"])


def sums(used: int, cost: int, *, times: int | None = None, wasted: int = 0, left_out: int = 0) -> Compared:
    """`times` as many answers as `used` ones of one job."""
    times = used if times is None else times
    return Compared(
        used=used,
        reference_micro_usd=100 * times,
        direct_micro_usd=40 * times,
        cached_micro_usd=30 * times,
        tier_micro_usd=20 * times,
        cost_micro_usd=cost,
        wasted_micro_usd=wasted,
        left_out=left_out,
    )


def test_jobs_are_added_up_by_how_many_answers_they_used(database: Database, tenant: Tenant) -> None:
    found = book(
        database,
        tenant,
        compared(22, "job_1"),
        compared(23, "job_1"),
        compared(24, "job_2"),
        compared(25, "job_2"),
        compared(26, "job_3"),
    )

    assert found == [sums(1, 26), sums(2, 94, times=4)]


def test_what_brought_nothing_is_only_paid_for(database: Database, tenant: Tenant) -> None:
    found = book(
        database,
        tenant,
        compared(22),
        compared(9, used=False),
        compared(500, kind="ambiguous", used=False, usage=None, comparison=None, reference=None),
    )

    assert found == [sums(1, 22, wasted=509)]


def test_a_corrected_answer_costs_what_it_came_to(database: Database, tenant: Tenant) -> None:
    unknown = compared(500, kind="ambiguous", used=False, usage=None, comparison=None, reference=None)

    found = book(database, tenant, unknown, compared(-478, kind="correction", attempt_id=unknown.attempt_id))

    assert found == [sums(1, 22)]


def test_an_adopted_answer_was_of_use_after_all_and_is_compared_once(database: Database, tenant: Tenant) -> None:
    late = compared(22, used=False)
    book(database, tenant, late)

    with database.tenant(tenant.id) as connection:
        ledger.adopt(connection, late.attempt_id)
        found = comparisons.compared(connection, SPAN, REFERENCE)

    assert found == [sums(1, 22)]


@pytest.mark.parametrize("known", [{"comparison": None, "reference": None}, {"reference": "openai/gpt-6-astra"}])
def test_an_answer_that_is_not_known_by_this_reference_is_left_out(
    database: Database, tenant: Tenant, known: dict[str, object]
) -> None:
    assert book(database, tenant, compared(22), compared(77, **known)) == [sums(1, 22, left_out=1)]  # type: ignore[arg-type]


def test_the_built_in_models_replace_nothing(database: Database, tenant: Tenant) -> None:
    assert book(database, tenant, compared(0, served=BUILT_IN)) == []


def test_other_days_and_other_tenants_are_no_part_of_it(database: Database, tenant: Tenant) -> None:
    stranger = new_tenant(database, "globex")

    theirs = book(database, stranger, compared(22))
    mine = book(database, tenant, compared(22, day="2026-10-31"), compared(22, day="2026-12-01"))

    assert (theirs, mine) == ([sums(1, 22)], [])


def test_the_levers_lead_from_the_reference_to_the_sum_of_the_ledger(database: Database, tenant: Tenant) -> None:
    unknown = compared(500, kind="ambiguous", used=False, usage=None, comparison=None, reference=None)
    rows = book(
        database,
        tenant,
        compared(22, "job_1"),
        compared(23, "job_1", times=7),
        compared(5, "job_1", used=False),
        compared(24, "job_2"),
        unknown,
        compared(-478, "job_1", times=3, kind="correction", attempt_id=unknown.attempt_id),
    )

    reference = Reference(target=REFERENCE, price_date=date(2026, 11, 20), stale=False)
    found = savings([JobSums.model_validate(row.model_dump(exclude={"left_out"})) for row in rows], reference)

    with database.tenant(tenant.id) as connection:
        assert found.actual_micro_usd == reports.total(connection, SPAN).cost_micro_usd == 96
    assert found.reference_micro_usd - found.actual_micro_usd == sum(found.levers[lever] for lever in LEVERS)
    assert found.levers["overhead"] == -5
