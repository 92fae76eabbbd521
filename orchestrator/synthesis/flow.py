"""What a synthesis strategy is, and how one is driven over stored replies. Pure.

A strategy is a generator: it yields `Question`s when it wants models' opinions (a judge's, a lead's), those together
that do not depend on each other's answers; it is sent their replies in the same order, each a `Reply`, or None where
nobody could be had, and returns the `Synthesis`. It holds no state but its inputs and is deterministic, so it can be
run again from the start over the replies that are stored: a crash, a redelivered task or a replay asks only what is
missing.

    match drive(strategy(inputs), rounds):
        case Needs(questions=questions):   # ask them all at once, store the replies as the next round, drive again
        case Synthesis() as synthesis:     # done

A strategy that cannot have a reply goes on without it, and its result says so by what `asked` and `heard` count.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Literal, Protocol, TypeAlias

from pydantic import Field

from orchestrator.analysis.items import Candidate, Item, Kind, Summary
from providers.calls import JsonObject, Message, Reply, Value

Role: TypeAlias = Literal["lead", "judge"]


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a strategy may know.

    Attributes:
        candidates: of the seats that answered, by seat; at least one.
        places: of each utterance in the transcript, by id.
        quorum: how many seats had to answer.
        weights: how much a seat's word counts; 1 where nothing is said.
        records: how much it counts for one kind of item, by the measured record of its model in meetings of this type:
            a factor, by seat and kind, on the weight; 1 where nothing is said.
        families: of the model that answered, by seat; a judge of a contestant's own family favours it.
        at_hand: how many models can be asked in each role; a strategy asks no more than that.
        boundary: random, of this job; frames what is shown to a lead or judge, so that nothing in it can end the frame.
        spoken: the meeting's language where it is known.
    """

    candidates: Mapping[int, Candidate]
    places: Mapping[str, int]
    quorum: int
    weights: Mapping[int, float] = field(default_factory=dict)
    records: Mapping[int, Mapping[Kind, float]] = field(default_factory=dict)
    families: Mapping[int, str] = field(default_factory=dict)
    at_hand: Mapping[Role, int] = field(default_factory=dict)
    boundary: str = ""
    spoken: str | None = None

    def __post_init__(self) -> None:
        if not self.candidates:
            raise ValueError("a synthesis needs at least one candidate")
        factors = (factor for kinds in self.records.values() for factor in kinds.values())
        if any(weight <= 0 for weight in (*self.weights.values(), *factors)):
            raise ValueError("a seat's weight must be above 0")

    @property
    def has_quorum(self) -> bool:
        return len(self.candidates) >= self.quorum

    def weight(self, *seats: int) -> float:
        """Of several seats together, whatever their order."""
        return fsum(self.weights.get(seat, 1.0) for seat in seats)

    def weight_in(self, kind: Kind, *seats: int) -> float:
        """Of several seats together where items of this kind are concerned."""
        return fsum(self.weights.get(seat, 1.0) * self.records.get(seat, {}).get(kind, 1.0) for seat in seats)


class Question(Value):
    """What a strategy wants to hear from a model that holds no seat of the panel.

    `name` tells it from the flow's other questions. Whoever asks it chooses the model, pays, and knows the deadline.
    """

    role: Role
    name: str
    messages: tuple[Message, ...]
    schema_name: str
    json_schema: JsonObject
    max_output_tokens: int = Field(gt=0)


class Synthesis(Value):
    """A strategy's product. `seats` are those whose candidates it read; of `asked` questions `heard` had a use.

    `winner` is the seat whose candidate won, where a strategy lets one win.
    """

    language: str
    summary: Summary
    topics: tuple[Item, ...] = ()
    decisions: tuple[Item, ...] = ()
    action_items: tuple[Item, ...] = ()
    risks: tuple[Item, ...] = ()
    questions: tuple[Item, ...] = ()
    seats: tuple[int, ...]
    asked: int = 0
    heard: int = 0
    winner: int | None = None

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items


class Needs(Value):
    """A strategy cannot go on before each of these is answered, or nobody is left to answer it. They may be asked at
    once.
    """

    questions: tuple[Question, ...] = Field(min_length=1)


Replies: TypeAlias = Sequence[Reply | None]  # to one round of questions, in their order
Flow: TypeAlias = Generator[tuple[Question, ...], Replies, Synthesis]


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
        asks: in which roles it asks models beside the panel, and how many questions at most in each.
    """

    strategy: Strategy
    min_seats: int
    max_seats: int | None
    default_quorum: Callable[[int], int]
    asks: Mapping[Role, int] = field(default_factory=dict)


def majority(seats: int) -> int:
    """More than half of the seats."""
    return seats // 2 + 1


def drive(flow: Flow, rounds: Sequence[Replies]) -> Synthesis | Needs:
    """Run a fresh flow over the stored replies, round after round; None: nobody could be had for the question.

    Raises:
        ValueError: the replies do not fit the flow's questions, so they are another flow's.
    """
    read = 0
    try:
        questions = next(flow)
        for replies in rounds:
            if len(replies) != len(questions):
                raise ValueError(f"the flow has {len(questions)} questions in round {read}, not {len(replies)}")
            read += 1
            questions = flow.send(replies)
    except StopIteration as end:
        if read < len(rounds):
            raise ValueError(f"the flow ended after {read} of {len(rounds)} rounds of replies") from None
        synthesis: Synthesis = end.value
        return synthesis
    flow.close()
    return Needs(questions=questions)
