"""The request made concrete: who sits on the panel, where each seat goes when its target fails, what it may cost.

Pure: the same request, prompt, catalog, keys, time and budgets give the same plan.
"""

from decimal import Decimal
from itertools import cycle, islice
from typing import Final

from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownModel, UnknownStrategy
from orchestrator.routing.market import EXTRACTIVE, PERCENT, Market
from orchestrator.routing.policies import FLEX_FROM_S, POLICIES, under
from orchestrator.routing.request import MICRO_PER_USD, AnalysisRequest, Policy
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.pressure import RELAXED, Squeeze
from orchestrator.work.seats import SeatPlan
from providers.calls import ServiceTier, Target, Value
from providers.model_names import Resolved, UnknownTarget

# A call whose process or link died is booked at its worst case and repeated once (ADR 0025).
CALLS_HELD: Final = 2


class Plan(Value):
    """`strategy` is what will run; `reason` says why, in words for the reader, and which models were replaced.

    `replaced` are those last words alone, one sentence for each. `policy` is the one that it was made with;
    `cheaper_because` says why that is a cheaper one than was asked for. In micro-dollars: `needed` if every seat pays
    its dearest rung once, `expected` if the first rungs answer as usual, and `bound`, which the job can never pass.
    """

    seats: tuple[SeatPlan, ...]
    strategy: str
    reason: str
    quorum: int
    policy: Policy
    cheaper_because: str | None
    needed_micro_usd: int
    expected_micro_usd: int
    bound_micro_usd: int
    replaced: tuple[str, ...] = ()


def plan(request: AnalysisRequest, market: Market, squeeze: Squeeze = RELAXED) -> Plan:
    """Choose panel, ladders, strategy and quorum; more cheaply than asked for where budgets press.

    Raises:
        UnknownStrategy: nobody has built it.
        UnknownModel: a model of the panel is not in the catalog, or cannot be asked and may not be substituted.
        PanelTooSmall: the strategy needs more seats than can be filled, or no model at all can be asked.
        MaxCostTooLow: the worst case costs more than the caller allows.
    """
    made = _plan(request, market)
    others = (cheaper(made, request, policy, market) for policy in under(squeeze.pressure, request.policy))
    pressed = next((other for other in others if other is not None), None)
    return _checked(made if pressed is None else _told(pressed, squeeze.because), request)


def cheaper(made: Plan, request: AnalysisRequest, policy: Policy, market: Market) -> Plan | None:
    """The plan that another policy makes in the place of `made`; None: it saves nothing.

    It saves nothing where a caller named all models, nor where it would need more at worst. A policy that cannot fill
    the panel, or only with built-in models where `made` asks others, is no way to save: it would be another job.
    """
    try:
        other = _plan(request.model_copy(update={"policy": policy}), market)
    except PanelTooSmall:
        return None
    costs_less = other.expected_micro_usd < made.expected_micro_usd and other.needed_micro_usd <= made.needed_micro_usd
    return other if costs_less and _asks_language_models(other) else None


def _asks_language_models(made: Plan) -> bool:
    return any(seat.ladder[0].provider != EXTRACTIVE for seat in made.seats)


def _told(pressed: Plan, because: str) -> Plan:
    reason = f"{pressed.reason}. {because[:1].upper()}{because[1:]}"
    return pressed.model_copy(update={"cheaper_because": because, "reason": reason})


def _plan(request: AnalysisRequest, market: Market) -> Plan:
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
    seats = _seats(asked[: rule.max_seats], request, market)
    needed = sum(max(map(market.bound, seat.ladder)) for seat in seats)
    return Plan(
        seats=seats,
        strategy=strategy,
        reason=". ".join((reason, *(warning.rstrip(".") for warning in replaced))),
        quorum=min(request.quorum or rule.default_quorum(len(seats)), len(seats)),
        policy=request.policy,
        cheaper_because=None,
        needed_micro_usd=needed,
        expected_micro_usd=sum(market.expected(seat.ladder[0], seat.service_tier) for seat in seats),
        bound_micro_usd=CALLS_HELD * needed,
        replaced=replaced,
    )


def _seats(asked: tuple[Target, ...], request: AnalysisRequest, market: Market) -> tuple[SeatPlan, ...]:
    """What a seat waits for and at which tier it asks goes by its first rung, which need not be what was asked for."""
    ladders = [_ladder(target, place, request, market) for place, target in enumerate(asked)]
    firsts = [ladder[0] for ladder in ladders]
    shares = POLICIES[request.policy].shares_cache
    seats = []
    for place, first in enumerate(firsts):
        leader = firsts.index(first)
        alike = shares and firsts.count(first) > 1 and _keeps(first, market)
        seats.append(
            SeatPlan(
                seat=place,
                role="analyst",
                asked=asked[place],
                ladder=ladders[place],
                service_tier=_service_tier(first, request, market),
                cached=alike,
                follows=leader if alike and leader < place else None,
            )
        )
    return tuple(seats)


def _keeps(target: Target, market: Market) -> bool:
    """Whether a prompt that was sent before costs less there: else waiting for it buys nothing."""
    return any(row.cached_input_micro_usd < row.input_micro_usd for row in market.catalog.model(target).prices)


def _service_tier(target: Target, request: AnalysisRequest, market: Market) -> ServiceTier:
    has_one = market.catalog.model(target).flex_percent < PERCENT
    patient = request.deadline_s >= FLEX_FROM_S and request.priority != "interactive"
    return "flex" if POLICIES[request.policy].flex and has_one and patient else "standard"


def _panel(request: AnalysisRequest, market: Market, named: tuple[Target, ...]) -> tuple[Target, ...]:
    if named:
        return tuple(islice(cycle(named), request.panel.size or len(named)))
    wanted = request.panel.size or (1 if request.strategy == "single" else POLICIES[request.policy].panel)
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


def _strategy(asked: str, seats: int) -> tuple[str, str]:
    if asked != "auto":
        return asked, "as asked"
    if seats == 1:
        return "single", "one model can be asked, so there is nothing to compare"
    return "consensus", f"{seats} models can be asked, so what they agree on counts"


def _checked(made: Plan, request: AnalysisRequest) -> Plan:
    """The plan with no higher bound than the caller allows. Raises MaxCostTooLow: it needs more."""
    allowed = request.max_cost_micro_usd
    if allowed is None:
        return made
    if made.needed_micro_usd > allowed:
        needed = Decimal(made.needed_micro_usd) / MICRO_PER_USD
        raise MaxCostTooLow(
            f"The worst case of this plan costs {needed:.6f} US dollars, above max_cost_usd {request.max_cost_usd}.",
            bound_micro_usd=made.needed_micro_usd,
        )
    return made.model_copy(update={"bound_micro_usd": min(made.bound_micro_usd, allowed)})
