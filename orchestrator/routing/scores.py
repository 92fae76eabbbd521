"""What the scores of a plan say: for each seat its candidates, who sits, and why not the others. Pure."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from orchestrator.routing.case import Case
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.routing.panels import standing
from orchestrator.routing.request import RoutingStrategy
from orchestrator.routing.scoring import Scored, Weights, weights
from orchestrator.work.seats import SeatPlan
from providers.calls import Target, Value

MOST_CANDIDATES: Final = 6  # of a seat; a catalog has dozens, and all of them stand in the ranking


class Candidate(Value):
    """A model that could sit on a seat. `why_not` None: it does."""

    target: Target
    score: float
    why_not: str | None


class Scores(Value):
    """How the panel was chosen. `ranking`: every model that the policy would ask, the best score first.

    `because` says why it is that strategy. `candidates` are those of each seat, in the order of seats, the one that
    sits first.
    """

    strategy: RoutingStrategy
    because: str
    weights: Weights
    ranking: tuple[Scored, ...]
    candidates: tuple[tuple[Candidate, ...], ...]


def scores(seats: Sequence[SeatPlan], case: Case) -> Scores:
    """Score what the policy of the case would ask, and tell of each seat of its plan why nobody else sits there."""
    ranking = standing(case)
    routing = case.routing
    return Scores(
        strategy=routing.strategy,
        because=routing.because,
        weights=weights(routing.strategy, case.yardstick.performance_weighting),
        ranking=tuple(sorted(ranking, key=lambda one: (one.out is not None, -one.score))),
        candidates=tuple(tuple(islice(_candidates(seat, seats, ranking, case), MOST_CANDIDATES)) for seat in seats),
    )


def _candidates(
    seat: SeatPlan, seats: Sequence[SeatPlan], ranking: Sequence[Scored], case: Case
) -> Iterator[Candidate]:
    own = next((one for one in ranking if one.target == seat.asked), None)
    if own is not None:
        yield Candidate(target=own.target, score=own.score, why_not=None)
    for one in ranking:
        if one is not own:
            yield Candidate(target=one.target, score=one.score, why_not=_why_not(one, own, seats, case))


def _why_not(one: Scored, own: Scored | None, seats: Sequence[SeatPlan], case: Case) -> str:
    if own is None or case.request.panel.models:
        return "the request names its models" if case.request.panel.models else f"{EXTRACTIVE} is preferred"
    sitting = {seat.asked: seat.seat for seat in reversed(seats)}
    if one.target in sitting:
        return f"it sits on seat {sitting[one.target]}"
    model = case.market.catalog.model
    alike = {model(target).family: place for target, place in sitting.items()}
    if (place := alike.get(model(one.target).family)) is not None:
        return f"it is the same model as seat {place} has"
    if one.out is not None:
        return one.out
    if one.score > own.score:
        parted = case.market.holds(model(own.target)) and not case.market.holds(model(one.target))
        but = "it could only be asked in parts" if parted else f"{case.preferred} is preferred"
        return f"it scores {one.score - own.score:.3f} more, but {but}"
    return f"it scores {own.score - one.score:.3f} less"
