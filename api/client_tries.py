"""Whether a call that may be repeated is made again, and when. Pure, but for the chance in a pause."""

from http import HTTPStatus
from typing import Final

from tenacity import RetryCallState, wait_exponential, wait_random

from api.client_errors import Problem, Silent, Unreachable

TRIES: Final = 4  # with the waits between, about a second and a half
MOST_ASKED_S: Final = (
    5.0  # of a Retry-After: who asks for more is told to the caller, who knows what else there is to do
)
PASSING: Final = frozenset((HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT))

_BACKOFF: Final = wait_exponential(multiplier=0.2, max=1.0) + wait_random(0, 0.1)


def may_pass(error: BaseException) -> bool:
    """Whether another try within a moment may bring more.

    Not after silence: the service may be at work on the first one.
    """
    if not isinstance(error, Problem):
        return isinstance(error, Unreachable) and not isinstance(error, Silent)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return 0 < error.retry_after_s <= MOST_ASKED_S
    return error.status in PASSING and error.retry_after_s <= MOST_ASKED_S


def pause(state: RetryCallState) -> float:
    """Seconds until the next try: what the service asks for, and a little more each time, never the same for all."""
    error = None if state.outcome is None else state.outcome.exception()
    asked_s = error.retry_after_s if isinstance(error, Problem) else 0.0
    return asked_s + _BACKOFF(state)
