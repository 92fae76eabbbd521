"""What follows a delivery's attempt: done, another one and when, or none. Pure.

| the receiver | follows |
|---|---|
| 2xx | done |
| 410 | none, and its endpoint is switched off: it has asked for that |
| 429, 503 with Retry-After | another, no earlier than asked for, and no later than a day |
| anything else, redirects and silence too | another, by the schedule, until that ends |
"""

from enum import StrEnum
from typing import Final

from providers.calls import Value

# Seconds from one attempt to the next; the first is at once. Ten attempts in 75 hours and 35 minutes.
PAUSES_S: Final[tuple[float, ...]] = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
ATTEMPTS: Final = len(PAUSES_S) + 1
JITTER: Final = 0.1  # each pause is that much shorter or longer, so that what failed together comes apart
MOST_ASKED_S: Final = 86_400.0
GONE: Final = 410
NO_LONGER: Final = "the endpoint answered 410 Gone"
PLEASE_WAIT: Final = frozenset({429, 503})


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # its attempts are used up, or its endpoint is switched off


class Verdict(Value):
    """`wait_s`: until the next attempt, of a pending delivery alone. `gone`: the endpoint wants nothing any more."""

    state: DeliveryState
    wait_s: float | None = None
    gone: bool = False


def verdict(status: int | None, attempts: int, *, retry_after_s: float | None, chance: float) -> Verdict:
    """What follows an attempt.

    Args:
        status: of the answer; None: there was none.
        attempts: how many the delivery has had, this one among them.
        retry_after_s: what the receiver asked for.
        chance: from 0 to 1, drawn anew for each attempt.
    """
    if status is not None and 200 <= status < 300:
        return Verdict(state=DeliveryState.DELIVERED)
    if status == GONE:
        return Verdict(state=DeliveryState.FAILED, gone=True)
    if attempts >= ATTEMPTS:
        return Verdict(state=DeliveryState.FAILED)
    pause_s = PAUSES_S[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    asked_s = retry_after_s if status in PLEASE_WAIT and retry_after_s is not None else 0.0
    return Verdict(state=DeliveryState.PENDING, wait_s=max(pause_s, min(asked_s, MOST_ASKED_S)))
