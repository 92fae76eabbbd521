"""From sums of the ledger to the savings of the HTTP contract. Pure: the time is an argument."""

from collections.abc import Sequence
from datetime import datetime

from api.money_schemas import SavingsView
from api.views import usd
from orchestrator.money.savings import JobSums, Reference, savings
from orchestrator.storage.comparisons import Compared
from providers import comparison
from providers.catalog import Catalog

_NO_REFERENCE = "no saving is claimed: the catalog names no model to compare with"


def saved(rows: Sequence[Compared], catalog: Catalog, at: datetime) -> SavingsView:
    """What these rows saved against the catalog's reference, as far as its prices allow a claim at that time."""
    price_date = comparison.priced_on(catalog)
    reference = Reference(target=catalog.reference, price_date=price_date, stale=comparison.is_stale(catalog, at))
    found = savings([_sums(row) for row in rows], reference)
    if not catalog.reference:
        found = found.model_copy(update={"saved_micro_usd": None, "saved_percent": None, "claim": _NO_REFERENCE})
    return SavingsView(
        reference=catalog.reference or None,
        price_date=price_date.isoformat(),
        stale=reference.stale,
        reference_usd=usd(found.reference_micro_usd),
        actual_usd=usd(found.actual_micro_usd),
        saved_usd=None if found.saved_micro_usd is None else usd(found.saved_micro_usd),
        saved_percent=found.saved_percent,
        levers={name: usd(amount) for name, amount in found.levers.items()},
        left_out=sum(row.left_out for row in rows),
        claim=found.claim,
    )


def built_in(catalog: Catalog) -> tuple[str, ...]:
    """The providers that are part of the product: they cost nothing and replace nothing."""
    return tuple(card.id for card in catalog.providers if card.dialect == "extractive")


def _sums(row: Compared) -> JobSums:
    return JobSums.model_validate(row.model_dump(exclude={"left_out"}))
