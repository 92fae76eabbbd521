"""A plan as the HTTP contract shows it. Money is a decimal string in US dollars with six places."""

from typing import Literal

from pydantic import ConfigDict

from api import examples
from api.schemas import DetectedView, RedactionView, Shown
from orchestrator.routing.request import Policy
from providers.calls import ServiceTier


class OfferView(Shown):
    """What one call to a model is expected to cost for this transcript, and can at most."""

    target: str
    provider: str
    expected_usd: str
    bound_usd: str


class CandidateView(Shown):
    """A model that could sit on a seat. `why_not` is null for the one that does."""

    target: str
    score: float
    why_not: str | None


class ScoreView(Shown):
    """How a model was scored: parts from 0 to 1, and their sum with the plan's weights.

    `against` says what lowers its quality for this meeting; `out` why it goes behind all others, null if it does not.
    `record`: how good it was found in your meetings of this type, of which an average model has 0.5; half of its
    quality. Null: it has brought too little there yet, and counts as the mean of those that have a record.
    """

    target: str
    score: float
    quality: float
    cost: float
    order: float
    latency: float
    load: float
    against: tuple[str, ...]
    out: str | None
    record: float | None = None


class WeightsView(Shown):
    """They add up to 1."""

    quality: float
    cost: float
    order: float
    latency: float
    load: float


class RoutingView(Shown):
    """How the panel was chosen, the best score first, and what providers must promise.

    `regions` null: they may handle the meeting anywhere.
    """

    strategy: str
    because: str
    weights: WeightsView
    scores: tuple[ScoreView, ...]
    regions: tuple[str, ...] | None
    zero_retention: bool


class PlannedSeatView(Shown):
    """A place on the panel, or somebody who answers the strategy's questions. `ladder` is the order in which models are
    asked until one answers.

    `follows`: the seat that it waits for, to find the same prompt in the provider's cache. `because`: why it is that
    model, and what moved others on the ladder. `candidates`: who else could sit there, and why not; of the panel alone.
    `parts`: about how many parts of the meeting it is asked, one call each; what a rung costs is for all of them.
    """

    seat: int
    role: str
    asked: str
    service_tier: ServiceTier
    follows: int | None
    because: tuple[str, ...] = ()
    ladder: tuple[OfferView, ...]
    candidates: tuple[CandidateView, ...] = ()
    parts: int = 1


class PlannedPolicyView(Shown):
    """`because` says why the plan was made with a cheaper policy than was asked for."""

    asked: Policy
    planned: Policy
    because: str | None


class RejectedView(Shown):
    target: str
    code: str
    reason: str


class BalanceView(Shown):
    scope: str
    limit_usd: str
    left_usd: str


class RefusalView(Shown):
    """The problem with which the same body would be refused as a job."""

    code: str
    detail: str


class PlanView(Shown):
    """What a job of this body would be: nothing was stored, nobody was called, nothing is held.

    `needed_usd` is what admission asks for, `bound_usd` what the job can never pass, repeats included, `expected_usd`
    an estimate. `callers` answer the strategy's questions once the panel has ended, if it has any. `cache_hits` counts
    the seats that would find their prompt in a provider's cache. `expected_finish_s` is null where a model has not
    answered this tenant before. `context` is what was found out of the meeting.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PLAN]})

    object: Literal["plan"] = "plan"
    strategy: str
    reason: str
    policy: PlannedPolicyView
    quorum: int
    routing: RoutingView
    seats: tuple[PlannedSeatView, ...]
    callers: tuple[PlannedSeatView, ...]
    needed_usd: str
    expected_usd: str
    bound_usd: str
    cheapest: OfferView | None
    rejected: tuple[RejectedView, ...]
    advice: tuple[str, ...]
    cache_hits: int
    expected_finish_s: float | None
    budgets: tuple[BalanceView, ...]
    admitted: bool
    refusal: RefusalView | None
    context: DetectedView | None = None
    redaction: RedactionView | None = None
