"""What may be asked for a batch that exists: to hold it back, to let it go on, to cancel it, to retry what failed.

A wish is committed first and then carried out in steps over a few jobs each; what a crash leaves undone the reconciler
does. Each step goes by the wish as it then stands, so that a later one overtakes an earlier one and none is half done.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.amendments import Amendments
from orchestrator.errors import AlreadyTerminal
from orchestrator.storage import backlog, batch_ends, batch_steps, batches, interventions, jobs
from orchestrator.storage.batches import BatchRow
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import Act, Action, Actor
from orchestrator.work.batches import BatchStatus, holds_back, status
from orchestrator.work.jobs import JobStatus

CANCELED_AT_ONCE: Final = 25  # waiting jobs in one transaction: some thirty statements, a twentieth of a second
RETRIED_AT_ONCE: Final = 100
ENDING_S: Final = 5.0  # what a caller waits for waiting jobs to end; nothing of them is paid meanwhile


class _Stage(Enum):
    """Where the carrying out of a wish stands. `ENDING`: no job starts any more, and some are to be ended."""

    TELLING = auto()
    ENDING = auto()
    SETTLED = auto()


@dataclass(frozen=True)
class Amending:
    """Changes a batch's jobs by what may be asked for each of them."""

    jobs: Amendments

    def pause(self, tenant: str, batch_id: str, by: Actor | None = None) -> None:
        """Hold back all of its jobs that wait; none of them is let go once this has returned. Those under way go on.

        Safe to repeat. What `by` has changed, here and below, stands in the audit log; None: it is nobody's act.

        Raises:
            NotFound: the tenant has no such batch.
            AlreadyTerminal: it has ended, or was canceled.
        """
        self._wish(tenant, batch_id, by, paused=True)

    def resume(self, tenant: str, batch_id: str, by: Actor | None = None) -> None:
        """Let its jobs wait for their turn again, with as much time as they had left. Safe to repeat.

        Raises as `pause` does.
        """
        self._wish(tenant, batch_id, by, paused=False)

    def cancel(self, tenant: str, batch_id: str, by: Actor | None = None) -> None:
        """End all of its open jobs. No new paid call starts once this has returned; safe to repeat.

        Jobs that only wait may be ended a little later, by the reconciler.

        Raises:
            NotFound: the tenant has no such batch.
            AlreadyTerminal: it has ended otherwise.
        """
        with self.jobs.database.tenant(tenant) as connection:
            batch = _held(connection, tenant, batch_id)
            if batch.canceled_at is None:
                _refuse_if(batch, BatchStatus.FINISHED)
                batches.set_canceled(connection, batch_id)
                batch_ends.receive(connection, batch_id)
                _tell_of(connection, by, Action.BATCH_CANCELED, batch_id)
        self.settle(tenant, batch_id)

    def retry(self, tenant: str, batch_id: str, by: Actor | None = None) -> None:
        """Have its failed, expired and canceled jobs go on in their turn, as a retry of each would. Safe to repeat.

        Lines that became no job are not kept: they can only be sent again, in another batch.

        Raises:
            NotFound: the tenant has no such batch.
            AlreadyTerminal: it is being canceled.
            AdmissionStopped: the tenant's jobs are not taken in.
            TooMany: jobs from some one on name endpoints that there is no room for now.
        """
        with self.jobs.database.tenant(tenant) as connection:
            batch = _held(connection, tenant, batch_id)
            _refuse_if(batch, BatchStatus.CANCELING)
            some = bool(batch_steps.retriable(connection, batch_id, "", 1))
            if some:
                # Not whole again until all of them go on: else it would end each time that one of them is fast.
                batches.set_open(connection, batch_id)
                _tell_of(connection, by, Action.BATCH_RETRIED, batch_id)
        if some:
            try:
                self._retry_all(tenant, batch_id)
            finally:
                with self.jobs.database.tenant(tenant) as connection:
                    batch_ends.receive(connection, batch_id)
                    batches.change(connection, batch_id, unsettled=True)
            self.settle(tenant, batch_id)

    def settle(self, tenant: str, batch_id: str, ending_s: float = ENDING_S) -> bool:
        """Carry out what its caller wishes, as far as that is not done; False: jobs that only wait are yet to be ended.

        Safe at any time, in any number of processes. `ending_s`: time for those.
        """
        ends_at = time.monotonic() + ending_s
        while True:
            stage = self._step(tenant, batch_id)
            failpoints.reach("batch.stepped")
            if stage is _Stage.SETTLED:
                return True
            if stage is _Stage.ENDING and time.monotonic() >= ends_at:
                return False

    def close(self, tenant: str, batch_id: str) -> None:
        """End the taking in of a batch that its caller has left: an atomic one is canceled, another is what it is."""
        with self.jobs.database.tenant(tenant) as connection:
            atomic = batches.hold(connection, batch_id).atomic
            if not atomic:
                batch_ends.receive(connection, batch_id)
        if atomic:
            self.cancel(tenant, batch_id)

    def _wish(self, tenant: str, batch_id: str, by: Actor | None, *, paused: bool) -> None:
        with self.jobs.database.tenant(tenant) as connection:
            batch = _held(connection, tenant, batch_id)
            _refuse_if(batch, BatchStatus.FINISHED, BatchStatus.CANCELING, BatchStatus.CANCELED)
            if (batch.paused_at is not None) != paused:
                batches.set_wish(connection, batch_id, paused=paused)
                _tell_of(connection, by, Action.BATCH_PAUSED if paused else Action.BATCH_RESUMED, batch_id)
        self.settle(tenant, batch_id)

    def _retry_all(self, tenant: str, batch_id: str) -> None:
        after = ""
        while found := self._retriable(tenant, batch_id, after):
            for job in found:
                with suppress(AlreadyTerminal):  # somebody else was faster, and it has succeeded since
                    self.jobs.retry(tenant, job, at_once=False)
            after = found[-1]

    def _retriable(self, tenant: str, batch_id: str, after: str) -> Sequence[str]:
        with self.jobs.database.tenant(tenant) as connection:
            return batch_steps.retriable(connection, batch_id, after, RETRIED_AT_ONCE)

    def _step(self, tenant: str, batch_id: str) -> _Stage:
        under_way: Sequence[str] = ()
        ended: Sequence[str] = ()
        with self.jobs.database.tenant(tenant) as connection:
            batch = batches.hold(connection, batch_id)
            stage = _tell(connection, batch)
            if stage is _Stage.SETTLED and batch.canceled_at is not None:
                under_way = batch_steps.let_go(connection, batch_id)
                if not under_way:
                    ended = self._end_some(connection, batch_id)
                stage = _after(batch, under_way, ended)
            if stage is _Stage.SETTLED and batch.unsettled:
                batches.set_settled(connection, batch_id)
        for job in under_way:
            with suppress(AlreadyTerminal):
                self.jobs.cancel(tenant, job)
        for job in ended:
            self.jobs.announce(job)
        return stage

    def _end_some(self, connection: Connection, batch_id: str) -> Sequence[str]:
        found = batch_steps.take_held_back(connection, batch_id, CANCELED_AT_ONCE)
        for job in found:
            interventions.cancel_open(connection, job)
            jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {}, finished_at=self.jobs.now())
        return found


def _held(connection: Connection, tenant: str, batch_id: str) -> BatchRow:
    """For an act: the audit log before the batch, the order in which all take them."""
    audit.hold(connection, tenant)
    return batches.hold(connection, batch_id)


def _tell_of(connection: Connection, by: Actor | None, action: Action, batch_id: str) -> None:
    if by is not None:
        audit.record(connection, by, Act(action=action, object=batch_id))


def _tell(connection: Connection, batch: BatchRow) -> _Stage:
    """Hold some of its jobs back, or let some wait again. `SETTLED`: each of them knows."""
    if holds_back(batch):
        return _Stage.TELLING if batch_steps.pause(connection, batch.id) else _Stage.SETTLED
    if not batch_steps.release(connection, batch.id):
        return _Stage.SETTLED
    backlog.knock(connection)
    return _Stage.TELLING


def _after(batch: BatchRow, under_way: Sequence[str], ended: Sequence[str]) -> _Stage:
    if under_way:
        return _Stage.TELLING
    return _Stage.ENDING if batch.open_jobs > len(ended) else _Stage.SETTLED


def _refuse_if(batch: BatchRow, *states: BatchStatus) -> None:
    now = status(batch)
    if now in states:
        raise AlreadyTerminal(f"The batch is {now} already.")
