"""What can be asked today and for how much: the catalog as this house, at this moment, for this prompt, may use it.
Pure.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from orchestrator.analysis.prompts import SCHEMA
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import MAX_DEADLINE_S, Policy
from providers.calls import Call, Message, ServiceTier, Target, Usage
from providers.catalog import Catalog, ModelCard, is_alive
from providers.pricing import bound, cost, estimate_tokens

EXTRACTIVE: Final = "extractive"
PERCENT: Final = 100
MAX_OUTPUT_TOKENS: Final = 8_000  # 50 items a list with quotes come to about 6,000; models with less have their own cap
ESTIMATE_PERCENT: Final = 110  # an estimate may be this far off (shared design page providers.md, section 6)

# One call for all of an analysis of an hour's meeting, in the lab computation of that page's section 5.5.
EXPECTED_OUTPUT_TOKENS: Final = 4_200

# An estimate takes a millisecond for two kilobytes, so it is made on slices of a text, spread over it, since people
# write its head and its end differently from its body. What a call will about cost needs few: on nineteen real meetings
# of more than 20,000 characters they were off by -0.3 to +10.6 %. Whether a prompt fits into a window needs more: they
# were off by -2.9 to +6.0 % on texts of 130,000 to 600,000 characters, made of real meetings in several languages.
_FEW_SLICES: Final = 4
_MANY_SLICES: Final = 40
_SLICE_CHARACTERS: Final = 500


@dataclass(frozen=True)
class Market:
    """What can be asked today: the catalog, the providers that have a key, the time, and the prompt to be sent."""

    catalog: Catalog
    reachable: frozenset[str]
    at: datetime
    messages: tuple[Message, ...]

    def offers(self, card: ModelCard) -> bool:
        """Whether this model can be asked for this prompt: it has a key, still lives, and takes the length."""
        has_key = card.provider == EXTRACTIVE or card.provider in self.reachable
        return has_key and is_alive(card, self.at) and self._fits(card)

    def builtin(self) -> tuple[Target, ...]:
        return tuple(card.target for card in self.catalog.models if card.provider == EXTRACTIVE)

    def stand_ins(self, target: Target, policy: Policy) -> tuple[Target, ...]:
        """Who may stand in for a model, the first to be asked first: in provider order, or the cheapest first.

        Only a policy that saves looks at the price, and only where the house has not set the order itself.
        """
        alike = self.catalog.stand_ins(target, self.at)
        fit = [card for card in alike if card.provider != EXTRACTIVE and self.volunteers(card)]
        if POLICIES[policy].cheapest_first and not self.catalog.failover_order:
            fit.sort(key=lambda card: self.bound(card.target))
        else:
            fit = _by_turns(self.catalog.model(target), fit)
        return tuple(card.target for card in fit)

    def ranked(self, policy: Policy) -> tuple[Target, ...]:
        """Every model that the policy would ask, best first: by tier, provider, catalog; each family once."""
        tiers, order = POLICIES[policy].tiers, {card.id: place for place, card in enumerate(self.catalog.providers)}
        fit = [card for card in self.catalog.models if card.tier in tiers and self.volunteers(card)]
        fit.sort(key=lambda card: (tiers.index(card.tier), order[card.provider]))
        families: dict[str, ModelCard] = {}
        for card in fit:
            families.setdefault(card.family, card)
        return tuple(card.target for card in families.values())

    def bound(self, target: Target) -> int:
        """The worst case of one call, in micro-dollars."""
        card = self.catalog.model(target)
        call = Call(
            call_id="plan",
            messages=self.messages,
            max_output_tokens=min(MAX_OUTPUT_TOKENS, card.max_output_tokens),
            timeout_s=MAX_DEADLINE_S,  # a price that changes while the job lives counts
            json_schema=SCHEMA,
        )
        return bound(call, card, self.at)

    def expected(self, target: Target, service_tier: ServiceTier = "standard") -> int:
        """What one call will about cost, in micro-dollars: an estimate, for plans and people."""
        card = self.catalog.model(target)
        usage = Usage(
            input_tokens=self.expected_prompt_tokens(card),
            output_tokens=min(EXPECTED_OUTPUT_TOKENS, card.max_output_tokens),
        )
        tier = service_tier if card.flex_percent < PERCENT else "standard"
        return min(cost(usage, card, self.at, service_tier=tier), self.bound(target))

    def expected_prompt_tokens(self, card: ModelCard) -> int:
        """About how many tokens the prompt has for this model."""
        return self._sampled_tokens * card.tokens_percent // PERCENT

    def volunteers(self, card: ModelCard) -> bool:
        """Whether it may be asked though nobody named it: it is here to stay, and its wire promises JSON."""
        return self.offers(card) and not card.replaced_by and self.catalog.provider(card.provider).json_output != "none"

    def _fits(self, card: ModelCard) -> bool:
        room = card.window_tokens - min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
        estimated = self._prompt_tokens if self._prompt_bytes > room else 0
        return estimated * card.tokens_percent * ESTIMATE_PERCENT <= room * 100 * 100

    @cached_property
    def _prompt_bytes(self) -> int:
        """No text has more tokens than bytes: nearly every meeting passes by this alone."""
        return sum(len(message.text.encode()) for message in self.messages)

    @cached_property
    def _prompt_tokens(self) -> int:
        """For the longest meetings only, and then some ten milliseconds, however long."""
        return sum(_about(message.text, _MANY_SLICES) for message in self.messages)

    @cached_property
    def _sampled_tokens(self) -> int:
        """A millisecond or two, however long the prompt is."""
        return sum(_about(message.text, _FEW_SLICES) for message in self.messages)


def _by_turns(asked: ModelCard, cards: list[ModelCard]) -> list[ModelCard]:
    """One model of each provider, then a second of each: what fails one model often fails all of its provider.

    Where a provider has several, the same model as was asked goes first.
    """
    had = Counter([asked.provider])
    turns: dict[Target, int] = {}
    for card in sorted(cards, key=lambda card: card.family != asked.family):
        turns[card.target] = had[card.provider]
        had[card.provider] += 1
    return sorted(cards, key=lambda card: turns[card.target])


def _about(text: str, slices: int) -> int:
    if len(text) <= slices * _SLICE_CHARACTERS:
        return estimate_tokens(text)
    step = (len(text) - _SLICE_CHARACTERS) // (slices - 1)
    seen = sum(estimate_tokens(text[place * step : place * step + _SLICE_CHARACTERS]) for place in range(slices))
    return seen * len(text) // (slices * _SLICE_CHARACTERS)
