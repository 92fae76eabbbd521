"""The request made concrete: who sits on the panel, where each seat goes when its target fails, what it may cost.

Pure: the same request, prompt, catalog, keys, time, budgets, meeting and live figures give the same plan. Its rooms:
`panels.py` chooses the models by the scores of `scoring.py`, `ladders.py` says where a seat goes, `callers.py` who
answers a strategy's questions, `sums.py` what all that costs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from orchestrator.errors import MaxCostTooLow, PanelTooSmall, UnknownStrategy
from orchestrator.meeting.context import Context
from orchestrator.routing.callers import callers, why_nobody
from orchestrator.routing.case import AS_SHIPPED, NO_ASKS, Asks, Case, Yardstick
from orchestrator.routing.choosing import Circumstances, choose
from orchestrator.routing.features import ONE_MODEL, alone
from orchestrator.routing.ladders import ladder, seats
from orchestrator.routing.live import NOTHING_KNOWN, Live
from orchestrator.routing.market import EXTRACTIVE, Market
from orchestrator.routing.panels import panel
from orchestrator.routing.policies import under
from orchestrator.routing.request import MICRO_PER_USD, AnalysisRequest, Policy
from orchestrator.routing.sums import sums
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.pressure import RELAXED, Pressure, Squeeze
from orchestrator.work.seats import SeatPlan
from providers.calls import Value


class Plan(Value):
    """`strategy` is what will run; `reason` says why, in words for the reader, with what was replaced and the notes.

    `replaced` are those words alone, one sentence for each. `policy` is the one that it was made with;
    `cheaper_because` says why that is a cheaper one than was asked for. `callers` are asked where the strategy has a
    question. `because` says of each seat of the panel why it is who it is, and what moved its rungs; `notes` what else
    became of the request's wishes. In micro-dollars: `needed` if every seat pays its dearest rung once, `expected` if
    the first rungs answer as usual, and `bound`, which the job can never pass.
    """

    seats: tuple[SeatPlan, ...]
    callers: tuple[SeatPlan, ...] = ()
    strategy: str
    reason: str
    quorum: int
    policy: Policy
    cheaper_because: str | None
    needed_micro_usd: int
    expected_micro_usd: int
    bound_micro_usd: int
    replaced: tuple[str, ...] = ()
    because: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    request: AnalysisRequest,
    market: Market,
    squeeze: Squeeze = RELAXED,
    *,
    context: Context | None = None,
    live: Live = NOTHING_KNOWN,
    yardstick: Yardstick = AS_SHIPPED,
    turn: int = 0,
    asks: Asks = NO_ASKS,
) -> Plan:
    """The plan of a request, see `Case` and `plan_of`."""
    return plan_of(Case(request, market, context, live, yardstick, turn, asks), squeeze)


def plan_of(case: Case, squeeze: Squeeze = RELAXED) -> Plan:
    """Choose panel, ladders, strategy and quorum; more cheaply than asked for where budgets press.

    Raises:
        UnknownStrategy: nobody has built it.
        UnknownModel: a model of the panel is not in the catalog, or cannot be asked and may not be substituted.
        InvalidRequest: the catalog has no such provider as is preferred.
        PanelTooSmall: the strategy needs more seats than can be filled, or no model at all can be asked.
        MaxCostTooLow: the worst case costs more than the caller allows.
    """
    case = replace(case, callers=case.callers and squeeze.pressure is not Pressure.SAVE)
    made = _plan(case)
    for policy in under(squeeze.pressure, case.request.policy):
        other = cheaper(made, case, policy)
        if other is not None:
            return _told(_within(other, case.under(policy)), squeeze.because)
    return _within(made, case)


def cheaper(made: Plan, case: Case, policy: Policy) -> Plan | None:
    """The plan that another policy makes in the place of `made`; None: it saves nothing.

    It saves nothing where a caller named all models, nor where it would need more at worst. A policy that cannot fill
    the panel, or only with built-in models where `made` asks others, is no way to save: it would be another job.
    """
    try:
        other = _plan(case.under(policy))
    except PanelTooSmall:
        return None
    costs_less = other.expected_micro_usd < made.expected_micro_usd and other.needed_micro_usd <= made.needed_micro_usd
    return other if costs_less and _asks_language_models(other) else None


def _asks_language_models(made: Plan) -> bool:
    return any(seat.ladder[0].provider != EXTRACTIVE for seat in made.seats)


def _told(pressed: Plan, because: str) -> Plan:
    reason = f"{pressed.reason}. {because[:1].upper()}{because[1:]}"
    return pressed.model_copy(update={"cheaper_because": because, "reason": reason})


def _plan(case: Case) -> Plan:
    request = case.request
    if request.strategy != "auto" and request.strategy not in STRATEGIES:
        known = ", ".join(("auto", *STRATEGIES))
        raise UnknownStrategy(f"There is no strategy {request.strategy!r}; there are {known}.", pointer="/strategy")
    if not case.market.multi_model:
        case = replace(case, request=(request := alone(request)))
    chosen = panel(case)
    whole = [ladder(one.target, place, case) for place, one in enumerate(chosen.asked)]
    strategy, reason = _strategy(case, seats(chosen.asked, whole, case))
    rule = STRATEGIES[strategy]
    if len(chosen.asked) < rule.min_seats:
        raise PanelTooSmall(
            f"{strategy} needs at least {rule.min_seats} seats; {len(chosen.asked)} can be filled.", pointer="/panel"
        )
    asked, ladders = chosen.asked[: rule.max_seats], whole[: rule.max_seats]
    made = seats(asked, ladders, case)
    called = callers(strategy, made, case)
    notes = (*chosen.notes, *why_nobody(strategy, called, case))
    costs = sums(made, called, case.market)
    return Plan(
        seats=made,
        callers=called,
        strategy=strategy,
        reason=". ".join((reason, *(words.rstrip(".") for words in (*chosen.replaced, *notes)))),
        quorum=min(request.quorum or rule.default_quorum(len(made)), len(made)),
        policy=request.policy,
        cheaper_because=None,
        needed_micro_usd=costs.needed_micro_usd,
        expected_micro_usd=costs.expected_micro_usd,
        bound_micro_usd=costs.bound_micro_usd,
        replaced=chosen.replaced,
        because=tuple((one.because, *ladder.notes) for one, ladder in zip(asked, ladders, strict=True)),
        notes=notes,
    )


def _strategy(case: Case, whole: Sequence[SeatPlan]) -> tuple[str, str]:
    """The strategy for these seats, and why it is that one."""
    if not case.market.multi_model:
        return "single", ONE_MODEL
    return choose(
        case.request.strategy, seats=len(whole), policy=case.request.policy, given=_circumstances(case, whole)
    )


def _circumstances(case: Case, whole: Sequence[SeatPlan]) -> Circumstances:
    allowed = case.request.max_cost_micro_usd
    return Circumstances(
        context=case.context,
        lead_micro_usd=_asked_once("hierarchical", whole, case),
        judge_micro_usd=_asked_once("competitive", whole, case),
        room_micro_usd=None if allowed is None else allowed - sums(whole, (), case.market).needed_micro_usd,
        recorded=sum(seat.ladder[0] in case.yardstick.records for seat in whole),
    )


def _asked_once(strategy: str, whole: Sequence[SeatPlan], case: Case) -> int | None:
    """What one question of this strategy costs at worst; None: nobody could answer it."""
    first = callers(strategy, whole, case)[:1]
    return sums((), first, case.market).needed_micro_usd if first else None


def _within(made: Plan, case: Case) -> Plan:
    """The plan with no higher bound than the caller allows, with less of what it could do without if it must be.

    Raises MaxCostTooLow: it needs more, whatever is given up.
    """
    allowed = case.request.max_cost_micro_usd
    if allowed is None:
        return made
    least = made.needed_micro_usd
    for one in _ever_less(made, case):
        if one.needed_micro_usd <= allowed:
            return one.model_copy(update={"bound_micro_usd": min(one.bound_micro_usd, allowed)})
        least = min(least, one.needed_micro_usd)
    raise MaxCostTooLow(
        f"The worst case of this plan costs {Decimal(least) / MICRO_PER_USD:.6f} US dollars,"
        f" above max_cost_usd {case.request.max_cost_usd}.",
        bound_micro_usd=least,
    )


def _ever_less(made: Plan, case: Case) -> Iterator[Plan]:
    """The plan, then those that give up what a caller misses least."""
    yield made
    case = replace(case, callers=False)
    yield _plan(case)
    case = replace(case, one_more=False)
    yield _plan(case)
    if not case.is_strict:
        yield _plan(replace(case, prefers=False))
