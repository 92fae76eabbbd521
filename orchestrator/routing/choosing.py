"""Which strategy `auto` means for one job, and why. Pure.

The first row that fits decides:

| when | strategy |
|---|---|
| one model can be asked | single |
| policy quality, and a lead can be had within what the job may cost | hierarchical |
| policy quality, no lead, but a judge can be had within it | competitive |
| the meeting is surely one that is told rather than settled (`TOLD`) | competitive |
| half of the models or more have a record in meetings of this type | expertise |
| else | consensus |

A lead and judges are paid beside the panel, so only the policy that asks for quality before all has them; the other
rows ask nobody. The reason names what decided and, where a better row was out of reach, what was missing. It claims no
more: that the chosen strategy is the better one in such meetings is a judgement, not a measurement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.meeting.context import Context
from orchestrator.routing.request import Policy

TOLD: Final = frozenset({"interview", "lecture"})  # few decisions to vote on; an account in one voice reads better
SURE: Final = 0.6  # below it, a type that was found out is rather a guess


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a choice goes by, beside the policy and the panel. What is not known leaves its row out.

    Attributes:
        context: of the meeting.
        lead_micro_usd: what a lead's one question costs at worst; None: no lead can be had.
        judge_micro_usd: what one judge's question costs at worst; None: no judge can be had.
        room_micro_usd: what the job may cost beyond its panel; None: nobody has set a limit.
        recorded: how many of the panel's models have a record worth going by in meetings of this type.
    """

    context: Context | None = None
    lead_micro_usd: int | None = None
    judge_micro_usd: int | None = None
    room_micro_usd: int | None = None
    recorded: int = 0

    def affords(self, micro_usd: int | None) -> bool:
        """Whether a question of this price can be asked."""
        return micro_usd is not None and (self.room_micro_usd is None or micro_usd <= self.room_micro_usd)


def choose(asked: str, *, seats: int, policy: Policy, given: Circumstances | None = None) -> tuple[str, str]:
    """The strategy for a panel, and the reason in words.

    Args:
        asked: the request's own word; anything but "auto" is taken as it is.
        seats: of the panel, at least one.
        policy: the one that the plan is made with.
        given: the circumstances; None: nothing is known of them.
    """
    if asked != "auto":
        return asked, "as asked"
    # What nobody looked for is not said to be missing.
    missing = f"; {_without_lead(given)}, as policy quality would have one" if given and policy == "quality" else ""
    return next(_fitting(seats, policy, given or Circumstances(), missing))


def _fitting(seats: int, policy: Policy, given: Circumstances, missing: str) -> Iterator[tuple[str, str]]:
    models = f"{seats} models can be asked"
    if seats == 1:
        yield "single", "one model can be asked, so there is nothing to compare"
    if policy == "quality" and given.affords(given.lead_micro_usd):
        yield "hierarchical", f"policy quality, and a lead can review what {seats} models draft"
    if policy == "quality" and given.affords(given.judge_micro_usd):
        yield "competitive", f"policy quality, {_without_lead(given)}, but judges can rank what {seats} models write"
    if told := _told_type(given.context):
        yield "competitive", f"{models}, and {told} is best told in one voice, completed by the others{missing}"
    if given.recorded * 2 >= seats:
        known = f"{given.recorded} of them have a record in such meetings"
        yield "expertise", f"{models}, and {known}, so each counts most where it is best{missing}"
    yield "consensus", f"{models}, so what they agree on counts{missing}"


def _without_lead(given: Circumstances) -> str:
    return "no lead can be had" if given.lead_micro_usd is None else "a lead would cost more than is left"


def _told_type(context: Context | None) -> str | None:
    """The meeting's type with its article, if it is surely one that is told."""
    if context is None or context.type.confidence < SURE or context.type.value not in TOLD:
        return None
    return f"{'an' if context.type.value[0] in 'aeiou' else 'a'} {context.type.value}"
