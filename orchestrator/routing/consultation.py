"""Whom a replay has for its strategy's questions: those whose replies are stored, and models to be asked. Pure.

Models are planned as for a new job (`callers`), by the policy that the replayed job's seats were planned with and under
what house and request demand of providers. Its contestants are the models that answered, which a plan can only guess.
Whoever has replied already stands in his place among them, and is not paid again.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from orchestrator.errors import MaxCostTooLow
from orchestrator.routing.callers import callers, why_nobody
from orchestrator.routing.case import Case
from orchestrator.routing.request import MICRO_PER_USD
from orchestrator.routing.sums import sums
from orchestrator.synthesis.flow import Question
from orchestrator.work.seats import SeatPlan
from providers.calls import Value

ONE_MODEL: Final = "nobody reviews or judges, as multi-model synthesis is off here"


class Consulted(Value):
    """`callers` in the order of the questions; `reused` are the places of the questions whose stored reply counts.

    `asks`: some of the callers are still to be asked, and the money is theirs, as in a `Plan`. `notes`: what became of
    the questions, for the reader.
    """

    callers: tuple[SeatPlan, ...] = ()
    reused: tuple[int, ...] = ()
    asks: bool = False
    notes: tuple[str, ...] = ()
    needed_micro_usd: int = 0
    expected_micro_usd: int = 0
    bound_micro_usd: int = 0


def consult(
    strategy: str, questions: Sequence[Question], known: Mapping[int, SeatPlan], panel: Sequence[SeatPlan], case: Case
) -> Consulted:
    """Find somebody for each question.

    Args:
        questions: those that the strategy puts where everybody is at hand, in their order.
        known: who has replied to which of them already, by its place.
        panel: of the seats that are replayed; the model that served each is its ladder.
        case: the replay as a request.

    Raises:
        MaxCostTooLow: whoever is still to be asked may cost more than the caller allows.
    """
    ready = callers(strategy, panel, case) if case.market.multi_model else ()
    if not questions:
        # They are at hand all the same, so that a lead with nothing to review is told from one that is lost.
        return Consulted(callers=ready, notes=tuple(_notes(strategy, ready, 0, case)))
    found = dict(_matched(questions, known, ready, case))
    new = [plan for place, plan in found.items() if place not in known]
    reused = tuple(place for place in found if place in known)
    costs = sums((), new, case.market)
    made = Consulted(
        callers=tuple(found.values()),
        reused=reused,
        asks=bool(new),
        notes=tuple(_notes(strategy, tuple(found.values()), len(reused), case)),
        needed_micro_usd=costs.needed_micro_usd,
        expected_micro_usd=costs.expected_micro_usd,
        bound_micro_usd=costs.bound_micro_usd,
    )
    return _within(made, case)


def _matched(
    questions: Sequence[Question], known: Mapping[int, SeatPlan], ready: Sequence[SeatPlan], case: Case
) -> Iterator[tuple[int, SeatPlan]]:
    """Whom each question has, by its place. The n-th question of a role goes to the n-th of its callers, so a role that
    runs out of models has the questions before that alone.
    """
    taken = {family for plan in known.values() for family in _families(plan, case)}
    left = [plan for plan in ready if taken.isdisjoint(_families(plan, case)[:1])]
    done = set()
    for place, question in enumerate(questions):
        fit = (one for one in left if one.role == question.role)
        plan = None if question.role in done else known.get(place) or next(fit, None)
        if plan is None:
            done.add(question.role)
            continue
        if place not in known:
            left.remove(plan)
        yield place, plan


def _families(plan: SeatPlan, case: Case) -> list[str]:
    """Of the models on its ladder, the first to be asked first; one that has left the catalog has none."""
    catalog = case.market.catalog
    return [catalog.model(target).family for target in plan.ladder if catalog.knows(target)]


def _notes(strategy: str, found: Sequence[SeatPlan], reused: int, case: Case) -> Iterator[str]:
    if reused:
        yield f"{_questions(reused)} been asked before, and the stored {_replies(reused)}"
    if case.market.multi_model:
        yield from why_nobody(strategy, found, case)
    elif case.asks.get(strategy) and not found:
        yield ONE_MODEL


def _questions(count: int) -> str:
    return "a question has" if count == 1 else f"{count} questions have"


def _replies(count: int) -> str:
    return "reply counts" if count == 1 else "replies count"


def _within(made: Consulted, case: Case) -> Consulted:
    allowed = case.request.max_cost_micro_usd
    if allowed is None:
        return made
    if made.needed_micro_usd > allowed:
        raise MaxCostTooLow(
            f"The worst case of this replay's calls costs {Decimal(made.needed_micro_usd) / MICRO_PER_USD:.6f} US"
            f" dollars, above max_cost_usd {case.request.max_cost_usd}; without allow_calls it costs nothing.",
            bound_micro_usd=made.needed_micro_usd,
        )
    return made.model_copy(update={"bound_micro_usd": min(made.bound_micro_usd, allowed)})
