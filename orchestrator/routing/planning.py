"""The request made concrete: who sits on the panel, where each seat goes when its target fails, what it may cost.

Pure: the same request, catalog, keys and time give the same plan.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import cycle, islice
from typing import Final

from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownModel, UnknownStrategy
from orchestrator.routing.request import MICRO_PER_USD, AnalysisRequest, Policy
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.seats import SeatPlan
from providers.calls import Call, Message, Target, Value
from providers.catalog import Catalog, ModelCard, Tier, is_alive
from providers.pricing import bound

EXTRACTIVE: Final = "extractive"
DEFAULT_PANEL: Final[dict[Policy, int]] = {"aggressive": 2, "balanced": 3, "quality": 3}
MAX_OUTPUT_TOKENS: Final = 8_000  # 50 items a list with quotes come to about 6,000; models with less have their own cap

# Which tier a policy wants, and where it looks next. An economy panel never drifts upwards in price by itself.
TIERS: Final[dict[Policy, tuple[Tier, ...]]] = {
    "aggressive": ("economy",),
    "balanced": ("balanced", "economy", "premium"),
    "quality": ("premium", "balanced", "top"),
}


class Plan(Value):
    """`strategy` is what will run; `reason` says why, in words for the reader."""

    seats: tuple[SeatPlan, ...]
    strategy: str
    reason: str
    quorum: int
    bound_micro_usd: int


def plan(
    request: AnalysisRequest,
    messages: tuple[Message, ...],
    catalog: Catalog,
    reachable: Iterable[str],
    at: datetime,
) -> Plan:
    """Choose panel, ladders, strategy and quorum.

    Args:
        messages: what every seat will be shown; its length decides the bound.
        reachable: the providers that we hold a key for.

    Raises:
        UnknownStrategy: nobody has built it.
        UnknownModel: a model of the panel is not in the catalog, or cannot be asked and may not be substituted.
        PanelTooSmall: the strategy needs more seats than can be filled, or no model at all can be asked.
        MaxCostTooLow: the worst case costs more than the caller allows.
    """
    if request.strategy != "auto" and request.strategy not in STRATEGIES:
        known = ", ".join(("auto", *STRATEGIES))
        raise UnknownStrategy(f"There is no strategy {request.strategy!r}; there are {known}.", pointer="/strategy")
    usable = frozenset(reachable)
    asked = _panel(request, catalog, usable, at)
    strategy, reason = _strategy(request.strategy, len(asked))
    rule = STRATEGIES[strategy]
    if len(asked) < rule.min_seats:
        raise PanelTooSmall(
            f"{strategy} needs at least {rule.min_seats} seats; {len(asked)} can be filled.", pointer="/panel"
        )
    seats = tuple(
        SeatPlan(seat=place, role="analyst", asked=target, ladder=_ladder(target, place, request, catalog, usable, at))
        for place, target in enumerate(asked[: rule.max_seats])
    )
    quorum = min(request.quorum or rule.default_quorum(len(seats)), len(seats))
    made = Plan(
        seats=seats,
        strategy=strategy,
        reason=reason,
        quorum=quorum,
        bound_micro_usd=sum(_seat_bound(seat, messages, catalog, at) for seat in seats),
    )
    _check_cost(made, request)
    return made


def _panel(request: AnalysisRequest, catalog: Catalog, usable: frozenset[str], at: datetime) -> tuple[Target, ...]:
    if request.panel.models:
        named = tuple(_named(text, place, catalog) for place, text in enumerate(request.panel.models))
        return tuple(islice(cycle(named), request.panel.size or len(named)))
    wanted = request.panel.size or (1 if request.strategy == "single" else DEFAULT_PANEL[request.policy])
    ranked = _ranked(request.policy, catalog, usable, at)
    if ranked:
        # Sampling one model twice is a fair second opinion; so a panel that was asked for by size is filled by turns.
        return tuple(islice(cycle(ranked), wanted if request.panel.size else min(wanted, len(ranked))))
    return _builtin_panel(request, catalog, wanted)


def _builtin_panel(request: AnalysisRequest, catalog: Catalog, wanted: int) -> tuple[Target, ...]:
    """The extractive models, each once: a second copy of a deterministic model would only fake agreement."""
    if not request.allow_extractive:
        raise PanelTooSmall("No provider has a key here, and allow_extractive is false.", pointer="/allow_extractive")
    builtin = _builtin(catalog)
    if request.panel.size and request.panel.size > len(builtin):
        raise PanelTooSmall(
            f"No provider has a key here, and there are {len(builtin)} built-in models.", pointer="/panel/size"
        )
    return builtin[:wanted]


def _named(text: str, place: int, catalog: Catalog) -> Target:
    pointer = f"/panel/models/{place}"
    try:
        target = Target.parse(text)
    except ValueError:
        raise UnknownModel(f"{text!r} is not written provider/model.", pointer=pointer) from None
    if not catalog.knows(target):
        raise UnknownModel(f"The catalog has no model {text!r}.", pointer=pointer)
    return target


def _ranked(policy: Policy, catalog: Catalog, usable: frozenset[str], at: datetime) -> tuple[Target, ...]:
    """Every model that the policy would ask, best first: by tier, then by provider order, each family once."""
    order = {card.id: place for place, card in enumerate(catalog.providers)}
    fit = [
        card for card in catalog.models if card.provider in usable and card.tier in TIERS[policy] and is_alive(card, at)
    ]
    fit.sort(key=lambda card: (TIERS[policy].index(card.tier), order[card.provider], card.id))
    families: dict[str, ModelCard] = {}
    for card in fit:
        families.setdefault(_family(card), card)
    return tuple(card.target for card in families.values())


def _family(card: ModelCard) -> str:
    """The model behind the provider: an aggregator's `openai/gpt-6-luna` is OpenAI's gpt-6-luna."""
    return card.id.rpartition("/")[2].replace(".", "-")


def _ladder(
    asked: Target, place: int, request: AnalysisRequest, catalog: Catalog, usable: frozenset[str], at: datetime
) -> tuple[Target, ...]:
    first = (asked,) if _can_be_asked(asked, catalog, usable, at) else ()
    others: tuple[Target, ...] = ()
    if request.allow_substitution and asked.provider != EXTRACTIVE:
        others = tuple(card.target for card in catalog.stand_ins(asked, at) if card.provider in usable)
    builtin = _builtin(catalog) if request.allow_extractive and asked.provider != EXTRACTIVE else ()
    # Two seats that fall back to the same deterministic model would agree with themselves: they take turns.
    last = (builtin[place % len(builtin)],) if builtin and request.allow_substitution else ()
    ladder = (*first, *others, *last)
    if not ladder:
        raise UnknownModel(
            f"{asked} cannot be asked here (no key, or retired) and nothing may stand in for it.",
            pointer=f"/panel/models/{place}",
        )
    return ladder


def _can_be_asked(target: Target, catalog: Catalog, usable: frozenset[str], at: datetime) -> bool:
    return (target.provider == EXTRACTIVE or target.provider in usable) and is_alive(catalog.model(target), at)


def _builtin(catalog: Catalog) -> tuple[Target, ...]:
    return tuple(card.target for card in catalog.models if card.provider == EXTRACTIVE)


def _strategy(asked: str, seats: int) -> tuple[str, str]:
    if asked != "auto":
        return asked, "as asked"
    if seats == 1:
        return "single", "one model can be asked, so there is nothing to compare"
    return "consensus", f"{seats} models can be asked, so what they agree on counts"


def _seat_bound(seat: SeatPlan, messages: tuple[Message, ...], catalog: Catalog, at: datetime) -> int:
    """The dearest rung; a seat pays one answer."""
    return max(_rung_bound(catalog.model(target), messages, at) for target in seat.ladder)


def _rung_bound(card: ModelCard, messages: tuple[Message, ...], at: datetime) -> int:
    call = Call(
        call_id="plan",
        messages=messages,
        max_output_tokens=min(MAX_OUTPUT_TOKENS, card.max_output_tokens),
        timeout_s=1.0,
    )
    return bound(call, card, at)


def _check_cost(made: Plan, request: AnalysisRequest) -> None:
    allowed = request.max_cost_micro_usd
    if allowed is not None and made.bound_micro_usd > allowed:
        needed = made.bound_micro_usd / MICRO_PER_USD
        raise MaxCostTooLow(
            f"The worst case of this plan costs {needed:.6f} US dollars, above max_cost_usd {request.max_cost_usd}.",
            bound_micro_usd=made.bound_micro_usd,
        )
