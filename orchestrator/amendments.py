"""What may be asked for a job that exists: to cancel it, to let it go on, to forget it.

As with a submit, rows come first: each change is committed before anything is published.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.errors import AdmissionStopped, AlreadyTerminal
from orchestrator.ringing import Ringing
from orchestrator.storage import backlog, interventions, jobs, questions, tenants
from orchestrator.storage.engine import Database
from orchestrator.tenancy import audit, erasure
from orchestrator.tenancy.audit import Act, Action, Actor
from orchestrator.tenancy.erasure import Erasure
from orchestrator.tenancy.hooks import Hooks
from orchestrator.work.jobs import OPEN, RETRIABLE, JobStatus
from orchestrator.work.lanes import Lane
from providers.calls import JsonObject

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Amendments(Ringing):
    """`most_of_tenant`: asks that one tenant may have in the broker and under way. `hooks` None: jobs here name no
    endpoints.
    """

    database: Database
    now: Callable[[], datetime]
    most_of_tenant: int = 1_000
    hooks: Hooks | None = None

    def cancel(self, tenant: str, job_id: str) -> None:
        """End the job before it ends itself. No new paid call starts once this has returned; safe to repeat.

        Raises:
            NotFound: the tenant has no such job.
            AlreadyTerminal: it ended otherwise.
        """
        with self.database.tenant(tenant) as connection:
            # Seats before the job, the order in which every task locks them.
            interventions.cancel_open(connection, job_id)
            moved = jobs.move(connection, job_id, JobStatus.CANCELED, "job.canceled", {}, finished_at=self.now())
            if moved is None:
                _refuse_unless({JobStatus.CANCELED}, jobs.read(connection, job_id))
                return
        failpoints.reach("cancel.committed")
        self.announce(job_id)

    def retry(self, tenant: str, job_id: str, *, at_once: bool = True, ended_before: datetime | None = None) -> bool:
        """Have a failed, canceled or expired job go on from the seats that are missing; the others are not asked again.

        It has as much time again as it had, and what is left of its bound. Safe to repeat: a job that is open already
        stays as it is. A replay has copies for seats, so only its synthesis is made again; one that may call models
        asks again what nobody has answered.

        Args:
            at_once: whether it may go at once, if there is room; else it waits for its turn.
            ended_before: one that ended later stays as it is; None: whenever it ended.

        Returns:
            Whether this call has it go on.

        Raises:
            NotFound: the tenant has no such job.
            AlreadyTerminal: it has succeeded.
            Erased: there is nothing to go on with.
            AdmissionStopped: the tenant's jobs are not taken in; nothing is changed.
            TooMany: the endpoint that it names was idle and is gone, and there is no room for it now.
        """
        with self.database.tenant(tenant) as connection:
            job = jobs.whole(connection, job_id)
            if _stays(job, ended_before):
                return False
            asks = job.replay_of is None
            pays = asks or job.may_call
            stopped = tenants.why_stopped(connection, tenant) if pays else None
            if stopped is not None:
                raise AdmissionStopped(f"New jobs are not taken in: {stopped}.")
            goes = asks and at_once and self._goes_at_once(connection, job.priority)
            if not at_once:
                backlog.knock(connection)
            bells = interventions.reopen(connection, job_id, published=goes) if asks else []
            reopened = jobs.reopen(connection, job_id, missing=len(bells), dispatched=goes or not bells)
            if reopened is None:
                jobs.whole(connection, job_id)  # one that was erased meanwhile keeps its seats as they are
            elif self.hooks is not None:
                self.hooks.renew(connection, tenant, job_id)
            if reopened is not None and pays:
                questions.forget_unanswered(connection, job_id)
        if reopened is None:
            return False  # somebody else was faster
        failpoints.reach("retry.committed")
        if not bells:
            self.ring(job_id)
        elif goes:
            self.publish(job_id, bells)
        self.announce(job_id)
        return True

    def erase(self, tenant: str, job_id: str, by: Actor | None = None) -> Erasure:
        """Forget what was said in the job's meeting, and in its replays; what was paid stays. Safe to repeat.

        An open job is ended first: no new paid call starts once this has returned, and what a call under way brings is
        booked and not kept. What `by` has erased stands in the audit log; None: it is nobody's act.

        Raises:
            NotFound: the tenant has no such job.
        """
        with self.database.tenant(tenant) as connection:
            audit.hold(connection, tenant)
            done = erasure.erase(connection, job_id, self.now())
            if by is not None and done.anew:
                audit.record(connection, by, _erased(done))
        failpoints.reach("erase.committed")
        log.info("job.erased", job=job_id, jobs=len(done.jobs), transcript_kept=bool(done.users))
        for one in done.jobs:
            self.announce(one)
        return done

    def _goes_at_once(self, connection: Connection, lane: Lane) -> bool:
        room = backlog.room(connection, lane)
        if room.left > 0 and not room.waits and room.own < self.most_of_tenant:
            return True
        if not room.waits:
            backlog.knock(connection)  # the dispatcher looks often while jobs wait, and sleeps while none does
        return False


def _stays(job: jobs.JobRow, ended_before: datetime | None) -> bool:
    """Whether a retry leaves it as it is. Raises AlreadyTerminal: it has succeeded."""
    if job.status not in RETRIABLE:
        _refuse_unless(OPEN, job)
        return True
    return ended_before is not None and job.finished_at is not None and job.finished_at > ended_before


def _erased(done: Erasure) -> Act:
    after: JsonObject = {
        "jobs": list(done.jobs),
        "transcript_id": done.transcript_id,
        "transcript_erased": not done.users,
    }
    return Act(action=Action.JOB_ERASED, object=done.job_id, after=after)


def _refuse_unless(fine: Collection[JobStatus], job: jobs.JobRow) -> None:
    if job.status not in fine:
        raise AlreadyTerminal(f"The job has already ended as {job.status}.")
