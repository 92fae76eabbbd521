"""What a paid call can be. Pure.

`intended` is committed before anything else; `sent` right before the first byte leaves; then one of three ends:
`answered` (the provider replied and may bill what it said), `refused` (nothing can be billed), `ambiguous` (the call
left and its outcome is not known: it is booked at its worst case, and corrected if its answer comes after all).
"""

from enum import StrEnum
from typing import Final

from providers.errors import ProviderError


class AttemptState(StrEnum):
    INTENDED = "intended"
    SENT = "sent"
    ANSWERED = "answered"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"


MOVES: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    AttemptState.INTENDED: frozenset({AttemptState.SENT, AttemptState.REFUSED}),
    AttemptState.SENT: frozenset({AttemptState.ANSWERED, AttemptState.REFUSED, AttemptState.AMBIGUOUS}),
    AttemptState.ANSWERED: frozenset(),
    AttemptState.REFUSED: frozenset(),
    AttemptState.AMBIGUOUS: frozenset({AttemptState.ANSWERED}),  # the answer came after all
}


def end_of(error: ProviderError, *, was_sent: bool) -> AttemptState:
    """How an attempt ends that failed with `error`: ambiguous if the provider may bill it and did not say what."""
    return AttemptState.AMBIGUOUS if was_sent and error.may_be_billed else AttemptState.REFUSED
