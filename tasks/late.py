"""Ends panels that have their quorum and have waited long enough: the seats that are left are canceled, the rest is
synthesised.

Whoever works on such a seat sees within a second that it is lost, cuts its call and books it. An answer that comes all
the same is booked too, and kept beside the panel.
"""

from typing import Final

import structlog

from orchestrator import failpoints
from orchestrator.errors import DomainError, Unavailable
from orchestrator.storage import interventions, jobs, standstill
from orchestrator.work.seats import Reason
from tasks import resources

log = structlog.get_logger()

MOST: Final = 100  # in one look; the next one is a second away


def close_panels(limit: int = MOST) -> None:
    """One look. Safe to run in any number of processes at once: each seat ends once.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    with resources.current().database.system() as connection:
        found = standstill.late(connection, limit)
    for job in found:
        try:
            _close(job)
        except Unavailable:
            raise
        except DomainError as error:
            log.warning("late.not_closed", job=job, code=error.code, error=error.message)
        except Exception:
            log.exception("late.not_closed", job=job)


def _close(job: str) -> None:
    here = resources.current()
    with here.database.tenant_of(job) as connection:
        late = interventions.cancel_late(connection, job)
        for seat in late:
            jobs.count_out(connection, job, "seat.failed", {"seat": seat, "reason": Reason.LATE})
    failpoints.reach("late.closed")
    if late:
        log.info("late.closed", job=job, seats=late)
        here.dispatch.ring(job)
