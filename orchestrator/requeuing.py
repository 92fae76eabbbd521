"""Has jobs that ended badly go on, many by one call: each by the retry of one job, in a transaction of its own.

So whatever breaks in between, each job goes on or stands as it was, and the same call may be made again: a job that
goes on already stays as it is. Under an Idempotency-Key a repeat is the same call: it means the jobs that the first one
meant, as they stood then, and so leaves alone what has failed again since.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.amendments import Amendments
from orchestrator.errors import AlreadyTerminal, DomainError, Unavailable
from orchestrator.storage import dead_letters, idempotency, jobs
from orchestrator.storage.dead_letters import Which
from orchestrator.work.jobs import OPEN, RETRIABLE
from providers.calls import Value

log = structlog.get_logger()

MOST: Final = 1_000  # of one call
WITHIN_S: Final = 10.0  # clients give an answer thrice as long; what is left by then is left to the next call

# What a key is bound to, which must be the id of no job: erasing that job would have the key forget its body.
_UP_TO: Final = "dead-letters up to "


class Outcome(StrEnum):
    """`UNCHANGED`: it goes on already, or has ended since the first call under the key. `WOULD`: of a dry run."""

    REQUEUED = "requeued"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    WOULD = "would-requeue"


class Wish(Value):
    """What is to go on: the jobs with these ids, or the oldest `limit` that `which` means. `dry_run`: only look."""

    job_ids: tuple[str, ...] | None = None
    which: Which = Which()
    limit: int = MOST
    dry_run: bool = False


@dataclass(frozen=True)
class Judged:
    """What became of one job. `refusal` is why it was refused."""

    job_id: str
    outcome: Outcome
    refusal: DomainError | None = None


@dataclass(frozen=True)
class Requeued:
    """`more`: some that are meant were not come to. `replayed`: the Idempotency-Key was known."""

    judged: tuple[Judged, ...]
    more: bool
    replayed: bool


@dataclass(frozen=True)
class _Meant:
    """`ended_before`: of a repeat, when its first call was made."""

    ids: tuple[str, ...]
    more: bool
    ended_before: datetime | None = None


@dataclass(frozen=True)
class Requeuing:
    """`clock`: seconds that only grow."""

    jobs: Amendments
    clock: Callable[[], float] = time.monotonic

    def requeue(self, tenant: str, wish: Wish, *, idempotency_key: str | None = None, digest: bytes = b"") -> Requeued:
        """Have them go on in their turn, as many as there is time for. Safe to repeat.

        Args:
            digest: of the call's body; two calls under one key must have the same.

        Raises:
            IdempotencyMismatch: the key belongs to another body.
            Unavailable: PostgreSQL is away; some may go on, and the same call again leaves those as they are.
        """
        meant = self._meant(tenant, wish, None if wish.dry_run else idempotency_key, digest)
        ends_at, judged = self.clock() + WITHIN_S, list[Judged]()
        for job_id in meant.ids:
            if self.clock() >= ends_at:
                break
            judged.append(self._judge(tenant, job_id, wish, meant.ended_before))
            failpoints.reach("requeue.midway")
        done = sum(one.outcome is Outcome.REQUEUED for one in judged)
        log.info("requeue.done", tenant=tenant, requeued=done, looked_at=len(judged))
        left = meant.more or len(judged) < len(meant.ids)
        return Requeued(tuple(judged), left, replayed=meant.ended_before is not None)

    def _meant(self, tenant: str, wish: Wish, key: str | None, digest: bytes) -> _Meant:
        with self.jobs.database.tenant(tenant) as connection:
            found = wish.job_ids or dead_letters.oldest(connection, wish.which, wish.limit + 1)
            ids = tuple(dict.fromkeys(found))[: None if wish.job_ids else wish.limit]
            bound = _UP_TO + (ids[-1] if ids else "")
            if key is not None and (held := idempotency.remember_key(connection, key, digest, bound)) is not None:
                return _meant_before(connection, wish, key, idempotency.earlier(held, digest).job_id)
        return _Meant(ids, more=not wish.job_ids and len(found) > len(ids))

    def _judge(self, tenant: str, job_id: str, wish: Wish, ended_before: datetime | None) -> Judged:
        try:
            if wish.dry_run:
                return Judged(job_id, self._looked_at(tenant, job_id))
            goes = self.jobs.retry(tenant, job_id, at_once=False, ended_before=ended_before)
        except Unavailable:
            raise
        except DomainError as refusal:
            return Judged(job_id, Outcome.REFUSED, refusal)
        return Judged(job_id, Outcome.REQUEUED if goes else Outcome.UNCHANGED)

    def _looked_at(self, tenant: str, job_id: str) -> Outcome:
        with self.jobs.database.tenant(tenant) as connection:
            job = jobs.whole(connection, job_id)
        if job.status in RETRIABLE:
            return Outcome.WOULD
        if job.status in OPEN:
            return Outcome.UNCHANGED
        raise AlreadyTerminal(f"The job has already ended as {job.status}.")


def _meant_before(connection: Connection, wish: Wish, key: str, bound: str) -> _Meant:
    """What the first call under the key meant, as far as it stands as it did then."""
    before = idempotency.bound_at(connection, key)
    up_to = bound.removeprefix(_UP_TO)
    found = wish.job_ids or dead_letters.oldest(connection, wish.which, wish.limit, up_to=up_to, ended_before=before)
    return _Meant(tuple(dict.fromkeys(found)), more=False, ended_before=before)
