"""Where an unanswered seat goes next. Pure: decides, does nothing.

    a failure that another provider can cure     -> the next rung that may be asked, at once
    a short rate limit, or a full house          -> the same rung once more, after the wait that was told
    a key that is limited or refused             -> the same rung at once, if its provider has another key
    content that was refused                     -> one other provider, then the built-in models, then the end
    nothing left below, and time cures it        -> the first rung again, later and later, while the job has time
    money that only others hold for now          -> the same rung, again and again, while the job has time
    money that is spent                          -> the next rung that what is left allows, then the end
    a fate that is unknown for the second time   -> the built-in models, then the end
    a place that the cheaper tier has not        -> the same rung at once, at the list price
    a whole answer that cannot be used           -> the same rung at once, told what was wrong: once a seat, if paid for
    our own cancel                               -> the end

Source: shared design page providers.md, section 2.1.
"""

from enum import Enum, auto
from typing import Final, TypeAlias

from orchestrator.routing.market import EXTRACTIVE
from orchestrator.work.seats import Reason, SeatPlan
from providers.calls import Value
from providers.errors import (
    BadReply,
    Canceled,
    ContentFiltered,
    ContextTooLong,
    Interrupted,
    ModelNotFound,
    NotAdmitted,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    Saturated,
    ServerFault,
    Unauthenticated,
    Unreachable,
    Withheld,
)

MAX_WAIT_S: Final = 20.0  # above this, another provider answers sooner than this one recovers
MAX_BILLED_CALLS: Final = 4  # no seat may pay more calls than the brief's four tiers, whatever its ladder
MAX_ATTEMPTS: Final = 40  # free ones included: ten rounds of four tiers, more than five minutes of backing off hold
MAX_AMBIGUOUS: Final = 2  # a call of unknown fate is repeated once (shared design page reliability.md, A.6)
FILTERED_TWICE: Final = 2  # two vendors refused the content: a third would be shopping for a lax one
FIRST_ROUND_WAIT_S: Final = 2.0
LONGEST_ROUND_WAIT_S: Final = 60.0
ROUND_MARGIN_S: Final = 6.0  # until the reconciler has come by, and for the calls themselves


class Way(Enum):
    """What becomes of a seat after one kind of failure."""

    NEXT = auto()
    NEXT_OR_LATER = auto()  # time cures it too: worth another round when nothing is left below
    WAIT_OR_NEXT = auto()
    ONE_OTHER = auto()
    END = auto()


# The most telling class of an error wins: looked up along its class's bases.
WAYS: Final[dict[type[ProviderError], Way]] = {
    NotAdmitted: Way.NEXT_OR_LATER,  # nothing was sent: its circuit is open, or its key is parked
    Saturated: Way.WAIT_OR_NEXT,
    Withheld: Way.NEXT,  # spent; while it is only held, see `decide`
    Unreachable: Way.NEXT_OR_LATER,
    Interrupted: Way.NEXT,  # may have been paid for: no second round
    RateLimited: Way.WAIT_OR_NEXT,
    QuotaExhausted: Way.NEXT,
    Overloaded: Way.NEXT_OR_LATER,
    ServerFault: Way.NEXT_OR_LATER,
    Unauthenticated: Way.NEXT,  # our key for this provider is at fault, not the request
    ModelNotFound: Way.NEXT,
    ContextTooLong: Way.NEXT,  # the next rung may have a larger window
    ContentFiltered: Way.ONE_OTHER,  # vendors differ; the extractive models filter nothing
    Refused: Way.NEXT,  # an unsupported parameter of this model, as a rule
    BadReply: Way.NEXT,
    Canceled: Way.END,
}


_NO_PLACE: Final = (RateLimited, Overloaded)  # what a cheaper tier says that has no room now
_FAULTS_OF_A_KEY: Final = (RateLimited, Unauthenticated)  # the gate rests or parks it, and picks another next time


class Standing(Value):
    """How a seat stands when an attempt of it has failed.

    Args:
        rung: zero-based place on the seat's ladder that failed.
        waited: whether this rung already had its one wait.
        attempts: how many there were, this one included.
        billed: how many of them may have to be paid.
        filtered: how many ended because the provider refused the content, this one included.
        ambiguous: of how many the fate is unknown, this one included.
        flex: whether this one asked for the cheaper tier.
        spare_key: whether the provider of this rung has more than one key; the gate knows which of them is good.
        mendable: whether this one brought a whole answer that its author may mend, and what is left pays for that.
        usable: the rungs that may be asked now: known, alive, large enough, allowed, affordable.
        left_s: what is left of the job's time.
    """

    rung: int
    waited: bool
    attempts: int
    billed: int
    filtered: int
    ambiguous: int
    flex: bool
    spare_key: bool
    usable: frozenset[int]
    left_s: float
    mendable: bool = False


class Retry(Value):
    """Ask again: at `rung`, not before `wait_s` have passed. `repair`: say what was wrong with the last answer."""

    rung: int
    wait_s: float = 0.0
    repair: bool = False


class GiveUp(Value):
    reason: Reason


Decision: TypeAlias = Retry | GiveUp


def decide(seat: SeatPlan, standing: Standing, error: ProviderError) -> Decision:
    """Choose the next rung for a seat, or end it."""
    way = way_of(error)
    last = _last_word(seat, standing, error, way)
    if last is not None:
        return last
    if standing.mendable and isinstance(error, BadReply) and standing.rung in standing.usable:
        return Retry(rung=standing.rung, repair=True)
    wait_s = _wait_here_s(standing, error, way)
    if wait_s is not None:
        return Retry(rung=standing.rung, wait_s=wait_s)
    below = sorted(rung for rung in standing.usable if rung > standing.rung)
    if below:
        return Retry(rung=below[0])
    return (
        GiveUp(reason=_for_want_of(error))
        if isinstance(error, Withheld)
        else _another_round(seat, standing, error, way)
    )


def way_of(error: ProviderError) -> Way:
    """The row of the table that holds for an error; an unknown class goes on to the next rung."""
    rows = (WAYS.get(cls) for cls in type(error).__mro__ if issubclass(cls, ProviderError))
    return next((way for way in rows if way is not None), Way.NEXT)


def _last_word(seat: SeatPlan, standing: Standing, error: ProviderError, way: Way) -> Decision | None:
    """What ends the paid calls of a seat, whatever rungs are left; None: nothing does."""
    if way is Way.END:
        return GiveUp(reason=Reason.REFUSED)
    if standing.ambiguous >= MAX_AMBIGUOUS:
        return _last_resort(seat, standing, Reason.AMBIGUOUS)
    if way is Way.ONE_OTHER and standing.filtered >= FILTERED_TWICE:
        return _last_resort(seat, standing, Reason.REFUSED)
    if standing.billed >= MAX_BILLED_CALLS or standing.attempts >= MAX_ATTEMPTS:
        return _last_resort(seat, standing, _for_want_of(error))
    return None


def _for_want_of(error: ProviderError) -> Reason:
    """What a seat ends for want of: money, where that is what kept its last call back, else rungs."""
    return Reason.BUDGET if isinstance(error, Withheld) else Reason.EXHAUSTED


def _wait_here_s(standing: Standing, error: ProviderError, way: Way) -> float | None:
    """After how long the same rung is asked again; None: it is not."""
    if standing.rung not in standing.usable:
        return None
    if standing.flex and isinstance(error, _NO_PLACE) and not isinstance(error, QuotaExhausted):
        return 0.0
    if standing.spare_key and isinstance(error, _FAULTS_OF_A_KEY):
        return 0.0
    if _is_held_up(standing, error) or (way is Way.WAIT_OR_NEXT and _is_worth_waiting(standing, error)):
        return _told_wait_s(error, otherwise=1.0)
    return None


def _is_held_up(standing: Standing, error: ProviderError) -> bool:
    """Whether other calls' holds are all that is in the way, and there is time for them to end."""
    if not isinstance(error, Withheld) or error.final:
        return False
    return error.retry_after_s + ROUND_MARGIN_S < standing.left_s


def _is_worth_waiting(standing: Standing, error: ProviderError) -> bool:
    wait_s = _told_wait_s(error, otherwise=1.0)
    return not standing.waited and wait_s <= min(MAX_WAIT_S, standing.left_s)


def _told_wait_s(error: ProviderError, *, otherwise: float) -> float:
    """What the provider, or its gate here, asked for."""
    told = error.retry_after_s if isinstance(error, (RateLimited, NotAdmitted)) else None
    return otherwise if told is None else told


def _another_round(seat: SeatPlan, standing: Standing, error: ProviderError, way: Way) -> Decision:
    """From the top again, if time can cure it and there is time; each round waits twice as long as the one before."""
    rounds = standing.attempts // len(seat.ladder)
    backoff_s = min(LONGEST_ROUND_WAIT_S, FIRST_ROUND_WAIT_S * 2**rounds)
    wait_s = min(LONGEST_ROUND_WAIT_S, max(backoff_s, _told_wait_s(error, otherwise=0.0)))
    cured_by_time = way in (Way.NEXT_OR_LATER, Way.WAIT_OR_NEXT)
    # A built-in model that was reached and failed will not answer later either.
    if (
        not cured_by_time
        or not standing.usable
        or wait_s + ROUND_MARGIN_S >= standing.left_s
        or _is_builtin(seat, standing.rung)
    ):
        return GiveUp(reason=Reason.EXHAUSTED)
    return Retry(rung=min(standing.usable), wait_s=wait_s)


def _last_resort(seat: SeatPlan, standing: Standing, reason: Reason) -> Decision:
    """Skip the rungs that cost a call; the built-in models cost none."""
    free = (rung for rung in sorted(standing.usable) if rung > standing.rung and _is_builtin(seat, rung))
    found = next(free, None)
    return GiveUp(reason=reason) if found is None else Retry(rung=found)


def _is_builtin(seat: SeatPlan, rung: int) -> bool:
    return seat.ladder[rung].provider == EXTRACTIVE
