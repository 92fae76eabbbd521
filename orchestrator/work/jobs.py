"""What a job can be, and which state may follow which. Pure."""

from enum import StrEnum
from typing import Final


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SYNTHESIZING = "synthesizing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


TERMINAL: Final = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED})
OPEN: Final = frozenset(JobStatus) - TERMINAL

# A caller may have such a job go on from the seats that are missing. That is no move of the work itself: nothing that
# runs may ever change an end.
RETRIABLE: Final = frozenset({JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED})

# A job whose panel found no worker in time may expire from the queue; one that was canceled or failed stays so.
MOVES: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED}),
    JobStatus.RUNNING: frozenset({JobStatus.SYNTHESIZING, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED}),
    JobStatus.SYNTHESIZING: frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED}),
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELED: frozenset(),
    JobStatus.EXPIRED: frozenset(),
}


def may_become(status: JobStatus) -> frozenset[JobStatus]:
    """The states from which a job can move to `status`; the WHERE of every state write."""
    return frozenset(origin for origin, goals in MOVES.items() if status in goals)
