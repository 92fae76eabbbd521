"""Where an unanswered seat goes next. Pure: decides, does nothing."""

from typing import Final, TypeAlias

from orchestrator.work.seats import Reason, SeatPlan
from providers.calls import Value
from providers.errors import (
    BadReply,
    Canceled,
    ContentFiltered,
    ContextTooLong,
    Interrupted,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
    Unreachable,
)

MAX_WAIT_S: Final = 20.0  # above this, another provider answers sooner than this one recovers
MAX_SENT_CALLS: Final = 4  # no seat may cost more calls than the brief's four tiers, whatever its ladder


class Retry(Value):
    """Ask again: at `rung`, not before `wait_s` have passed."""

    rung: int
    wait_s: float = 0.0


class GiveUp(Value):
    reason: Reason


Decision: TypeAlias = Retry | GiveUp

# Which failures another target can cure. The most telling class of an error wins: looked up along its class's bases.
# True: the next rung; False: no other target could do better. Source: shared design page providers.md, section 2.1.
CURED_BY_ANOTHER_TARGET: Final[dict[type[ProviderError], bool]] = {
    Unreachable: True,
    Interrupted: True,
    RateLimited: True,
    QuotaExhausted: True,
    Overloaded: True,
    ServerFault: True,
    Unauthenticated: True,  # our key for this provider is at fault, not the request
    ModelNotFound: True,
    ContextTooLong: True,  # the next rung may have a larger window
    ContentFiltered: True,  # vendors differ; the extractive models filter nothing
    Refused: True,  # an unsupported parameter of this model, as a rule
    BadReply: True,
    Canceled: False,
}


def decide(seat: SeatPlan, rung: int, error: ProviderError, *, waited: bool, sent_calls: int) -> Decision:
    """Choose the next rung for a seat, or end it.

    A short rate limit keeps its rung once; everything else that another target can cure moves down the ladder.

    Args:
        rung: zero-based place on the seat's ladder that failed.
        waited: whether this rung already had its one wait.
        sent_calls: how many calls of this seat have left the house so far.
    """
    if not _curable(error):
        return GiveUp(reason=Reason.REFUSED)
    if sent_calls >= MAX_SENT_CALLS:
        return _last_resort(seat, rung)
    if _is_short_limit(error) and not waited:
        return Retry(rung=rung, wait_s=_told_wait_s(error))
    if rung + 1 >= len(seat.ladder):
        return GiveUp(reason=Reason.EXHAUSTED)
    return Retry(rung=rung + 1)


def _curable(error: ProviderError) -> bool:
    return next((cured for cls in type(error).__mro__ if (cured := _row(cls)) is not None), True)


def _row(cls: type) -> bool | None:
    return CURED_BY_ANOTHER_TARGET.get(cls) if issubclass(cls, ProviderError) else None


def _is_short_limit(error: ProviderError) -> bool:
    return (
        isinstance(error, RateLimited) and not isinstance(error, QuotaExhausted) and _told_wait_s(error) <= MAX_WAIT_S
    )


def _told_wait_s(error: ProviderError) -> float:
    """What the provider asked for; one second where it did not say."""
    told = error.retry_after_s if isinstance(error, RateLimited) else None
    return 1.0 if told is None else told


def _last_resort(seat: SeatPlan, rung: int) -> Decision:
    """Skip the rungs that cost a call; the built-in models cost none."""
    later = range(rung + 1, len(seat.ladder))
    free = next((place for place in later if seat.ladder[place].provider == "extractive"), None)
    return GiveUp(reason=Reason.EXHAUSTED) if free is None else Retry(rung=free)
