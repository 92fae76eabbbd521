"""Why a plan is as it is: what else could have been asked and was not, what would be cheapest, what would save. Pure.

It looks at every model of the catalog, which takes some milliseconds: for people who ask, not for every job.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal, TypeAlias

from orchestrator.routing.callers import questioned
from orchestrator.routing.case import Case
from orchestrator.routing.constraints import Constraints
from orchestrator.routing.market import EXTRACTIVE, PERCENT, Market
from orchestrator.routing.planning import Plan, cheaper
from orchestrator.routing.policies import CHEAPER, FLEX_FROM_S
from orchestrator.routing.scores import Scores, scores
from orchestrator.work.parts import Cut
from orchestrator.work.seats import SeatPlan
from providers.calls import Target, Value
from providers.catalog import ModelCard, is_alive

RejectionCode: TypeAlias = Literal[
    "no-key",
    "forbidden",
    "retired",
    "on-its-way-out",
    "no-json",
    "too-small",
    "other-tier",
    "not-preferred",
    "same-family",
    "out-of-order",
    "behind-others",
]


class Rejected(Value):
    """A model that is on no ladder of the plan, and why."""

    target: Target
    code: RejectionCode
    reason: str


class Offer(Value):
    """What asking a model once is expected to cost for this prompt, and could at most, in micro-dollars."""

    target: Target
    expected_micro_usd: int
    bound_micro_usd: int


class Explanation(Value):
    """`cheapest` is over all models that can be asked for this prompt; None: none can. `offers` are of all rungs, for
    each seat of the panel, with all parts in which it is asked; `questions` of the rungs of those who answer the
    strategy's questions, for the longest of these.
    """

    offers: tuple[dict[Target, Offer], ...]
    questions: dict[Target, Offer]
    constraints: Constraints
    scores: Scores
    rejected: tuple[Rejected, ...]
    cheapest: Offer | None
    advice: tuple[str, ...]


def explain(made: Plan, case: Case) -> Explanation:
    """Tell what the plan left out that was made of the case. The same inputs give the same words."""
    market, asking = case.market, questioned(case.market)
    planned = {target for seat in made.seats for target in seat.ladder}
    others = [card for card in market.catalog.models if card.provider != EXTRACTIVE and card.target not in planned]
    planned_with = case.under(made.policy)
    scored = scores(made.seats, planned_with)
    out = {one.target: one.out for one in scored.ranking if one.out is not None}
    return Explanation(
        offers=tuple({target: offer(target, market, seat.cut) for target in seat.ladder} for seat in made.seats),
        questions={target: offer(target, asking) for seat in made.callers for target in seat.ladder},
        constraints=market.constraints,
        scores=scored,
        rejected=tuple(_rejected(card, planned, out, planned_with) for card in others),
        cheapest=_cheapest(market),
        advice=tuple(dict.fromkeys(_advice(made, case))),  # what holds for several seats is said once
    )


def offer(target: Target, market: Market, cut: Cut | None = None) -> Offer:
    """Args: `cut`, in which parts it is asked; None: as its own window wants it."""
    expected, most = market.expected(target, cut=cut), market.bound(target, cut)
    return Offer(target=target, expected_micro_usd=expected, bound_micro_usd=most)


def _rejected(card: ModelCard, planned: set[Target], out: Mapping[Target, str], case: Case) -> Rejected:
    """The first reason that holds, from what nobody can change to what is a matter of choice."""
    market, policy = case.market, case.request.policy
    families = {market.catalog.model(target).family for target in planned}
    lacks = market.why_forbidden(card)
    alone = case.is_strict and card.provider != case.preferred
    reasons: tuple[tuple[bool, RejectionCode, str], ...] = (
        (card.provider not in market.reachable, "no-key", f"no key for {card.provider} is configured"),
        (lacks is not None, "forbidden", f"{card.provider} {lacks}"),
        (not is_alive(card, market.at), "retired", "its provider does not serve it today"),
        (not market.offers(card), "too-small", _too_small(card, case)),
        (bool(card.replaced_by), "on-its-way-out", f"{card.replaced_by} takes its place; it is asked by name"),
        (not market.volunteers(card), "no-json", "its wire promises no JSON; it is asked by name"),
        (card.tier not in case.terms.tiers, "other-tier", f"policy {policy} does not ask the {card.tier} tier"),
        (alone, "not-preferred", f"{case.preferred} is preferred, and allow_substitution is false"),
        (card.family in families, "same-family", "the same model is asked at another provider"),
        (card.target in out, "out-of-order", out.get(card.target, "")),
        (not market.holds(card), "behind-others", "it could only be asked in parts, which costs and takes more"),
        (True, "behind-others", "the panel is full, and its seats have stand-ins of their own"),
    )
    code, reason = next((code, reason) for holds, code, reason in reasons if holds)
    return Rejected(target=card.target, code=code, reason=reason)


def _too_small(card: ModelCard, case: Case) -> str:
    most = f", nor do {case.market.parting.most} parts of it" if case.market.parting else ""
    return f"the transcript does not fit into its {card.window_tokens} tokens{most}"


def _cheapest(market: Market) -> Offer | None:
    able = [card.target for card in market.catalog.models if card.provider != EXTRACTIVE and market.volunteers(card)]
    offers = (offer(target, market) for target in able)
    return min(offers, key=lambda one: (one.expected_micro_usd, str(one.target)), default=None)


def _advice(made: Plan, case: Case) -> Iterator[str]:
    yield from _of_policies(made, case)
    yield from _of_patience(made, case)
    for seat in made.seats:
        yield from _of_cliff(seat.ladder[0], case.market.calls(seat.cut)[0])
        yield from _of_channel(seat.ladder[0], case.market)
    if case.request.max_cost_usd is None and made.bound_micro_usd > 0:
        most = _usd(made.bound_micro_usd)
        yield f"Without max_cost_usd the job may cost up to {most}, which includes one repeat of every seat"


def _of_policies(made: Plan, case: Case) -> Iterator[str]:
    """The next cheaper policy that saves."""
    others = (cheaper(made, case, policy) for policy in CHEAPER[made.policy])
    for other in islice(filter(None, others), 1):
        yield (
            f"Policy {other.policy} is expected to cost {_usd(other.expected_micro_usd)}"
            f" instead of {_usd(made.expected_micro_usd)}"
        )


def _of_patience(made: Plan, case: Case) -> Iterator[str]:
    """What the cheaper tier would save, to a job that has no time for it."""
    market = case.market
    if any(seat.service_tier == "flex" for seat in made.seats) or case.request.deadline_s >= FLEX_FROM_S:
        return
    able = [seat for seat in made.seats if market.catalog.model(seat.ladder[0]).flex_percent < PERCENT]
    saved = sum(_saved(one, market) for one in able)
    if saved > 0:
        yield (
            f"With policy aggressive and deadline_s of {FLEX_FROM_S:.0f} or more, {len(able)} of {len(made.seats)}"
            f" models would be asked at their cheaper tier, and {_usd(saved)} saved"
        )


def _saved(seat: SeatPlan, market: Market) -> int:
    """In micro-dollars, by the cheaper tier of the seat's first rung."""
    first = seat.ladder[0]
    return market.expected(first, cut=seat.cut) - market.expected(first, "flex", seat.cut)


def _of_cliff(target: Target, market: Market) -> Iterator[str]:
    card = market.catalog.model(target)
    cliffs = sorted({row.over_prompt_tokens for row in card.prices if row.over_prompt_tokens})
    crossed = [cliff for cliff in cliffs if market.expected_prompt_tokens(card) > cliff]
    if crossed:
        yield f"The transcript is longer than {crossed[-1]} tokens at {target}, above which all of the call costs more"


def _of_channel(target: Target, market: Market) -> Iterator[str]:
    """The same model at a provider that has a key and sells it for less."""
    card = market.catalog.model(target)
    alike = [other for other in market.catalog.models if other.family == card.family and market.volunteers(other)]
    best = min(alike, key=lambda other: market.expected(other.target), default=card)
    if market.expected(best.target) < market.expected(target):
        yield (
            f"{best.target} is the same model as {target}, expected to cost {_usd(market.expected(best.target))}"
            f" instead of {_usd(market.expected(target))}"
        )


def _usd(micro_usd: int) -> str:
    return f"{micro_usd // 1_000_000}.{micro_usd % 1_000_000:06d} US dollars"
