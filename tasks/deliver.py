"""Tells those who wait for a job: its news goes out as a hint on Redis, and each event is marked as announced.

A hint is a bell like any other: whoever misses it looks again within two seconds.
"""

from typing import Any

import structlog
from celery import shared_task
from redis.exceptions import RedisError

from orchestrator import names
from orchestrator.errors import Unavailable
from orchestrator.storage import jobs
from orchestrator.work.hints import channel
from tasks import resources

log = structlog.get_logger()


@shared_task(name=names.DELIVER, bind=True)
def deliver(self: Any, *, job: str, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """Announce what has not been announced. Safe to run twice: the second run finds nothing."""
    here = resources.current()
    try:
        with here.database.tenant_of(job) as connection:
            news = jobs.unannounced(connection, job)
            if news:
                here.redis.publish(channel(here.settings.redis_prefix), job)
    except (Unavailable, RedisError) as error:
        # The transaction is undone, so the reconciler finds the news and rings again.
        log.warning("deliver.put_off", job=job, error=type(error).__name__)
