"""From a preview to the plan of the HTTP contract. Pure."""

from collections.abc import Mapping

from api import context_views
from api.plan_schemas import (
    BalanceView,
    CandidateView,
    OfferView,
    PlannedPolicyView,
    PlannedSeatView,
    PlanView,
    RefusalView,
    RejectedView,
    RoutingView,
    ScoreView,
    WeightsView,
)
from api.views import usd
from orchestrator.intake import Preview
from orchestrator.routing.explaining import Explanation, Offer
from orchestrator.routing.request import AnalysisRequest
from orchestrator.routing.scores import Candidate
from orchestrator.work.parts import calls
from orchestrator.work.scopes import Balance
from orchestrator.work.seats import SeatPlan
from providers.calls import Target


def plan(request: AnalysisRequest, preview: Preview) -> PlanView:
    made, told = preview.plan, preview.explanation
    reasons = zip(made.seats, told.offers, made.because, told.scores.candidates, strict=True)
    return PlanView(
        strategy=made.strategy,
        reason=made.reason,
        policy=PlannedPolicyView(asked=request.policy, planned=made.policy, because=made.cheaper_because),
        quorum=made.quorum,
        routing=_routing(told),
        seats=tuple(_seat(seat, offers, because, candidates) for seat, offers, because, candidates in reasons),
        callers=tuple(_seat(seat, told.questions) for seat in made.callers),
        needed_usd=usd(made.needed_micro_usd),
        expected_usd=usd(made.expected_micro_usd),
        bound_usd=usd(made.bound_micro_usd),
        cheapest=None if told.cheapest is None else _offer(told.cheapest),
        rejected=tuple(RejectedView(target=str(one.target), code=one.code, reason=one.reason) for one in told.rejected),
        advice=told.advice,
        cache_hits=sum(seat.follows is not None for seat in made.seats),
        expected_finish_s=preview.expected_finish_s,
        budgets=tuple(_balance(balance) for balance in preview.balances),
        admitted=preview.refusal is None,
        refusal=None
        if preview.refusal is None
        else RefusalView(code=preview.refusal.code, detail=preview.refusal.message),
        context=context_views.detected(preview.context),
        redaction=context_views.redaction(preview.redaction),
    )


def _routing(told: Explanation) -> RoutingView:
    scores, regions = told.scores, told.constraints.regions
    return RoutingView(
        strategy=scores.strategy,
        because=scores.because,
        weights=WeightsView.model_validate(scores.weights.model_dump()),
        scores=tuple(
            ScoreView.model_validate({**one.model_dump(), "target": str(one.target)}) for one in scores.ranking
        ),
        regions=None if regions is None else tuple(sorted(regions)),
        zero_retention=told.constraints.zero_retention,
    )


def _seat(
    seat: SeatPlan,
    offers: Mapping[Target, Offer],
    because: tuple[str, ...] = (),
    candidates: tuple[Candidate, ...] = (),
) -> PlannedSeatView:
    return PlannedSeatView(
        seat=seat.seat,
        role=seat.role,
        asked=str(seat.asked),
        service_tier=seat.service_tier,
        follows=seat.follows,
        because=because,
        ladder=tuple(_offer(offers[target]) for target in seat.ladder),
        candidates=tuple(
            CandidateView(target=str(one.target), score=one.score, why_not=one.why_not) for one in candidates
        ),
        parts=calls(seat.cut),
    )


def _offer(offer: Offer) -> OfferView:
    return OfferView(
        target=str(offer.target),
        provider=offer.target.provider,
        expected_usd=usd(offer.expected_micro_usd),
        bound_usd=usd(offer.bound_micro_usd),
    )


def _balance(balance: Balance) -> BalanceView:
    return BalanceView(
        scope=balance.scope.words,
        limit_usd=usd(balance.limit_micro_usd or 0),
        left_usd=usd(balance.left_micro_usd or 0),
    )
