"""A replay made concrete: over which seats' stored answers, with which quorum. Pure.

Without named seats it is of the whole panel, those that brought no answer included: so its label and its degradations
say what the job's own say, and the quorum is the job's own as far as it was reached. Seats that are named are a panel
of themselves.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from orchestrator.errors import InvalidRequest, NotReplayable, PanelTooSmall, UnknownStrategy
from orchestrator.routing.request import MAX_PANEL, MoneyText, Strict
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Rule
from orchestrator.work.jobs import OPEN, JobStatus
from providers.calls import Value

_Seat = Annotated[int, Field(ge=0, lt=MAX_PANEL)]


class ReplayRequest(Strict):
    """A replay, as posted. `allow_calls`: the strategy may ask a lead or judges, which costs `max_cost_usd` at most."""

    strategy: Annotated[str, StringConstraints(max_length=40), Field(json_schema_extra={"enum": [*STRATEGIES]})]
    seats: Annotated[tuple[_Seat, ...], Field(min_length=1, max_length=MAX_PANEL)] | None = None
    quorum: int | None = Field(default=None, ge=1, le=MAX_PANEL)
    allow_calls: bool = False
    max_cost_usd: MoneyText | None = None


class Source(Value):
    """The job that is replayed: its panel, and which seats of it brought an answer that is stored."""

    id: str
    status: JobStatus
    quorum: int
    panel: tuple[int, ...]
    answered: tuple[int, ...]


class ReplayPlan(Value):
    """`seats` are those that the new job gets, `answered` those of them with a candidate."""

    strategy: str
    reason: str
    seats: tuple[int, ...]
    answered: tuple[int, ...]
    quorum: int


def plan(wish: ReplayRequest, source: Source) -> ReplayPlan:
    """Choose seats and quorum.

    Raises:
        NotReplayable: the job has not ended, was canceled, or nobody brought an answer.
        UnknownStrategy: nobody has built it.
        InvalidRequest: a seat is named that brought no answer, or is named twice.
        PanelTooSmall: fewer seats answered than the strategy or the wished-for quorum needs.
    """
    _require_answers(source)
    rule = _rule(wish.strategy)
    seats = source.panel if wish.seats is None else _named(wish.seats, source)
    answered = tuple(seat for seat in seats if seat in source.answered)
    if len(answered) < rule.min_seats:
        needed = f"{wish.strategy} needs at least {rule.min_seats} seats that brought an answer"
        raise PanelTooSmall(f"{needed}; here it is {len(answered)}.", pointer="/seats")
    if wish.quorum is not None and wish.quorum > len(answered):
        raise PanelTooSmall(
            f"{wish.quorum} seats cannot have answered: of these it is {len(answered)}.", pointer="/quorum"
        )
    usual = min(source.quorum, len(answered)) if wish.seats is None else rule.default_quorum(len(seats))
    return ReplayPlan(
        strategy=wish.strategy,
        reason=_reason(wish, source, seats),
        seats=seats,
        answered=answered,
        quorum=wish.quorum or usual,
    )


def _require_answers(source: Source) -> None:
    if source.status in OPEN:
        raise NotReplayable(f"{source.id} is still {source.status}; a job can be replayed once it has ended.")
    if source.status is JobStatus.CANCELED:
        raise NotReplayable(f"{source.id} was canceled; have it go on (retry) before you replay it.")
    if not source.answered:
        raise NotReplayable(f"No seat of {source.id} has a stored answer, so there is nothing to replay.")


def _rule(strategy: str) -> Rule:
    if strategy not in STRATEGIES:
        known = ", ".join(STRATEGIES)
        raise UnknownStrategy(
            f"There is no strategy {strategy!r} to replay under; there are {known}.", pointer="/strategy"
        )
    return STRATEGIES[strategy]


def _named(seats: Sequence[int], source: Source) -> tuple[int, ...]:
    for place, seat in enumerate(seats):
        if seat in seats[:place]:
            raise InvalidRequest(f"Seat {seat} is named twice.", pointer=f"/seats/{place}")
        if seat not in source.answered:
            there = f"{_listed(source.answered)} of {source.id} did"
            raise InvalidRequest(f"Seat {seat} brought no answer; {there}.", pointer=f"/seats/{place}")
    return tuple(sorted(seats))


def _reason(wish: ReplayRequest, source: Source, seats: Sequence[int]) -> str:
    of_whom = f"the stored answers of {source.id}"
    return f"as asked, over {of_whom}" if wish.seats is None else f"as asked, over {_listed(seats)} of {of_whom}"


def _listed(seats: Sequence[int]) -> str:
    """`seat 0`, or `seats 0, 1 and 2`."""
    *first, last = map(str, seats)
    return f"seats {', '.join(first)} and {last}" if first else f"seat {last}"
