"""Hands a job's news to those who wait for it, and marks each event as announced: the outbox of the events.

The synthesis gives the hint of a job's end itself, the moment it is committed; this is the door by which every other
news goes out, and the one that the reconciler rings when an announcement was lost.
"""

from typing import Any

import structlog
from celery import shared_task

from orchestrator import failpoints, names
from orchestrator.errors import Unavailable
from orchestrator.storage import jobs
from tasks import hinting, resources

log = structlog.get_logger()


@shared_task(name=names.DELIVER, bind=True)
def deliver(self: Any, *, job: str, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """Announce what has not been announced. Safe to run twice: the second run finds nothing."""
    try:
        with resources.current().database.tenant_of(job, durable=False) as connection:
            if jobs.unannounced(connection, job):
                failpoints.reach("delivery.marked")
                hinting.hint(job)
    except (Unavailable, hinting.Unheard) as error:
        # The transaction is undone, so the news stay unannounced: the reconciler finds them and rings again.
        log.warning("deliver.put_off", job=job, error=type(error).__name__)
