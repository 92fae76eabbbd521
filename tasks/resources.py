"""What the tasks of one process share: opened when the worker starts, closed when it stops."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from redis import Redis

from orchestrator.dispatch import Dispatch
from orchestrator.meeting.transcript import Transcript
from orchestrator.settings import Settings
from orchestrator.storage import transcripts
from orchestrator.storage.engine import Database
from providers.catalog import Catalog
from providers.client import Client
from tasks.leases import LeaseKeeper

KEPT_TRANSCRIPTS: Final = 64  # a job's seats start together in one process as a rule; a large meeting takes 2 MB here


@dataclass(frozen=True)
class Resources:
    """Everything that a task may touch."""

    settings: Settings
    database: Database
    redis: Redis
    catalog: Catalog
    client: Client
    dispatch: Dispatch
    leases: LeaseKeeper

    def close(self) -> None:
        """Stop renewing leases, close every connection."""
        self.leases.stop()
        self.client.close()
        self.redis.close()
        self.database.close()


class NotOpen(Exception):
    """A task ran in a process that has not opened its resources: a worker without `workers.lifecycle`."""


_open: list[Resources] = []


def install(resources: Resources) -> None:
    """Make these the resources of this process."""
    _open.append(resources)


def remove() -> None:
    """Close and forget them. Safe to repeat."""
    while _open:
        _open.pop().close()
    transcript_of.cache_clear()


def current() -> Resources:
    """Raises NotOpen: nothing is installed."""
    if not _open:
        raise NotOpen("This process has opened no resources.")
    return _open[-1]


@lru_cache(maxsize=KEPT_TRANSCRIPTS)
def transcript_of(job_id: str, transcript_id: str) -> Transcript:
    """A job's transcript, read once per process for all its seats."""
    with current().database.tenant_of(job_id) as connection:
        return transcripts.read(connection, transcript_id)
