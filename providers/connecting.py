"""Tries again where no connection came about: nothing was sent by then, so nothing can be paid twice."""

from collections.abc import Callable
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from providers.errors import Unreachable
from providers.sockets import Cancel

CONNECT_RETRY_S: Final = 1.0  # a restart of a proxy is over by then; a longer outage is failover's business
CONNECT_ATTEMPTS: Final = 3

Answer = TypeVar("Answer")


def until_connected(attempt: Callable[[], Answer], *, cancel: Cancel, clock: Callable[[], float]) -> Answer:
    """Run the attempt, up to three times within a second, for as long as it says that it reached nobody.

    Raises:
        Exception: what the attempt raised last.
    """
    began = clock()
    try:
        return attempt()
    except Unreachable as error:
        if not error.retryable:
            raise
        unreached = error
    # tenacity comes in only now: a call that connects at once would spend a twentieth of its CPU on it (ADR 0022).
    return _again(attempt, unreached, cancel, within_s=CONNECT_RETRY_S - (clock() - began))


def _again(attempt: Callable[[], Answer], unreached: Unreachable, cancel: Cancel, *, within_s: float) -> Answer:
    """Go on after a first attempt that failed so; it counts as one of them."""
    failed = [unreached]

    def following() -> Answer:
        if failed:
            raise failed.pop()
        return attempt()

    def nap(seconds: float) -> None:
        cancel.wait(seconds)

    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, Unreachable) and error.retryable),
        stop=stop_after_attempt(CONNECT_ATTEMPTS) | stop_before_delay(within_s),
        wait=wait_random_exponential(multiplier=0.1, max=0.4),
        sleep=nap,
        reraise=True,
    )
    return attempts(following)
