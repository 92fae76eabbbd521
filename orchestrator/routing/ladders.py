"""Where each seat goes when its target fails, and how its calls are made: ladders, tiers, shared prompts. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrator.errors import UnknownModel
from orchestrator.routing.case import Case
from orchestrator.routing.market import EXTRACTIVE, PERCENT
from orchestrator.routing.panels import Asked
from orchestrator.work.parts import WHOLE, Cut
from orchestrator.work.seats import SeatPlan
from providers.calls import ServiceTier, Target


class Ladder(NamedTuple):
    """A seat's targets in failover order; `notes` say what moved them from their usual places, and why it is `cut`."""

    rungs: tuple[Target, ...]
    notes: tuple[str, ...]
    cut: Cut = WHOLE


def ladder(asked: Target, place: int, case: Case) -> Ladder:
    """The asked model, its stand-ins, a built-in model; each only if it can be asked and may be.

    Stand-ins whose circuit is open go behind the others. The asked one stays in front whatever its circuit says: it may
    have closed when the seat's turn comes, and if it has not, a call that is held back costs a moment.

    Where the first of them can only be asked in parts, these are the seat's: the others are asked in the same, so that
    what was answered by one counts when another goes on.

    Raises:
        UnknownModel: nobody is left.
    """
    rungs: tuple[Target, ...] = (asked,) if case.market.offers(case.market.catalog.model(asked)) else ()
    cut = _cut(asked, rungs, case)
    notes: tuple[str, ...] = ()
    if asked.provider != EXTRACTIVE and case.request.allow_substitution:
        others, notes = stand_ins(asked, case, cut)
        rungs += others
        if case.request.allow_extractive:
            # Two seats that fall back to one deterministic model would agree with themselves: they take turns.
            builtin = case.market.builtin(case.language)
            rungs += (builtin[place % len(builtin)],)
    if not rungs:
        raise UnknownModel(
            f"{asked} cannot be asked here ({_why_not(asked, case)}) and nothing may stand in for it.",
            pointer=f"/panel/models/{place}",
        )
    return Ladder(rungs, (*_why_cut(rungs[0], cut, case), *notes), cut)


def stand_ins(asked: Target, case: Case, cut: Cut = WHOLE) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Who may stand in for a model, those whose circuit is open behind the others; and which those are, in words."""
    pinned = case.request.routing.pinned
    usual = case.market.stand_ins(asked, case.request.policy, pinned=pinned, cut=cut)
    out = {} if pinned else {target: why for target in usual if (why := case.live.why_out(target)) is not None}
    if not out or len(out) == len(usual):
        return usual, ()
    kept = tuple(target for target in usual if target not in out)
    return kept + tuple(out), tuple(f"{target} stands behind the others: {why}" for target, why in out.items())


def seats(asked: tuple[Asked, ...], ladders: list[Ladder], case: Case) -> tuple[SeatPlan, ...]:
    """What a seat waits for and at which tier it asks goes by its first rung, which need not be what was asked for."""
    firsts = [ladder.rungs[0] for ladder in ladders]
    made = []
    for place, first in enumerate(firsts):
        leader = firsts.index(first)
        cut = ladders[place].cut
        # What one seat sends of a part is out of the cache when the next one comes to it.
        alike = case.terms.shares_cache and firsts.count(first) > 1 and _keeps(first, case) and not cut
        made.append(
            SeatPlan(
                seat=place,
                role="analyst",
                asked=asked[place].target,
                ladder=ladders[place].rungs,
                service_tier=_service_tier(first, case),
                cached=alike,
                follows=leader if alike and leader < place else None,
                cut=cut,
            )
        )
    return tuple(made)


def _cut(asked: Target, rungs: Sequence[Target], case: Case) -> Cut:
    """How the seat is asked: as its model wants it, or, if that cannot be asked, whole unless its stand-ins cannot."""
    first = rungs[0] if rungs else None
    if first is None and case.request.allow_substitution and not stand_ins(asked, case)[0]:
        first = next(iter(case.market.stand_ins(asked, case.request.policy, cut=None)), None)
    return WHOLE if first is None else case.market.cut(case.market.catalog.model(first)) or WHOLE


def _why_cut(first: Target, cut: Cut, case: Case) -> tuple[str, ...]:
    if not cut:
        return ()
    window = case.market.catalog.model(first).window_tokens
    parts = f"{len(cut)} parts of it, one after the other, each a call that is paid"
    return (f"the meeting does not fit into the {window} tokens of {first}, so it is asked about {parts}",)


def _why_not(asked: Target, case: Case) -> str:
    lacks = case.market.why_forbidden(case.market.catalog.model(asked))
    return "no key, retired, or too small" if lacks is None else f"{asked.provider} {lacks}"


def _keeps(target: Target, case: Case) -> bool:
    """Whether a prompt that was sent before costs less there: else waiting for it buys nothing."""
    return any(row.cached_input_micro_usd < row.input_micro_usd for row in case.market.catalog.model(target).prices)


def _service_tier(target: Target, case: Case) -> ServiceTier:
    has_one = case.market.catalog.model(target).flex_percent < PERCENT
    return case.service_tier if has_one else "standard"
