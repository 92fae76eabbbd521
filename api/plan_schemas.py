"""A plan as the HTTP contract shows it. Money is a decimal string in US dollars with six places."""

from typing import Literal

from api.schemas import Shown
from orchestrator.routing.request import Policy
from providers.calls import ServiceTier


class OfferView(Shown):
    """What one call to a model is expected to cost for this transcript, and can at most."""

    target: str
    provider: str
    expected_usd: str
    bound_usd: str


class PlannedSeatView(Shown):
    """A place on the panel. `ladder` is the order in which models are asked until one answers.

    `follows`: the seat that it waits for, to find the same prompt in the provider's cache.
    """

    seat: int
    role: str
    asked: str
    service_tier: ServiceTier
    follows: int | None
    ladder: tuple[OfferView, ...]


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
    an estimate. `cache_hits` counts the seats that would find their prompt in a provider's cache. `expected_finish_s`
    is null where a model has not answered this tenant before.
    """

    object: Literal["plan"] = "plan"
    strategy: str
    reason: str
    policy: PlannedPolicyView
    quorum: int
    seats: tuple[PlannedSeatView, ...]
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
