"""All that a plan is made of, as one value that the rooms of planning hand on. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from orchestrator.meeting.context import Context
from orchestrator.routing.live import NOTHING_KNOWN, Live
from orchestrator.routing.market import Market
from orchestrator.routing.policies import FLEX_FROM_S, POLICIES, Terms
from orchestrator.routing.profiles import language_of
from orchestrator.routing.request import AnalysisRequest, Policy, RoutingStrategy
from orchestrator.routing.scoring import PERFORMANCE_WEIGHTING, Leaning
from orchestrator.synthesis.flow import Role
from providers.calls import ServiceTier, Target

# How many models a strategy may ask in each role, by the strategy's name; one that is not there asks nobody.
Asks: TypeAlias = Mapping[str, Mapping[Role, int]]
NO_ASKS: Final[Asks] = {}


class Yardstick(NamedTuple):
    """By what models are judged. `strategy` None: as each policy does. `records`: see `Leaning`."""

    strategy: RoutingStrategy | None = None
    performance_weighting: float = PERFORMANCE_WEIGHTING
    records: Mapping[Target, float] = {}


AS_SHIPPED: Final = Yardstick()


class Routing(NamedTuple):
    """The strategy by which a panel is chosen, and why it is that one, in words."""

    strategy: RoutingStrategy
    because: str


@dataclass(frozen=True)
class Case:
    """A request, and all that is known when it is planned.

    `context` None: nothing is known of the meeting. `turn` is where round-robin stands: any number that differs from
    one meeting to the next. What the money has no room for is given up, one after the other: `callers` who answer a
    strategy's questions, `one_more` seat than the policy has, the preferred provider (`prefers`).
    """

    request: AnalysisRequest
    market: Market
    context: Context | None = None
    live: Live = NOTHING_KNOWN
    yardstick: Yardstick = AS_SHIPPED
    turn: int = 0
    asks: Asks = field(default_factory=dict)
    callers: bool = True
    one_more: bool = True
    prefers: bool = True

    @property
    def terms(self) -> Terms:
        return POLICIES[self.request.policy]

    @property
    def language(self) -> str | None:
        return language_of(self.context)

    @property
    def preferred(self) -> str | None:
        """The provider whose models go first; None: none does."""
        return self.request.routing.preferred_provider if self.prefers else None

    @property
    def is_strict(self) -> bool:
        """Whether nobody else than the preferred provider may be asked."""
        return self.preferred is not None and not self.request.allow_substitution

    @property
    def routing(self) -> Routing:
        """What the request says, else the house, else the policy."""
        asked, house = self.request.routing.strategy, self.yardstick.strategy
        if asked is not None:
            return Routing(asked, "as asked")
        if house is not None:
            return Routing(house, "as the house has set it")
        if self.terms.routing == "cost" and self.market.catalog.failover_order:
            return Routing("preference", "as the house has set an order of providers")
        return Routing(self.terms.routing, f"as policy {self.request.policy} does")

    @property
    def service_tier(self) -> ServiceTier:
        """At which tier models are asked that have several."""
        patient = self.request.deadline_s >= FLEX_FROM_S and self.request.priority != "interactive"
        return "flex" if self.terms.flex and patient else "standard"

    @property
    def leaning(self) -> Leaning:
        return Leaning(
            strategy=self.routing.strategy,
            performance_weighting=self.yardstick.performance_weighting,
            live=self.live,
            records=self.yardstick.records,
            language=self.language,
            turn=self.turn,
            service_tier=self.service_tier,
        )

    def under(self, policy: Policy) -> "Case":
        """The same with another policy."""
        return replace(self, request=self.request.model_copy(update={"policy": policy}))
