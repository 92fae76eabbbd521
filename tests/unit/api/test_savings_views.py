"""Savings as the contract shows them, from sums of the ledger."""

from datetime import UTC, datetime

from api import savings_views
from orchestrator.storage.comparisons import Compared
from providers import catalog

AT = datetime(2026, 11, 27, tzinfo=UTC)
LATER = datetime(2027, 11, 27, tzinfo=UTC)
THREE = Compared(
    used=3,
    reference_micro_usd=9_000_000,
    direct_micro_usd=3_000_000,
    cached_micro_usd=2_500_000,
    tier_micro_usd=2_000_000,
    cost_micro_usd=2_100_000,
    wasted_micro_usd=150_000,
    left_out=0,
)
CATALOG = catalog.load()


def test_savings_are_told_lever_by_lever_with_their_reference() -> None:
    found = savings_views.saved([THREE], CATALOG, AT)

    assert found.reference == CATALOG.reference
    assert found.price_date == CATALOG.version[:10]
    assert (found.reference_usd, found.actual_usd, found.saved_usd) == ("9.000000", "2.250000", "6.750000")
    assert found.saved_percent == 75.0
    assert found.levers == {
        "panel": "0.000000",
        "routing": "6.000000",
        "caching": "0.500000",
        "service_tier": "0.500000",
        "channel": "-0.100000",
        "dedupe": "0.000000",
        "batch": "0.000000",
        "overhead": "-0.150000",
    }
    assert found.claim.startswith("saved 75 % against")


def test_old_prices_make_no_claim() -> None:
    found = savings_views.saved([THREE], CATALOG, LATER)

    assert (found.stale, found.saved_usd, found.saved_percent) == (True, None, None)
    assert "too old" in found.claim


def test_a_catalog_without_a_reference_makes_no_claim() -> None:
    found = savings_views.saved([], CATALOG.model_copy(update={"reference": ""}), AT)

    assert (found.reference, found.saved_usd) == (None, None)
    assert found.claim == "no saving is claimed: the catalog names no model to compare with"


def test_answers_that_cannot_be_compared_are_counted() -> None:
    rows = [THREE.model_copy(update={"left_out": 2}), THREE.model_copy(update={"used": 1, "left_out": 3})]

    assert savings_views.saved(rows, CATALOG, AT).left_out == 5


def test_the_built_in_provider_is_the_one_that_calls_nobody() -> None:
    assert savings_views.built_in(CATALOG) == ("extractive",)
