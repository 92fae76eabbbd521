"""What a strategy had beside the candidates (a lead, judges, records), what it lost of it, and in which words. Pure.

Part of `labels`, which says what happened to the seats.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from providers.calls import Target, Value

LossCode: TypeAlias = Literal["lead-lost", "judge-lost", "unmeasured", "substituted"]


class RoleFact(Value):
    """A model that stood ready beside the panel. `served` is whose answer came back; None: nobody's, or none was asked.

    `seat` is its number where it has one in the job.
    """

    role: Literal["lead", "judge"]
    asked: Target
    served: Target | None = None
    reason: str | None = None
    seat: int | None = None


class Loss(NamedTuple):
    """One way in which a strategy had less than it needs; as a `Degradation`."""

    code: LossCode
    detail: str
    seat: int | None = None


class Beside(Value):
    """What a strategy had beside the candidates.

    Attributes:
        asked: how many questions it asked, as its `Synthesis` says.
        heard: of how many it could use the answer, as its `Synthesis` says.
        roles: the models that were at hand for them, in the order in which they are asked.
        recorded: how many of the seats that answered weighed by the record of their model.
        winner: the seat whose candidate won, as the `Synthesis` says.
    """

    asked: int = 0
    heard: int = 0
    roles: tuple[RoleFact, ...] = ()
    recorded: int = 0
    winner: int | None = None

    @property
    def lead_lost(self) -> bool:
        """Whether a lead was wanted and not heard. One that was at hand and not asked had nothing to review."""
        return not self.heard and (self.asked > 0 or not self.of("lead"))

    def of(self, role: Literal["lead", "judge"]) -> list[RoleFact]:
        return [fact for fact in self.roles if fact.role == role]

    def losses(self, ran: str) -> tuple[Loss, ...]:
        """What a strategy lost."""
        return tuple(_LOSSES[ran](self)) if ran in _LOSSES else ()

    def words(self, ran: str, planned: str) -> str:
        """What a strategy's label says after its models, such as ", reviewed by openai/gpt-6"."""
        return _WORDS[ran](self, planned == ran) if ran in _WORDS else ""


NOTHING: Final = Beside()


def _of_lead(beside: Beside) -> Iterator[Loss]:
    leads = beside.of("lead")
    if not beside.lead_lost:
        yield from map(_substituted, filter(_is_stand_in, leads))
    elif leads:
        yield _lost(leads[0], "lead-lost")
    else:
        detail = "the lead gave no usable answer" if beside.asked else "no lead could be asked"
        yield Loss("lead-lost", f"{detail}, so the drafts were united by rule")


def _of_judges(beside: Beside) -> Iterator[Loss]:
    judges = beside.of("judge")[: beside.asked]
    silent = [fact for fact in judges if fact.served is None]
    yield from (_lost(fact, "judge-lost") for fact in silent)
    yield from map(_substituted, filter(_is_stand_in, judges))
    # The synthesis counts whom it could use, and does not name them.
    for _unusable in range(beside.asked - beside.heard - len(silent)):
        yield Loss("judge-lost", f"one of {beside.asked} judges gave no ranking that could be used")


def _of_records(beside: Beside) -> Iterator[Loss]:
    if not beside.recorded:
        yield Loss("unmeasured", "no model of the panel has a record in meetings of this type, so all counted alike")


def _is_stand_in(fact: RoleFact) -> bool:
    return fact.served not in (None, fact.asked)


def _substituted(fact: RoleFact) -> Loss:
    return Loss("substituted", f"{fact.asked} was asked as {fact.role}, {fact.served} answered", fact.seat)


def _lost(fact: RoleFact, code: LossCode) -> Loss:
    detail = (
        f"{fact.asked}: {fact.reason or 'no answer'}" if fact.served is None else f"{fact.served}: no usable answer"
    )
    return Loss(code, detail, fact.seat)


def _reviewed(beside: Beside, as_planned: bool) -> str:  # noqa: FBT001  one signature for all words
    if beside.lead_lost:
        why = "its lead gave no usable answer" if beside.asked else "no lead could be asked"
        return f", united by rule: {'hierarchical was planned, ' if as_planned else ''}{why}"
    if not beside.heard:
        return ", nothing to review"
    lead = next((fact for fact in beside.of("lead") if fact.served), None)
    return f", reviewed by {_named(lead) if lead else 'a lead'}"


def _named(fact: RoleFact) -> str:
    return f"{fact.served} in place of {fact.asked}" if _is_stand_in(fact) else str(fact.served)


def _judged(beside: Beside, _as_planned: bool) -> str:  # noqa: FBT001  one signature for all words
    judges = f"{beside.asked} {'judge' if beside.asked == 1 else 'judges'}"
    if not beside.asked:
        return ", ranked by checks"
    if not beside.heard:
        return f", ranked by checks: its {judges} gave no usable answer"
    return f", ranked by checks and {judges if beside.heard == beside.asked else f'{beside.heard} of {judges}'}"


def _measured(beside: Beside, _as_planned: bool) -> str:  # noqa: FBT001  one signature for all words
    counted = f"{beside.recorded} with a measured record"
    return f", {counted if beside.recorded else 'none with a measured record: all counted alike'}"


# A strategy that asks models beside the panel has a row in both; a test holds them against the table of strategies.
_LOSSES: Final[dict[str, Callable[[Beside], Iterable[Loss]]]] = {
    "expertise": _of_records,
    "hierarchical": _of_lead,
    "competitive": _of_judges,
}
_WORDS: Final[dict[str, Callable[[Beside, bool], str]]] = {
    "expertise": _measured,
    "hierarchical": _reviewed,
    "competitive": _judged,
}
