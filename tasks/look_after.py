"""A free look at providers that are quiet or out of order, so that a circuit need not wait for a paid call to close."""

from typing import Any

import structlog
from celery import shared_task
from redis.exceptions import RedisError

from orchestrator import names
from tasks import circuit_news, resources

log = structlog.get_logger()


@shared_task(name=names.LOOK_AFTER, ignore_result=True)
def look_after(*, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """One round over the providers that have a key. Safe to run at any time, from any number of processes."""
    here = resources.current()
    try:
        found = here.probes.run(tuple(here.key_names), on_change=circuit_news.tell)
    except RedisError as error:
        log.warning("look_after.put_off", error=type(error).__name__)
        return
    log.debug("look_after.done", **{health.provider: health.state for health in found})
