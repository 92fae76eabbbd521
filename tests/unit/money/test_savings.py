"""Savings: the levers add up, whatever the rows are, and nothing is claimed that nobody could check."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.money.savings import LEVERS, JobSums, Reference, savings

FRESH = Reference(target="anthropic/claude-opus-5-5", price_date=date(2026, 11, 20), stale=False)
STALE = FRESH.model_copy(update={"stale": True})

amounts = st.integers(min_value=0, max_value=10**12)
jobs = st.builds(
    JobSums,
    used=st.integers(min_value=0, max_value=10),
    reference_micro_usd=amounts,
    direct_micro_usd=amounts,
    cached_micro_usd=amounts,
    tier_micro_usd=amounts,
    cost_micro_usd=amounts,
    wasted_micro_usd=amounts,
).map(lambda row: row if row.used else JobSums(used=0, wasted_micro_usd=row.wasted_micro_usd))

THREE = JobSums(
    used=3,
    reference_micro_usd=3_000,
    direct_micro_usd=900,
    cached_micro_usd=600,
    tier_micro_usd=300,
    cost_micro_usd=315,
)


@given(st.lists(jobs, max_size=8))
def test_the_levers_add_up_to_the_difference_to_the_micro_dollar(rows: list[JobSums]) -> None:
    found = savings(rows, FRESH)

    assert sum(found.levers.values()) == found.reference_micro_usd - found.actual_micro_usd
    assert found.saved_micro_usd in (None, sum(found.levers.values()))
    assert set(found.levers) == set(LEVERS)


def test_each_lever_is_one_step_from_the_reference_to_what_was_paid() -> None:
    found = savings([THREE], FRESH)

    assert found.levers == {
        "panel": 0,
        "routing": 2_100,
        "caching": 300,
        "service_tier": 300,
        "channel": -15,
        "dedupe": 0,
        "batch": 0,
        "overhead": 0,
    }
    assert (found.saved_micro_usd, found.saved_percent) == (2_685, 89.5)
    assert found.claim == (
        "saved 89.5 % against anthropic/claude-opus-5-5 on each of 3 seats, list prices of 2026-11-20"
    )


@pytest.mark.parametrize(("used", "panel"), [(1, 2_000), (2, 500), (6, -500)])
def test_fewer_seats_than_the_reference_save_and_more_cost(used: int, panel: int) -> None:
    row = JobSums(used=used, reference_micro_usd=1_000)

    assert savings([row], FRESH).levers["panel"] == panel


def test_what_was_paid_for_nothing_counts_against_the_saving() -> None:
    row = THREE.model_copy(update={"wasted_micro_usd": 3_000})

    found = savings([row], FRESH)

    assert found.levers["overhead"] == -3_000
    assert found.saved_micro_usd == -315


def test_against_old_prices_nothing_is_claimed() -> None:
    found = savings([THREE], STALE)

    assert (found.saved_micro_usd, found.saved_percent, found.levers) == (None, None, {})
    assert "too old" in found.claim
    assert found.actual_micro_usd == 315


@pytest.mark.parametrize("rows", [[], [JobSums(used=0, wasted_micro_usd=70)]])
def test_where_no_answer_was_used_nothing_is_claimed(rows: list[JobSums]) -> None:
    found = savings(rows, FRESH)

    assert found.saved_micro_usd is None
    assert found.claim == "no saving is claimed against anthropic/claude-opus-5-5: no answer of a model was used"
