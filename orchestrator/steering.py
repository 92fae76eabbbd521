"""What the house says to the planning of every job: constraints, a yardstick, what is off, what is hidden, live figures
and records.
"""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.meeting.redaction import NOTHING, Wish
from orchestrator.routing.case import AS_SHIPPED, Yardstick
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.features import ALL_ON, Features
from orchestrator.routing.live import NOTHING_KNOWN, Live
from orchestrator.settings import Settings, redaction_terms
from orchestrator.storage import standings


def _nothing() -> Live:
    return NOTHING_KNOWN


@dataclass(frozen=True)
class Steering:
    """`live` may take a moment and needs a connection of its own now and then: not for within a transaction.

    `measured` is asked within the one that plans.
    """

    constraints: Constraints = UNCONSTRAINED
    yardstick: Yardstick = AS_SHIPPED
    features: Features = ALL_ON
    live: Callable[[], Live] = _nothing
    measured: standings.Read = standings.read
    redaction: Wish = NOTHING


UNSTEERED = Steering()


def steering(
    settings: Settings, live: Callable[[], Live] = _nothing, measured: standings.Read = standings.read
) -> Steering:
    """As the settings have it. Where performance has no weight, nobody looks how models fare.

    Raises:
        SystemExit: 78: the file of terms that it names is of no use.
    """
    return Steering(
        constraints=Constraints(regions=frozenset(settings.regions) or None, zero_retention=settings.zero_retention),
        yardstick=Yardstick(settings.routing_strategy, settings.performance_weighting),
        features=Features(
            context_aware_routing=settings.context_aware_routing,
            multi_model_synthesis=settings.multi_model_synthesis,
        ),
        live=live if settings.performance_weighting else _nothing,
        measured=measured,
        redaction=NOTHING.and_those_of(Wish(kinds=settings.redaction, terms=redaction_terms(settings))),
    )
