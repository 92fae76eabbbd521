"""Wakes those who wait for a job. A hint is a bell: whoever misses it looks again within two seconds."""

import structlog
from redis.exceptions import RedisError

from orchestrator.work.hints import channel
from tasks import resources

log = structlog.get_logger()


class Unheard(Exception):
    """Redis is away: nobody was told."""


def hint(job_id: str) -> None:
    """Say on Redis that there is news of the job. Raises Unheard."""
    here = resources.current()
    try:
        here.redis.publish(channel(here.settings.redis_prefix), job_id)
    except RedisError as error:
        log.warning("hint.not_given", job=job_id, error=type(error).__name__)
        raise Unheard from error
