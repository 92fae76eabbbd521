"""What a synthesis strategy is, and how one is driven over stored replies. Pure.

A strategy is a generator: it yields a `Call` when it wants a model's opinion (a judge, a lead), is sent the `Reply` and
returns the `Synthesis`. It holds no state but its inputs and is deterministic, so it can be run again from the start
over the replies that are stored: a crash, a redelivered task or a replay asks only what is missing.

    match drive(strategy(inputs), replies):
        case Needs(call=call, number=number):   # ask, store the reply as the number-th, drive again
        case Synthesis() as synthesis:          # done
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Protocol, TypeAlias

from pydantic import Field

from orchestrator.analysis.items import Candidate, Item, Kind, Summary
from providers.calls import Call, Reply, Value


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a strategy may know.

    Attributes:
        candidates: of the seats that answered, by seat; at least one.
        places: of each utterance in the transcript, by id.
        quorum: how many seats had to answer.
        weights: how much a seat's word counts; 1 where nothing is said.
    """

    candidates: Mapping[int, Candidate]
    places: Mapping[str, int]
    quorum: int
    weights: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.candidates:
            raise ValueError("a synthesis needs at least one candidate")
        if any(weight <= 0 for weight in self.weights.values()):
            raise ValueError("a seat's weight must be above 0")

    @property
    def has_quorum(self) -> bool:
        return len(self.candidates) >= self.quorum

    def weight(self, *seats: int) -> float:
        """Of several seats together, whatever their order."""
        return fsum(self.weights.get(seat, 1.0) for seat in seats)


class Synthesis(Value):
    """A strategy's product. `seats` are those whose candidates it read."""

    language: str
    summary: Summary
    topics: tuple[Item, ...] = ()
    decisions: tuple[Item, ...] = ()
    action_items: tuple[Item, ...] = ()
    risks: tuple[Item, ...] = ()
    questions: tuple[Item, ...] = ()
    seats: tuple[int, ...]

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items


class Needs(Value):
    """A strategy cannot go on without the reply to `call`, its `number`-th from 0.

    The call's `call_id` names it within the flow; whoever asks gives the attempt its own.
    """

    call: Call
    number: int = Field(ge=0)


Flow: TypeAlias = Generator[Call, Reply, Synthesis]


class Strategy(Protocol):
    """Starts a fresh flow over the same inputs each time it is called."""

    def __call__(self, inputs: Inputs) -> Flow: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A strategy and what planning must know of it.

    Attributes:
        strategy: starts the flow.
        min_seats: with fewer on the panel the request is refused.
        max_seats: None: as many as a panel may have.
        default_quorum: how many of a panel's seats must answer, unless the request says.
    """

    strategy: Strategy
    min_seats: int
    max_seats: int | None
    default_quorum: Callable[[int], int]


def majority(seats: int) -> int:
    """More than half of the seats."""
    return seats // 2 + 1


def drive(flow: Flow, replies: Sequence[Reply]) -> Synthesis | Needs:
    """Run a fresh flow over the stored replies, in the order of their numbers.

    Raises:
        ValueError: the flow ended before it had read all replies, so they are another flow's.
    """
    read = 0
    try:
        call = next(flow)
        for reply in replies:
            read += 1
            call = flow.send(reply)
    except StopIteration as end:
        if read < len(replies):
            raise ValueError(f"the flow ended after {read} of {len(replies)} replies") from None
        synthesis: Synthesis = end.value
        return synthesis
    flow.close()
    return Needs(call=call, number=len(replies))
