"""Who answers the questions of a strategy: a lead that reviews the drafts, judges that rank them. Pure.

They are seats like any other, numbered behind those of the panel, each with a ladder of its own; a strategy whose
question nobody answers goes on without. No built-in model stands on their ladders: it extracts, and has no opinion.

A lead is of no lower tier than any analyst, and of a higher one where the policy pays for it and there is one. A judge
favours its own kind: none is of the family of a model that a contestant asks first, on no rung; those of another vendor
than all contestants go first, then those that stand on no contestant's ladder. No two judges share a family.

What they will be shown is not known yet, so money counts with the most that a question may have.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from orchestrator.routing.case import Case
from orchestrator.routing.ladders import stand_ins
from orchestrator.routing.market import EXPECTED_OUTPUT_TOKENS, EXTRACTIVE, PERCENT, Market
from orchestrator.routing.scoring import ranked
from orchestrator.synthesis.flow import Role
from orchestrator.work.seats import SeatPlan
from providers.calls import Message, Target, Usage
from providers.catalog import ModelCard, Tier
from providers.pricing import cost

MAX_QUESTION_BYTES: Final = 60_000  # the most that a question may show; see `analysis/reviews` and `judging`

_TIERS: Final[tuple[Tier, ...]] = ("builtin", "economy", "balanced", "premium", "top")  # the weakest first


def callers(strategy: str, panel: Sequence[SeatPlan], case: Case) -> tuple[SeatPlan, ...]:
    """The seats for a strategy's questions; none where policy or money forbid them, or no language model is asked.

    There may be fewer than the strategy would ask: as many as there are fit models.
    """
    asks = case.asks.get(strategy)
    firsts = [card for seat in panel if (card := _card(seat.ladder[0], case)).provider != EXTRACTIVE]
    if not (asks and case.callers and case.terms.leads and firsts):
        return ()
    asking = replace(case, market=questioned(case.market))
    rungs = [_card(target, case) for seat in panel for target in seat.ladder]
    found: list[tuple[Role, tuple[Target, ...]]] = [
        *(("lead", ladder) for ladder in _leads(asks.get("lead", 0), firsts, asking)),
        *(("judge", ladder) for ladder in _judges(asks.get("judge", 0), firsts, rungs, asking)),
    ]
    return tuple(
        SeatPlan(seat=len(panel) + place, role=role, asked=ladder[0], ladder=ladder)
        for place, (role, ladder) in enumerate(found)
    )


def why_nobody(strategy: str, found: Sequence[SeatPlan], case: Case) -> tuple[str, ...]:
    """Why nobody is there for a strategy's questions that has some."""
    if found or not case.asks.get(strategy):
        return ()
    if not case.terms.leads:
        return (f"nobody reviews or judges, as policy {case.request.policy} pays for none of it",)
    if not case.callers:
        return ("nobody reviews or judges, as the money has no room for it",)
    return ("nobody reviews or judges, as no other model fit for it can be asked",)


def questioned(market: Market) -> Market:
    """The market for the longest question there may be."""
    return replace(market, messages=_longest_question(), parting=None)


def expected_micro_usd(seat: SeatPlan, drafts: int, market: Market) -> int:
    """What a question to the seat will about cost that shows so many drafts."""
    card = market.catalog.model(seat.ladder[0])
    output = min(EXPECTED_OUTPUT_TOKENS, card.max_output_tokens)
    shown = drafts * EXPECTED_OUTPUT_TOKENS * card.tokens_percent // PERCENT
    about = cost(Usage(input_tokens=shown, output_tokens=output), card, market.at)
    return min(about, questioned(market).bound(card.target))


@cache
def _longest_question() -> tuple[Message, ...]:
    """As many bytes as the longest can have; of characters that are quickly counted."""
    return (Message(role="user", text="x" * MAX_QUESTION_BYTES),)


def _leads(count: int, firsts: Sequence[ModelCard], case: Case) -> Iterator[tuple[Target, ...]]:
    tiers = case.terms.leads
    least = max(_TIERS.index(card.tier) for card in firsts)
    able = [card for card in _able(tiers, case) if _TIERS.index(card.tier) >= least]
    for card in _of_different_families(_best_first(able, tiers, case))[:count]:
        yield (card.target, *(stand_ins(card.target, case)[0] if case.request.allow_substitution else ()))


def _judges(
    count: int, firsts: Sequence[ModelCard], rungs: Sequence[ModelCard], case: Case
) -> Iterator[tuple[Target, ...]]:
    taken = {card.family for card in firsts}
    vendors, spare = {_vendor(card) for card in firsts}, {card.family for card in rungs}
    tiers = case.terms.tiers
    able = [card for card in _able(tiers, case) if card.family not in taken]
    best = sorted(_best_first(able, tiers, case), key=lambda card: (_vendor(card) in vendors, card.family in spare))
    chosen = _of_different_families(best)[:count]
    taken |= {card.family for card in chosen}
    for card in chosen:
        ladder = _ladder_of_judge(card, taken, case)
        taken |= {_card(target, case).family for target in ladder}
        yield ladder


def _ladder_of_judge(card: ModelCard, taken: Collection[str], case: Case) -> tuple[Target, ...]:
    """The judge, the same model elsewhere, and one more family, so that some are left for the other judges."""
    if not case.request.allow_substitution:
        return (card.target,)
    others = [_card(target, case) for target in stand_ins(card.target, case)[0]]
    free = next((other.family for other in others if other.family not in taken), None)
    return (card.target, *(other.target for other in others if other.family in {card.family, free}))


def _able(tiers: Collection[Tier], case: Case) -> list[ModelCard]:
    cards = case.market.candidates(tiers)
    return [card for card in cards if not case.is_strict or card.provider == case.preferred]


def _best_first(cards: Sequence[ModelCard], tiers: Sequence[Tier], case: Case) -> list[ModelCard]:
    return [_card(one.target, case) for one in ranked(cards, tiers, case.market, case.leaning)]


def _of_different_families(cards: Sequence[ModelCard]) -> list[ModelCard]:
    families: dict[str, ModelCard] = {}
    for card in cards:
        families.setdefault(card.family, card)
    return list(families.values())


def _vendor(card: ModelCard) -> str:
    """Who made the model: resellers and deployments name a base at its vendor."""
    return Target.parse(card.base).provider if card.base else card.provider


def _card(target: Target, case: Case) -> ModelCard:
    return case.market.catalog.model(target)
