"""Where a meeting may be sent: which regions, and whether anything may be kept of it. Pure.

These are no wishes to be weighed: `Market.offers` asks for them whenever a model could be asked, on every rung of every
ladder and again when a seat moves on. What is not known of a provider counts as not fulfilled. The built-in models run
in this house and fulfil all.
"""

from typing import Final

from orchestrator.routing.request import RoutingWish
from providers.calls import Value
from providers.catalog import ProviderCard

BUILT_IN: Final = "extractive"  # the dialect of what never leaves the house


class Constraints(Value):
    """What a provider must promise. `regions` None: it may handle the meeting anywhere; empty: nowhere."""

    regions: frozenset[str] | None = None
    zero_retention: bool = False

    def and_those_of(self, wish: RoutingWish) -> "Constraints":
        """These together with what a request asks for: both hold."""
        asked = frozenset(wish.regions) or None
        sets = [regions for regions in (self.regions, asked) if regions is not None]
        return Constraints(
            regions=frozenset.intersection(*sets) if sets else None,
            zero_retention=self.zero_retention or wish.zero_retention,
        )

    def why_not(self, card: ProviderCard) -> str | None:
        """What the provider lacks, in words that follow its name; None: it may be asked."""
        if card.dialect == BUILT_IN:
            return None
        if self.regions is not None and not card.regions:
            return "does not say in which regions it handles what it is sent"
        outside = () if self.regions is None else sorted(set(card.regions) - self.regions)
        if outside:
            return f"may handle what it is sent in {', '.join(outside)}"
        if self.zero_retention and card.retains:
            return "may keep what it is sent"
        if self.zero_retention and card.trains:
            return "may train on what it is sent"
        return None


UNCONSTRAINED: Final = Constraints()
