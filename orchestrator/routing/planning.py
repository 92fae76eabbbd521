"""The request made concrete: who sits on the panel, where each seat goes when its target fails, what it may cost.

Pure: the same request, prompt, catalog, keys and time give the same plan.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import cycle, islice
from typing import Final

from orchestrator.analysis.prompts import SCHEMA
from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownModel, UnknownStrategy
from orchestrator.routing.request import MICRO_PER_USD, AnalysisRequest, Policy
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.seats import SeatPlan
from providers.calls import Call, Message, Target, Value
from providers.catalog import Catalog, ModelCard, Tier, is_alive
from providers.model_names import Resolved, UnknownTarget
from providers.pricing import bound, estimate_tokens

EXTRACTIVE: Final = "extractive"
DEFAULT_PANEL: Final[dict[Policy, int]] = {"aggressive": 2, "balanced": 3, "quality": 3}
MAX_OUTPUT_TOKENS: Final = 8_000  # 50 items a list with quotes come to about 6,000; models with less have their own cap
ESTIMATE_PERCENT: Final = 110  # an estimate may be this far off (shared design page providers.md, section 6)
CHEAPEST_FIRST: Final[frozenset[Policy]] = frozenset({"aggressive"})

# Which tier a policy wants, and where it looks next. An economy panel never drifts upwards in price by itself.
TIERS: Final[dict[Policy, tuple[Tier, ...]]] = {
    "aggressive": ("economy",),
    "balanced": ("balanced", "economy", "premium"),
    "quality": ("premium", "balanced", "top"),
}


class Plan(Value):
    """`strategy` is what will run; `reason` says why, in words for the reader, and which models were replaced.

    `replaced` are those last words alone, one sentence for each.
    """

    seats: tuple[SeatPlan, ...]
    strategy: str
    reason: str
    quorum: int
    bound_micro_usd: int
    replaced: tuple[str, ...] = ()


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
        fit = [card for card in alike if card.provider != EXTRACTIVE and self._volunteers(card)]
        if policy in CHEAPEST_FIRST and not self.catalog.failover_order:
            fit.sort(key=lambda card: self.bound(card.target))
        else:
            fit = _by_turns(self.catalog.model(target), fit)
        return tuple(card.target for card in fit)

    def ranked(self, policy: Policy) -> tuple[Target, ...]:
        """Every model that the policy would ask, best first: by tier, provider, catalog; each family once."""
        tiers, order = TIERS[policy], {card.id: place for place, card in enumerate(self.catalog.providers)}
        fit = [card for card in self.catalog.models if card.tier in tiers and self._volunteers(card)]
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
            timeout_s=1.0,
            json_schema=SCHEMA,
        )
        return bound(call, card, self.at)

    def _volunteers(self, card: ModelCard) -> bool:
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
        """An estimate that takes a millisecond for two kilobytes, so it is made for the longest meetings only."""
        return sum(estimate_tokens(message.text) for message in self.messages)


def plan(request: AnalysisRequest, market: Market) -> Plan:
    """Choose panel, ladders, strategy and quorum.

    Raises:
        UnknownStrategy: nobody has built it.
        UnknownModel: a model of the panel is not in the catalog, or cannot be asked and may not be substituted.
        PanelTooSmall: the strategy needs more seats than can be filled, or no model at all can be asked.
        MaxCostTooLow: the worst case costs more than the caller allows.
    """
    if request.strategy != "auto" and request.strategy not in STRATEGIES:
        known = ", ".join(("auto", *STRATEGIES))
        raise UnknownStrategy(f"There is no strategy {request.strategy!r}; there are {known}.", pointer="/strategy")
    named = tuple(_named(text, place, market) for place, text in enumerate(request.panel.models))
    asked = _panel(request, market, tuple(one.target for one in named))
    strategy, reason = _strategy(request.strategy, len(asked))
    replaced = tuple(dict.fromkeys(one.warning for one in named if one.warning))
    rule = STRATEGIES[strategy]
    if len(asked) < rule.min_seats:
        raise PanelTooSmall(
            f"{strategy} needs at least {rule.min_seats} seats; {len(asked)} can be filled.", pointer="/panel"
        )
    seats = tuple(
        SeatPlan(seat=place, role="analyst", asked=target, ladder=_ladder(target, place, request, market))
        for place, target in enumerate(asked[: rule.max_seats])
    )
    made = Plan(
        seats=seats,
        strategy=strategy,
        reason=". ".join((reason, *(warning.rstrip(".") for warning in replaced))),
        quorum=min(request.quorum or rule.default_quorum(len(seats)), len(seats)),
        bound_micro_usd=sum(max(map(market.bound, seat.ladder)) for seat in seats),  # a seat pays one answer
        replaced=replaced,
    )
    _check_cost(made, request)
    return made


def _panel(request: AnalysisRequest, market: Market, named: tuple[Target, ...]) -> tuple[Target, ...]:
    if named:
        return tuple(islice(cycle(named), request.panel.size or len(named)))
    wanted = request.panel.size or (1 if request.strategy == "single" else DEFAULT_PANEL[request.policy])
    ranked = market.ranked(request.policy)
    if not ranked:
        return _builtin_panel(request, market, wanted)
    # Sampling one model twice is a fair second opinion; so a panel that was asked for by size is filled by turns.
    return tuple(islice(cycle(ranked), wanted if request.panel.size else min(wanted, len(ranked))))


def _builtin_panel(request: AnalysisRequest, market: Market, wanted: int) -> tuple[Target, ...]:
    """The extractive models, each once: a second copy of a deterministic model would only fake agreement."""
    if not request.allow_extractive:
        raise PanelTooSmall("No model can be asked here, and allow_extractive is false.", pointer="/allow_extractive")
    builtin = market.builtin()
    if request.panel.size and request.panel.size > len(builtin):
        raise PanelTooSmall(
            f"No provider has a key here, and there are {len(builtin)} built-in models.", pointer="/panel/size"
        )
    return builtin[:wanted]


def _named(text: str, place: int, market: Market) -> Resolved:
    try:
        return market.catalog.resolve(text, market.at)
    except UnknownTarget:
        raise UnknownModel(
            f"The catalog has no model {text!r}; models are written provider/model.", pointer=f"/panel/models/{place}"
        ) from None


def _ladder(asked: Target, place: int, request: AnalysisRequest, market: Market) -> tuple[Target, ...]:
    ladder: tuple[Target, ...] = (asked,) if market.offers(market.catalog.model(asked)) else ()
    if asked.provider != EXTRACTIVE and request.allow_substitution:
        ladder += market.stand_ins(asked, request.policy)
        if request.allow_extractive:
            # Two seats that fall back to one deterministic model would agree with themselves: they take turns.
            builtin = market.builtin()
            ladder += (builtin[place % len(builtin)],)
    if not ladder:
        raise UnknownModel(
            f"{asked} cannot be asked here (no key, retired, or too small) and nothing may stand in for it.",
            pointer=f"/panel/models/{place}",
        )
    return ladder


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


def _strategy(asked: str, seats: int) -> tuple[str, str]:
    if asked != "auto":
        return asked, "as asked"
    if seats == 1:
        return "single", "one model can be asked, so there is nothing to compare"
    return "consensus", f"{seats} models can be asked, so what they agree on counts"


def _check_cost(made: Plan, request: AnalysisRequest) -> None:
    allowed = request.max_cost_micro_usd
    if allowed is not None and made.bound_micro_usd > allowed:
        needed = Decimal(made.bound_micro_usd) / MICRO_PER_USD
        raise MaxCostTooLow(
            f"The worst case of this plan costs {needed:.6f} US dollars, above max_cost_usd {request.max_cost_usd}.",
            bound_micro_usd=made.bound_micro_usd,
        )
