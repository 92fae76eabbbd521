"""Why a plan is as it is: what else could have been asked and was not, what would be cheapest, what would save. Pure.

It looks at every model of the catalog, which takes some milliseconds: for people who ask, not for every job.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Literal, TypeAlias

from orchestrator.routing.market import EXTRACTIVE, PERCENT, Market
from orchestrator.routing.planning import Plan, cheaper
from orchestrator.routing.policies import CHEAPER, FLEX_FROM_S, POLICIES
from orchestrator.routing.request import AnalysisRequest
from providers.calls import Target, Value
from providers.catalog import ModelCard, is_alive

RejectionCode: TypeAlias = Literal[
    "no-key", "retired", "on-its-way-out", "no-json", "too-small", "other-tier", "same-family", "behind-others"
]


class Rejected(Value):
    """A model that is on no ladder of the plan, and why."""

    target: Target
    code: RejectionCode
    reason: str


class Offer(Value):
    """What one call to a model is expected to cost for this prompt, and could at most, in micro-dollars."""

    target: Target
    expected_micro_usd: int
    bound_micro_usd: int


class Explanation(Value):
    """`cheapest` is over all models that can be asked for this prompt; None: none can. `offers` are of all rungs."""

    offers: dict[Target, Offer]
    rejected: tuple[Rejected, ...]
    cheapest: Offer | None
    advice: tuple[str, ...]


def explain(made: Plan, request: AnalysisRequest, market: Market) -> Explanation:
    """Tell what the plan left out. The same inputs give the same words."""
    planned = {target for seat in made.seats for target in seat.ladder}
    others = [card for card in market.catalog.models if card.provider != EXTRACTIVE and card.target not in planned]
    return Explanation(
        offers={target: offer(target, market) for target in sorted(planned, key=str)},
        rejected=tuple(_rejected(card, made, planned, market) for card in others),
        cheapest=_cheapest(market),
        advice=tuple(dict.fromkeys(_advice(made, request, market))),  # what holds for several seats is said once
    )


def offer(target: Target, market: Market) -> Offer:
    return Offer(target=target, expected_micro_usd=market.expected(target), bound_micro_usd=market.bound(target))


def _rejected(card: ModelCard, made: Plan, planned: set[Target], market: Market) -> Rejected:
    code, reason = _why_not(card, made, planned, market)
    return Rejected(target=card.target, code=code, reason=reason)


def _why_not(card: ModelCard, made: Plan, planned: set[Target], market: Market) -> tuple[RejectionCode, str]:
    """The first of these that holds, from what nobody can change to what is a matter of choice."""
    families = {market.catalog.model(target).family for target in planned}
    wanted = POLICIES[made.policy].tiers
    reasons: tuple[tuple[bool, RejectionCode, str], ...] = (
        (card.provider not in market.reachable, "no-key", f"no key for {card.provider} is configured"),
        (not is_alive(card, market.at), "retired", "its provider does not serve it today"),
        (not market.offers(card), "too-small", f"the transcript does not fit into its {card.window_tokens} tokens"),
        (
            bool(card.replaced_by),
            "on-its-way-out",
            f"{card.replaced_by} takes its place; it is asked by name",
        ),
        (not market.volunteers(card), "no-json", "its wire promises no JSON; it is asked by name"),
        (card.tier not in wanted, "other-tier", f"policy {made.policy} does not ask the {card.tier} tier"),
        (card.family in families, "same-family", "the same model is asked at another provider"),
    )
    behind: tuple[RejectionCode, str] = (
        "behind-others",
        "the panel is full, and its seats have stand-ins of their own",
    )
    return next(((code, reason) for holds, code, reason in reasons if holds), behind)


def _cheapest(market: Market) -> Offer | None:
    able = [card.target for card in market.catalog.models if card.provider != EXTRACTIVE and market.volunteers(card)]
    return min((offer(target, market) for target in able), key=lambda one: one.expected_micro_usd, default=None)


def _advice(made: Plan, request: AnalysisRequest, market: Market) -> Iterator[str]:
    yield from _of_policies(made, request, market)
    yield from _of_patience(made, request, market)
    for seat in made.seats:
        yield from _of_cliff(seat.ladder[0], market)
        yield from _of_channel(seat.ladder[0], market)
    if request.max_cost_usd is None and made.bound_micro_usd > 0:
        most = _usd(made.bound_micro_usd)
        yield f"Without max_cost_usd the job may cost up to {most}, which includes one repeat of every seat"


def _of_policies(made: Plan, request: AnalysisRequest, market: Market) -> Iterator[str]:
    """The next cheaper policy that saves."""
    others = (cheaper(made, request, policy, market) for policy in CHEAPER[made.policy])
    for other in islice(filter(None, others), 1):
        yield (
            f"Policy {other.policy} is expected to cost {_usd(other.expected_micro_usd)}"
            f" instead of {_usd(made.expected_micro_usd)}"
        )


def _of_patience(made: Plan, request: AnalysisRequest, market: Market) -> Iterator[str]:
    """What the cheaper tier would save, to a job that has no time for it."""
    if any(seat.service_tier == "flex" for seat in made.seats) or request.deadline_s >= FLEX_FROM_S:
        return
    first = [seat.ladder[0] for seat in made.seats]
    able = [target for target in first if market.catalog.model(target).flex_percent < PERCENT]
    saved = sum(market.expected(target) - market.expected(target, "flex") for target in able)
    if saved > 0:
        yield (
            f"With policy aggressive and deadline_s of {FLEX_FROM_S:.0f} or more, {len(able)} of {len(first)} models"
            f" would be asked at their cheaper tier, and {_usd(saved)} saved"
        )


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
