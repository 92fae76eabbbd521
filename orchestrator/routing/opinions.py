"""When the seats are asked of what type a meeting is, and what their votes make of the rules' finding. Pure (ADR 0039).

No call is made for it: the question rides along with the seat's own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from orchestrator.meeting.context import MEETING_TYPES, Context, Finding, MeetingType
from orchestrator.meeting.detection import SWITCHED_OFF
from orchestrator.routing.request import Policy

UNSURE_BELOW: Final = 0.6  # of meetings that the rules were surer of nine in ten were right, of the others half
DOUBT: Final = 1.0  # one vote: a lone seat that contradicts the rules stays unsure


def needs_opinion(context: Context, policy: Policy) -> bool:
    """Whether the seats shall say what type of meeting it is: the rules are unsure, and the policy is not to save.

    Never where the caller said so, nor where finding out is switched off.
    """
    switched_off = context.type.because == (SWITCHED_OFF,)
    return policy != "aggressive" and not switched_off and context.type.confidence < UNSURE_BELOW


def resolve(found: Finding, votes: Sequence[str]) -> Finding:
    """The type that seats and rules agree on most.

    A seat has one vote, the rules have as much of one as they are sure. Of equals the rules' type wins, else the first
    in the list of types; seat order does not matter. What is no type is no vote. The caller's word stands.
    """
    valid = [vote for vote in votes if vote in MEETING_TYPES]
    if found.told or not valid:
        return found
    seats = Counter(valid)
    sums = {kind: seats[kind] + found.confidence * (kind == found.value) for kind in MEETING_TYPES}
    best = max(MEETING_TYPES, key=lambda kind: (sums[kind], kind == found.value))  # of equals max takes the first
    confidence = sums[best] / (sum(sums.values()) + DOUBT)
    rules = f"by rule it was {found.value}, with confidence {found.confidence:.2f}"
    return Finding(
        value=best, confidence=round(confidence, 2), because=(*_told(seats, len(valid)), rules, *found.because)
    )


def _told(seats: Counter[MeetingType], of: int) -> Iterable[str]:
    for kind in MEETING_TYPES:
        if seats[kind]:
            yield f"{seats[kind]} of {of} seats {'says' if seats[kind] == 1 else 'say'} {kind}"
