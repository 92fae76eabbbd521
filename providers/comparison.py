"""What the tokens of one call would have cost otherwise: at the reference, direct, uncached, at the standard tier.
Pure.

Each figure takes one thing away from the one before, so that the differences say what routing, caching, tier and
channel have saved, and add up exactly:

    reference   the same text at the declared reference model, bought directly, at its list price, nothing cached
    direct      at the model that served, bought from its own vendor, at the list price, nothing cached
    cached      the same with what the provider found in its prompt cache, and what it asked for writing to it
    tier        the same at the tier and the hour at which it was served
    cost        at the provider that was really asked: what was booked

Tokenizers differ: a text that makes 100 tokens elsewhere makes `tokens_percent` at a model, so that the reference is
asked for the tokens that it would have made itself, rounded up.

Source of the method: shared design page providers.md, section 5.6.
"""

from datetime import UTC, date, datetime
from typing import Final

from providers.calls import Target, Usage, Value
from providers.catalog import Catalog, ModelCard
from providers.pricing import cost

# Vendors change prices several times a year. What is older than two months is no list price that anybody could look up.
STALE_AFTER_DAYS: Final = 60


class Comparison(Value):
    """Micro-dollars, see above."""

    reference_micro_usd: int
    direct_micro_usd: int
    cached_micro_usd: int
    tier_micro_usd: int


def compare(
    usage: Usage, *, served: ModelCard, direct: ModelCard, reference: ModelCard, at: datetime, service_tier: str
) -> Comparison:
    """The four figures for the tokens of one call at that time; `service_tier` is the one that served."""
    plain = _uncached(usage)
    quiet = _off_peak(direct)
    return Comparison(
        reference_micro_usd=cost(_at(plain, served, reference), _off_peak(reference), at),
        direct_micro_usd=cost(plain, quiet, at),
        cached_micro_usd=cost(usage, quiet, at),
        tier_micro_usd=cost(usage, direct, at, service_tier=service_tier),
    )


def direct_card(catalog: Catalog, served: ModelCard) -> ModelCard:
    """The card of the same model at its own vendor; the one that served, where that is it or no other is known."""
    if not catalog.provider(served.provider).resells:
        return served
    sold = (card for card in catalog.models if card.family == served.family)
    return next((card for card in sold if not catalog.provider(card.provider).resells), served)


def priced_on(catalog: Catalog) -> date:
    """The day on which the catalog's prices were read: its version begins with it."""
    return date.fromisoformat(catalog.version[:10])


def is_stale(catalog: Catalog, at: datetime) -> bool:
    """Whether its prices are too old to claim a saving against."""
    return (at.astimezone(UTC).date() - priced_on(catalog)).days > STALE_AFTER_DAYS


def reference_card(catalog: Catalog) -> ModelCard | None:
    """The model against which savings are told; None: the catalog declares none."""
    return catalog.model(Target.parse(catalog.reference)) if catalog.reference else None


def _uncached(usage: Usage) -> Usage:
    """All of the prompt as if it had been read for the first time."""
    prompt = usage.input_tokens + usage.cached_input_tokens + usage.cache_write_tokens
    return usage.model_copy(update={"input_tokens": prompt, "cached_input_tokens": 0, "cache_write_tokens": 0})


def _at(usage: Usage, served: ModelCard, reference: ModelCard) -> Usage:
    """The tokens that the same text would have made there."""
    counts = {
        name: -(-count * reference.tokens_percent // served.tokens_percent)
        for name, count in usage.model_dump(exclude={"estimated"}).items()
    }
    return usage.model_copy(update=counts)


def _off_peak(card: ModelCard) -> ModelCard:
    """The card without its dear hours: list prices are told without them."""
    return card.model_copy(update={"peak_percent": 100})
