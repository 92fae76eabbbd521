"""Turns holds into what calls came to, once that is committed. What is missed here, the reconciler's sweep finds."""

from collections.abc import Mapping

import structlog
from redis.exceptions import RedisError

from orchestrator.errors import Unavailable
from tasks import resources

log = structlog.get_logger()


def settle(came_to: Mapping[str, int]) -> None:
    """Settle these calls, by id. Safe to repeat; quiet while Redis is away."""
    holds = resources.current().counters.holds
    try:
        for call_id, cost_micro_usd in came_to.items():
            holds.settle(call_id, cost_micro_usd)
    except RedisError as error:
        log.warning("money.not_settled", calls=len(came_to), error=type(error).__name__)


def set_anew() -> None:
    """Have the counters made anew: something was booked at another figure than they know."""
    try:
        resources.current().counters.renew()
    except (RedisError, Unavailable) as error:
        # They count too much until the next generation, which is the safe side.
        log.warning("money.not_set_anew", error=type(error).__name__)
