"""What the tasks of one process share: opened when the worker starts, closed when it stops."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from redis import Redis
from sqlalchemy import Connection

from orchestrator.analysis.foreign import Heard
from orchestrator.dispatch import Dispatch
from orchestrator.meeting.redaction import Redaction
from orchestrator.meeting.transcript import Transcript
from orchestrator.money.balances import Balances
from orchestrator.money.counters import Counters
from orchestrator.routing import contexts, redacting
from orchestrator.settings import Settings
from orchestrator.storage import transcripts
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import Database
from orchestrator.storage.jobs import JobRow
from providers.catalog import Catalog
from providers.client import Client
from providers.gate.gate import Gate
from providers.probes import Probes
from tasks.leases import LeaseKeeper
from tasks.slowness import Hedges
from tasks.spool import Spool

_Kept = TypeVar("_Kept")

KEPT_TRANSCRIPTS: Final = 64  # a job's seats start together as a rule; a meeting of 2,751 utterances takes 5 MB here


@dataclass(frozen=True)
class Resources:
    """Everything that a task may touch. `key_names` are the names of each provider's keys, in the client's order.

    `forecasts_due` is when each budget's forecast is made again, by the name of its scope: this process' own memory.
    `stopping` is set when the process has been told to end: nothing may wait for long from then on.
    """

    settings: Settings
    database: Database
    clock: HouseClock
    redis: Redis
    catalog: Catalog
    client: Client
    gate: Gate
    key_names: Mapping[str, tuple[str, ...]]
    probes: Probes
    dispatch: Dispatch
    leases: LeaseKeeper
    hedges: Hedges
    counters: Counters
    balances: Balances
    forecasts_due: dict[str, datetime]
    spool: Spool | None
    stopping: threading.Event

    def close(self) -> None:
        """Stop renewing leases, close every connection."""
        self.leases.stop()
        self.client.close()
        self.redis.close()
        self.database.close()


class NotOpen(Exception):
    """A task ran in a process that has not opened its resources: a worker without `workers.lifecycle`."""


_open: list[Resources] = []
_redactions: dict[str, Redaction] = {}  # by job, like the transcripts
_heard: dict[str, Heard] = {}  # by transcript, the oldest first; ids are unique over all tenants


def install(resources: Resources) -> None:
    """Make these the resources of this process."""
    _open.append(resources)


def remove() -> None:
    """Close and forget them. Safe to repeat."""
    while _open:
        _open.pop().close()
    _heard.clear()
    _redactions.clear()


def current() -> Resources:
    """Raises NotOpen: nothing is installed."""
    if not _open:
        raise NotOpen("This process has opened no resources.")
    return _open[-1]


def transcript_of(job: JobRow, connection: Connection | None = None) -> Transcript:
    """A job's transcript, read once per process for all its seats; through `connection` if there is one."""
    return heard_of(job, connection).transcript


def heard_of(job: JobRow, connection: Connection | None = None) -> Heard:
    """The same, with what the seats' answers are checked by."""
    known = _heard.get(job.transcript_id)
    if known is not None:
        return known
    if connection is None:
        with current().database.tenant(job.tenant_id) as own:
            return heard_of(job, own)
    _make_room(_heard)
    _heard[job.transcript_id] = found = Heard(transcripts.read(connection, job.transcript_id))
    return found


def redaction_of(job: JobRow, connection: Connection | None = None) -> Redaction | None:
    """What models are not shown of a job's meeting, found once per process; None: they are shown all of it."""
    if redacting.KEPT_AS not in job.context:
        return None
    known = _redactions.get(job.id)
    if known is not None:
        return known
    wish, facts = redacting.wish_in(job.context), contexts.facts_in(job.context)
    made = redacting.of(transcript_of(job, connection), wish, facts)
    if made is not None:
        _make_room(_redactions)
        _redactions[job.id] = made
    return made


def _make_room(kept: dict[str, _Kept]) -> None:
    while len(kept) >= KEPT_TRANSCRIPTS:
        with suppress(StopIteration, RuntimeError, KeyError):  # another thread may be faster
            kept.pop(next(iter(kept)))
