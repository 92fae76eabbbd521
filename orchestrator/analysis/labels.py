"""What was really done, in words that a reader can trust, and in what it was less than asked. Pure.

Label and degradations are functions of what happened alone: how the seats ended, and what became of the questions that
the strategy asked beside the panel. When the process changed, so do they.

| strategy | when fewer seats answer than it needs | when what it asks beside the panel is lost |
|---|---|---|
| single, consensus | single is run | it asks nobody |
| expertise | single is run | `unmeasured`: no model has a record, so all counted alike |
| hierarchical | single is run | `lead-lost`: drafts are united by rule, and are not called hierarchical |
| competitive | single is run | `judge-lost`, for each; checks and the judges who were heard decide |

Seats that are lost, substituted, built in or asked in parts count alike under every strategy. A competition that was to
have no judges has lost none.

| a seat that was asked in parts | is |
|---|---|
| all parts have an answer | `in-parts`: its model saw one part at a time; `substituted` too if another answered any |
| a part has none | `seat-lost`, with how many had: a meeting with a hole is no answer |
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from orchestrator.analysis.beside import NOTHING, Beside
from providers.calls import Target, Value

DegradationCode: TypeAlias = Literal[
    "seat-lost",
    "substituted",
    "strategy-downgraded",
    "extractive",
    "in-parts",
    "lead-lost",
    "judge-lost",
    "unmeasured",
    "quorum-partial",
    "cheaper-plan",
]

BUILT_IN: Final = "extractive"  # the provider of the rule-based models that ship with the product


class SeatFact(Value):
    """How a seat ended. `served` is the target whose answer was taken; `reason` why there is none.

    `parts`: in how many it was asked; `heard`: who answered them, one for each that has an answer. `served` is then the
    one that answered most.
    """

    seat: int
    asked: Target
    served: Target | None
    answered: bool
    reason: str | None = None
    parts: int = 1
    heard: tuple[Target, ...] = ()

    @property
    def answering(self) -> tuple[Target, ...]:
        """Who answered, each once."""
        return tuple(dict.fromkeys(self.heard)) or ((self.served,) if self.served else ())


class Degradation(Value):
    """One way in which the result is less than was asked for. `seat` is None when it concerns the whole job."""

    code: DegradationCode
    detail: str
    seat: int | None = None


def degradations(
    facts: Sequence[SeatFact],
    *,
    planned: str,
    ran: str,
    quorum: int,
    cheaper: str | None = None,
    beside: Beside = NOTHING,
) -> tuple[Degradation, ...]:
    """Everything that was lost on the way, by seat, then beside the panel, then for the whole job.

    A built-in model is one even where it was asked for: whoever reads the result did not ask.

    Args:
        facts: of all seats of the panel, in any order.
        planned: the strategy of the plan ("auto" is resolved there).
        ran: the strategy that made the result.
        quorum: how many seats had to answer.
        cheaper: why the plan was a cheaper one than was asked for; None: it was not.
        beside: what the strategy had beside the candidates.
    """
    lost = [found for fact in sorted(facts, key=lambda fact: fact.seat) for found in _of_seat(fact)]
    lost += [Degradation(code=code, detail=detail, seat=seat) for code, detail, seat in beside.losses(ran)]
    answered = sum(fact.answered for fact in facts)
    if planned != ran:
        lost.append(Degradation(code="strategy-downgraded", detail=f"{planned} was planned, {ran} was run"))
    if answered < quorum:
        detail = f"{answered} of {len(facts)} seats answered, {quorum} were required"
        lost.append(Degradation(code="quorum-partial", detail=detail))
    if cheaper is not None:
        lost.append(Degradation(code="cheaper-plan", detail=cheaper))
    return tuple(lost)


def label(
    facts: Sequence[SeatFact],
    *,
    planned: str,
    ran: str,
    quorum: int,
    cheaper: str | None = None,
    beside: Beside = NOTHING,
) -> str:
    """Name the process in one line, such as "consensus of 2 of 3 models, 1 substituted"; arguments as above."""
    served = {fact.seat: fact.served for fact in sorted(facts, key=lambda fact: fact.seat) if fact.answered}
    models = {seat: target for seat, target in served.items() if target}
    lost = degradations(facts, planned=planned, ran=ran, quorum=quorum, cheaper=cheaper, beside=beside)
    remarks = _remarks({one.code for one in lost}, facts, planned, quorum)
    return "".join((_process(models, len(facts), planned, ran, beside), *remarks))


def _process(models: Mapping[int, Target], asked: int, planned: str, ran: str, beside: Beside) -> str:
    served = list(models.values())
    if not served:
        return "no model answered"
    if ran == "single":
        return _single(served, asked)
    won = models.get(beside.winner) if beside.winner is not None else None
    name = "drafts" if ran == "hierarchical" and beside.lead_lost else ran  # unreviewed drafts have no such layers
    return "".join((_several(served, asked, name), f", won by {won}" if won else "", beside.words(ran, planned)))


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


def _remarks(lost: Collection[DegradationCode], facts: Iterable[SeatFact], planned: str, quorum: int) -> Iterator[str]:
    answered = [fact for fact in facts if fact.answered]
    if substituted := sum(any(target != fact.asked for target in fact.answering) for fact in answered):
        yield f", {substituted} substituted"
    if parted := sum(fact.parts > 1 for fact in answered):
        yield f", {parted} shown the meeting in parts"
    if "strategy-downgraded" in lost:
        yield f", {planned} was planned"
    if "quorum-partial" in lost:
        yield f", below the quorum of {quorum}"
    if "cheaper-plan" in lost:
        yield ", planned cheaper than asked for"


def _of_seat(fact: SeatFact) -> list[Degradation]:
    if not fact.answered or fact.served is None:
        heard = f", {len(fact.heard)} of {fact.parts} parts were answered" if fact.parts > 1 else ""
        detail = f"{fact.asked}: {fact.reason or 'no answer'}{heard}"
        return [Degradation(code="seat-lost", detail=detail, seat=fact.seat)]
    return [Degradation(code=code, detail=detail, seat=fact.seat) for code, detail in _of_answer(fact)]


def _of_answer(fact: SeatFact) -> Iterator[tuple[DegradationCode, str]]:
    others = [target for target in fact.answering if target != fact.asked]
    if others:
        yield "substituted", f"{fact.asked} was asked, {_answered(others, fact)}"
    for target in fact.answering:
        if target.provider == BUILT_IN:
            of = _of_parts(target, fact)
            yield "extractive", f"{target} is a built-in rule-based model; no language model was used{of}"
    if fact.parts > 1:
        yield "in-parts", f"its window does not hold the meeting, so {fact.asked} was asked about {fact.parts} parts"


def _answered(others: Sequence[Target], fact: SeatFact) -> str:
    return " and ".join(f"{target} answered{_of_parts(target, fact)}" for target in others)


def _of_parts(target: Target, fact: SeatFact) -> str:
    """For how many parts somebody stood in, unless it was for all."""
    count = fact.heard.count(target)
    return "" if fact.parts in (1, count) else f" for {count} of {fact.parts} parts"
