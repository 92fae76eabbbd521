"""What was really done, in words that a reader can trust, and in what it was less than asked. Pure.

Label and degradations are functions of facts about the seats alone: when the process changed, so do they.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from providers.calls import Target, Value

DegradationCode: TypeAlias = Literal[
    "seat-lost", "substituted", "strategy-downgraded", "extractive", "quorum-partial", "cheaper-plan"
]

BUILT_IN: Final = "extractive"  # the provider of the rule-based models that ship with the product


class SeatFact(Value):
    """How a seat ended. `served` is the target whose answer was taken; `reason` why there is none."""

    seat: int
    asked: Target
    served: Target | None
    answered: bool
    reason: str | None = None


class Degradation(Value):
    """One way in which the result is less than was asked for. `seat` is None when it concerns the whole job."""

    code: DegradationCode
    detail: str
    seat: int | None = None


def degradations(
    facts: Sequence[SeatFact], *, planned: str, ran: str, quorum: int, cheaper: str | None = None
) -> tuple[Degradation, ...]:
    """Everything that was lost on the way, by seat, then for the whole job.

    A built-in model is one even where it was asked for: whoever reads the result did not ask.

    Args:
        facts: of all seats of the plan, in any order.
        planned: the strategy of the plan ("auto" is resolved there).
        ran: the strategy that made the result.
        quorum: how many seats had to answer.
        cheaper: why the plan was a cheaper one than was asked for; None: it was not.
    """
    lost = [found for fact in sorted(facts, key=lambda fact: fact.seat) for found in _of_seat(fact)]
    answered = sum(fact.answered for fact in facts)
    if planned != ran:
        lost.append(Degradation(code="strategy-downgraded", detail=f"{planned} was planned, {ran} was run"))
    if answered < quorum:
        detail = f"{answered} of {len(facts)} seats answered, {quorum} were required"
        lost.append(Degradation(code="quorum-partial", detail=detail))
    if cheaper is not None:
        lost.append(Degradation(code="cheaper-plan", detail=cheaper))
    return tuple(lost)


def label(facts: Sequence[SeatFact], *, planned: str, ran: str, quorum: int) -> str:
    """Name the process in one line, such as "consensus of 2 of 3 models, 1 substituted"; arguments as above."""
    lost = degradations(facts, planned=planned, ran=ran, quorum=quorum)
    return "".join((_process(facts, ran), *_remarks(lost, planned, quorum)))


def _process(facts: Sequence[SeatFact], ran: str) -> str:
    served = [fact.served for fact in sorted(facts, key=lambda fact: fact.seat) if fact.answered and fact.served]
    if not served:
        return "no model answered"
    return _single(served, len(facts)) if ran == "single" else _several(served, len(facts), ran)


def _single(served: Sequence[Target], asked: int) -> str:
    """Of several answers, the first seat's is the one that was taken."""
    others = "" if asked == 1 else f", {len(served)} of {asked} seats answered"
    if served[0].provider == BUILT_IN:
        return f"extractive: single built-in rule-based model: {served[0]}, no language model was used{others}"
    return f"single model: {served[0]}{others}"


def _several(served: Sequence[Target], asked: int, ran: str) -> str:
    count = str(asked) if len(served) == asked else f"{len(served)} of {asked}"
    models = "model" if asked == 1 else "models"
    built_in = sum(target.provider == BUILT_IN for target in served)
    if built_in == len(served):
        return f"extractive: {ran} of {count} built-in rule-based {models}, no language model was used"
    return f"{ran} of {count} ({built_in} built-in, no language model)" if built_in else f"{ran} of {count} {models}"


def _remarks(lost: Sequence[Degradation], planned: str, quorum: int) -> Iterator[str]:
    codes = Counter(one.code for one in lost)
    if codes["substituted"]:
        yield f", {codes['substituted']} substituted"
    if codes["strategy-downgraded"]:
        yield f", {planned} was planned"
    if codes["quorum-partial"]:
        yield f", below the quorum of {quorum}"


def _of_seat(fact: SeatFact) -> list[Degradation]:
    if not fact.answered or fact.served is None:
        reason = fact.reason or "no answer"
        return [Degradation(code="seat-lost", detail=f"{fact.asked}: {reason}", seat=fact.seat)]
    found = []
    if fact.served != fact.asked:
        detail = f"{fact.asked} was asked, {fact.served} answered"
        found.append(Degradation(code="substituted", detail=detail, seat=fact.seat))
    if fact.served.provider == BUILT_IN:
        detail = f"{fact.served} is a built-in rule-based model; no language model was used"
        found.append(Degradation(code="extractive", detail=detail, seat=fact.seat))
    return found
