"""What can be asked today and for how much: the catalog as this house, at this moment, for this prompt, may use it.
Pure.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from orchestrator.analysis.prompts import SCHEMA_NAME, schema
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.estimating import FEW_SLICES, about_tokens
from orchestrator.routing.parting import Parting
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.profiles import is_foreign
from orchestrator.routing.request import MAX_DEADLINE_S, Policy
from orchestrator.work.parts import WHOLE, Cut
from providers.calls import Call, Message, ServiceTier, Target, Usage
from providers.catalog import Catalog, ModelCard, Tier, is_alive
from providers.pricing import bound, cost

EXTRACTIVE: Final = "extractive"
PERCENT: Final = 100
MAX_OUTPUT_TOKENS: Final = 8_000  # 50 items a list with quotes come to about 6,000; models with less have their own cap
ESTIMATE_PERCENT: Final = 110  # an estimate may be this far off (shared design page providers.md, section 6)

# One call for all of an analysis of an hour's meeting, in the lab computation of that page's section 5.5.
EXPECTED_OUTPUT_TOKENS: Final = 4_200


@dataclass(frozen=True)
class Market:
    """What can be asked today: the catalog, the providers that have a key, the time, the prompt to be sent, and what a
    provider must promise to be sent it.

    `multi_model` False: this house asks one model for one meeting. `with_type`: seats are also asked of what type the
    meeting is, which makes their schema longer. `parting`: how the meeting is cut for windows that do not hold the
    whole prompt; None: it is not.
    """

    catalog: Catalog
    reachable: frozenset[str]
    at: datetime
    messages: tuple[Message, ...]
    constraints: Constraints = UNCONSTRAINED
    multi_model: bool = True
    with_type: bool = False
    parting: Parting | None = None
    _parts: dict[Cut, tuple["Market", ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def offers(self, card: ModelCard) -> bool:
        """Whether this model can be asked for this prompt: it has a key, may be sent it, still lives, and takes the
        length, if need be in parts. Whoever asks a model asks this first: it is the one gate.
        """
        has_key = card.provider == EXTRACTIVE or card.provider in self.reachable
        is_there = has_key and self.why_forbidden(card) is None and is_alive(card, self.at)
        return is_there and self.cut(card) is not None

    def cut(self, card: ModelCard) -> Cut | None:
        """In which parts this model would be asked, `WHOLE` if its window holds the prompt; None: not at all."""
        if self.holds(card):
            return WHOLE
        room = card.window_tokens - _output_tokens(card)
        return None if self.parting is None else self.parting.cut(room * 100 * 100 // _scale(card))

    def holds(self, card: ModelCard, cut: Cut = WHOLE) -> bool:
        """Whether the model's window holds the prompt, or each part that was cut for another window."""
        return all(call._is_held(card) for call in self.calls(cut))  # noqa: SLF001  another market of its own

    def calls(self, cut: Cut) -> tuple["Market", ...]:
        """The same market for each call that it takes to ask in these parts."""
        if not cut or self.parting is None:
            return (self,)
        if cut not in self._parts:
            shown = self.parting.prompts(cut)
            self._parts[cut] = tuple(replace(self, messages=one, parting=None) for one in shown)
        return self._parts[cut]

    def why_forbidden(self, card: ModelCard) -> str | None:
        """Which promise its provider lacks, in words that follow its name; None: it may be sent the prompt."""
        return self.constraints.why_not(self.catalog.provider(card.provider))

    def builtin(self, language: str | None = None) -> tuple[Target, ...]:
        """The extractive models; those that are weak in the meeting's language go last."""
        cards = [card for card in self.catalog.models if card.provider == EXTRACTIVE]
        return tuple(card.target for card in sorted(cards, key=lambda card: is_foreign(card, language)))

    def stand_ins(
        self, target: Target, policy: Policy, *, pinned: bool = False, cut: Cut | None = WHOLE
    ) -> tuple[Target, ...]:
        """Who may stand in for a model, the first to be asked first: in provider order, or the cheapest first.

        Only a policy that saves looks at the price, and only where neither house nor request (`pinned`) insist on the
        order.

        Args:
            cut: how the model is asked: their windows hold the same, the whole or each part; None: as theirs want it.
        """
        alike = self.catalog.stand_ins(target, self.at)
        able = [card for card in alike if card.provider != EXTRACTIVE and (cut is None or self.holds(card, cut))]
        fit = [card for card in able if self.volunteers(card)]
        if POLICIES[policy].cheapest_first and not (pinned or self.catalog.failover_order):
            fit.sort(key=lambda card: self.bound(card.target, cut))
        else:
            fit = _by_turns(self.catalog.model(target), fit)
        return tuple(card.target for card in fit)

    def candidates(self, tiers: Collection[Tier], *, in_parts: bool = False) -> list[ModelCard]:
        """Every model of these tiers that may be asked though nobody named it, in the catalog's order: those whose
        window holds the prompt, or those that can only be asked `in_parts`.
        """
        of_tiers = (card for card in self.catalog.models if card.tier in tiers and self.holds(card) is not in_parts)
        return [card for card in of_tiers if self.volunteers(card)]

    def bound(self, target: Target, cut: Cut | None = None) -> int:
        """The worst case of asking a model once, in micro-dollars: of one call, or of one for each part.

        Args:
            cut: how it is asked; None: as its own window wants it.
        """
        return sum(call._bound(target) for call in self._asked(target, cut))  # noqa: SLF001  as above

    def _bound(self, target: Target) -> int:
        card = self.catalog.model(target)
        call = Call(
            call_id="plan",
            messages=self.messages,
            max_output_tokens=_output_tokens(card),
            timeout_s=MAX_DEADLINE_S,  # a price that changes while the job lives counts
            schema_name=SCHEMA_NAME,
            json_schema=schema(with_type=self.with_type),
        )
        return bound(call, card, self.at)

    def expected(self, target: Target, service_tier: ServiceTier = "standard", cut: Cut | None = None) -> int:
        """What asking a model once will about cost, in micro-dollars: an estimate, for plans and people."""
        return min(self.about(self.catalog.model(target), service_tier, cut), self.bound(target, cut))

    def about(self, card: ModelCard, service_tier: ServiceTier = "standard", cut: Cut | None = None) -> int:
        """The same estimate, quickly: for prompts of a few words it may be above the bound."""
        return sum(call._about(card, service_tier) for call in self._asked(card.target, cut))  # noqa: SLF001  as above

    def _about(self, card: ModelCard, service_tier: ServiceTier) -> int:
        usage = Usage(
            input_tokens=self.expected_prompt_tokens(card),
            output_tokens=min(EXPECTED_OUTPUT_TOKENS, card.max_output_tokens),
        )
        tier = service_tier if card.flex_percent < PERCENT else "standard"
        return cost(usage, card, self.at, service_tier=tier)

    def expected_prompt_tokens(self, card: ModelCard) -> int:
        """About how many tokens the prompt has for this model."""
        return self._sampled_tokens * card.tokens_percent // PERCENT

    def volunteers(self, card: ModelCard) -> bool:
        """Whether it may be asked though nobody named it: it is here to stay, and its wire promises JSON."""
        return self.offers(card) and not card.replaced_by and self.catalog.provider(card.provider).json_output != "none"

    def _asked(self, target: Target, cut: Cut | None) -> tuple["Market", ...]:
        return self.calls(cut if cut is not None else self.cut(self.catalog.model(target)) or WHOLE)

    def _is_held(self, card: ModelCard) -> bool:
        room = card.window_tokens - _output_tokens(card)
        estimated = self._prompt_tokens if self._prompt_bytes > room else 0
        return estimated * _scale(card) <= room * 100 * 100

    @cached_property
    def _prompt_bytes(self) -> int:
        """No text has more tokens than bytes: nearly every meeting passes by this alone."""
        return sum(len(message.text.encode()) for message in self.messages)

    @cached_property
    def _prompt_tokens(self) -> int:
        """For the longest meetings only."""
        return about_tokens(self.messages)

    @cached_property
    def _sampled_tokens(self) -> int:
        """A millisecond or two, however long the prompt is."""
        return about_tokens(self.messages, FEW_SLICES)


def _output_tokens(card: ModelCard) -> int:
    return min(MAX_OUTPUT_TOKENS, card.max_output_tokens)


def _scale(card: ModelCard) -> int:
    """By how much an estimate is enlarged for this model, in hundredths of a percent."""
    return card.tokens_percent * ESTIMATE_PERCENT


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
