"""The one door to the work: submit a job, cancel it, publish it again.

Rows come first. A submitted job is committed before anything is published, so a broker that is away costs time, never
a job: what could not be published is published by the reconciler. A job goes to the broker at once only if its lane has
room and nobody waits in it; else it stays in PostgreSQL until its turn has come (`tasks/dispatch.py`).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.analysis import prompts
from orchestrator.canvas import Canvas
from orchestrator.errors import AdmissionStopped, AlreadyTerminal, IdempotencyMismatch
from orchestrator.ids import new_id
from orchestrator.intake import Door, Draft, Intake, Preview
from orchestrator.meeting.transcript import Transcript
from orchestrator.money.balances import Balances
from orchestrator.routing.planning import Plan
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage import backlog, idempotency, interventions, jobs, seats, tenants, transcripts
from orchestrator.storage.engine import Database
from orchestrator.work.closed import ClosedLanes
from orchestrator.work.jobs import OPEN, RETRIABLE, JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.seats import Bell
from providers.calls import JsonObject
from providers.catalog import Catalog

log = structlog.get_logger()


@dataclass(frozen=True)
class Submitted:
    """`replayed`: the Idempotency-Key was known, so this is the job of an earlier call."""

    job_id: str
    replayed: bool


@dataclass(frozen=True)
class Dispatch:
    """What a process needs to take in work.

    `reachable` are the providers that have a key. `balances` None: this process takes in no jobs of callers, and asks
    no budget. `most_of_tenant`: asks that one tenant may have in the broker and under way. `most_waiting`: jobs that
    one tenant may have waiting in rows. `closed_lanes` None: every submit asks the rows whether its lane is open.
    """

    database: Database
    canvas: Canvas
    catalog: Catalog
    reachable: frozenset[str]
    now: Callable[[], datetime]
    balances: Balances | None = None
    most_of_tenant: int = 1_000
    most_waiting: int = 50_000
    closed_lanes: ClosedLanes | None = None

    def submit(
        self, tenant: str, request: AnalysisRequest, *, idempotency_key: str | None = None, digest: bytes = b""
    ) -> Submitted:
        """Take the request in, or refuse it.

        Raises what `admit` and `accept` raise.
        """
        door = self.admit(tenant, request, idempotency_key=idempotency_key)
        return self.accept(tenant, request, door, idempotency_key=idempotency_key, digest=digest)

    def admit(self, tenant: str, request: AnalysisRequest, *, idempotency_key: str | None = None) -> Door:
        """Whether the request is let in now. Little is done for that: under overload most end here.

        Raises:
            AdmissionStopped, Overloaded, QueueFull: it is not.
            Unavailable: PostgreSQL is away.
        """
        intake = self._intake
        # Whoever brings a key may ask for a job that exists, which is never refused.
        closed = intake.closed(tenant, request) if idempotency_key is None else None
        if closed is not None:
            raise closed
        door = intake.door(tenant, request, idempotency_key)
        if door.replayed is None and door.stopped is not None:
            raise AdmissionStopped(f"New jobs are not taken in: {door.stopped}.")
        if door.replayed is None and door.closed is not None:
            raise door.closed
        return door

    def accept(
        self,
        tenant: str,
        request: AnalysisRequest,
        door: Door,
        *,
        idempotency_key: str | None = None,
        digest: bytes = b"",
    ) -> Submitted:
        """Plan the request, commit its rows, publish its canvas if its lane has room.

        Args:
            door: what `admit` found for this request.
            digest: of the request's body; two calls under one key must have the same.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below), MaxCostTooLow, BudgetExhausted: nothing
                was stored.
            IdempotencyMismatch: the key belongs to another body.
            Unavailable: PostgreSQL is away; nothing was stored, or all of it, and the same key finds out which.
        """
        if door.replayed is not None:
            return _replayed(door.replayed, digest)
        intake = self._intake
        found = intake.balances(tenant, request.project, door)
        with self.database.tenant(tenant) as connection:
            draft = intake.draft(connection, request, found)
            job_id = new_id("job")
            if idempotency_key is not None:
                held = idempotency.remember_key(connection, idempotency_key, digest, job_id)
                if held is not None:
                    return _replayed(held, digest)
            goes = self._goes_at_once(connection, request.priority)
            self._insert(connection, job_id, request, draft, goes=goes)
        failpoints.reach("api.committed")
        for warning in draft.plan.replaced:
            log.warning("plan.model_replaced", job=job_id, warning=warning)
        if goes:
            self.publish(job_id, _first_bells(job_id, draft.plan, request.priority))
        failpoints.reach("api.published")
        return Submitted(job_id=job_id, replayed=False)

    def preview(self, tenant: str, request: AnalysisRequest) -> Preview:
        """What `submit` would do, and why, without doing it: nothing is stored, nobody is called, nothing is held.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below): there is no plan for it.
            Unavailable: PostgreSQL is away.
        """
        return self._intake.preview(tenant, request)

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

    def retry(self, tenant: str, job_id: str) -> None:
        """Have a failed, canceled or expired job go on from the seats that are missing; the others are not asked again.

        It has as much time again as it had, and what is left of its bound. Safe to repeat: a job that is open already
        stays as it is.

        Raises:
            NotFound: the tenant has no such job.
            AlreadyTerminal: it has succeeded.
            AdmissionStopped: the tenant's jobs are not taken in; nothing is changed.
        """
        with self.database.tenant(tenant) as connection:
            job = jobs.read(connection, job_id)
            if job.status not in RETRIABLE:
                _refuse_unless(OPEN, job)
                return
            stopped = tenants.why_stopped(connection, tenant)
            if stopped is not None:
                raise AdmissionStopped(f"New jobs are not taken in: {stopped}.")
            goes = self._goes_at_once(connection, job.priority)
            bells = interventions.reopen(connection, job_id, published=goes)
            reopened = jobs.reopen(connection, job_id, missing=len(bells), dispatched=goes or not bells)
        if reopened is None:
            return  # somebody else was faster
        failpoints.reach("retry.committed")
        if not bells:
            self.ring(job_id)
        elif goes:
            self.publish(job_id, bells)
        self.announce(job_id)

    @property
    def _intake(self) -> Intake:
        return Intake(
            self.database,
            self.catalog,
            self.reachable,
            self.now,
            self.balances,
            self.most_waiting,
            self.closed_lanes,
        )

    def publish(self, job_id: str, bells: Iterable[Bell]) -> bool:
        """Hand the whole canvas to the broker. False: the broker is away, and the reconciler will do it."""
        return self._send(job_id, self.canvas.panel(job_id, bells))

    def repeat_ask(self, bell: Bell) -> bool:
        """Publish one seat's ask again."""
        return self._send(bell.job, self.canvas.repeated_ask(bell))

    def ring(self, job_id: str) -> bool:
        """Publish the ending of a job whose panel has closed; the compare-and-set in it lets one ring win."""
        return self._send(job_id, self.canvas.ending(job_id))

    def announce(self, job_id: str) -> bool:
        """Publish the delivery of a job's news."""
        return self._send(job_id, self.canvas.deliver(job_id))

    def _send(self, job_id: str, signature) -> bool:  # type: ignore[no-untyped-def]  # celery has no types
        try:
            signature.apply_async()
        except Exception as error:  # noqa: BLE001 - whatever ails the broker, the rows are safe and the job goes on later
            log.warning("dispatch.not_published", job=job_id, error=type(error).__name__)
            return False
        return True

    def _insert(
        self,
        connection: Connection,
        job_id: str,
        request: AnalysisRequest,
        draft: Draft,
        *,
        goes: bool,
    ) -> None:
        made = draft.plan
        stored = request.transcript.transcript_id or transcripts.add(connection, draft.transcript)
        values = {
            "id": job_id,
            "transcript_id": stored,
            "boundary": draft.boundary,
            "strategy_asked": request.strategy,
            "strategy_planned": made.strategy,
            "strategy_reason": made.reason,
            "policy": request.policy,
            "policy_planned": made.policy,
            "cheaper_because": made.cheaper_because,
            "project": request.project,
            "priority": request.priority,
            "quorum": made.quorum,
            "open_seats": len(made.seats),
            "context": _context(request, draft.transcript),
            "catalog_version": self.catalog.version,
            "prompt_version": prompts.PROMPT_VERSION,
            "bound_micro_usd": made.bound_micro_usd,
            "expected_micro_usd": made.expected_micro_usd,
            "reference": request.reference,
            "tags": list(request.tags),
            "metadata": dict(request.metadata),
        }
        jobs.add(connection, values, deadline_s=request.deadline_s, dispatched=goes)
        seats.add(connection, job_id, made.seats, lane=request.priority, published=goes)

    def _goes_at_once(self, connection: Connection, lane: Lane) -> bool:
        room = backlog.room(connection, lane)
        if room.left > 0 and not room.waits and room.own < self.most_of_tenant:
            return True
        if not room.waits:
            backlog.knock(connection)  # the dispatcher looks often while jobs wait, and sleeps while none does
        return False


def _replayed(held: tuple[str, bytes], digest: bytes) -> Submitted:
    job_id, first_digest = held
    if first_digest != digest:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body.")
    return Submitted(job_id=job_id, replayed=True)


def _refuse_unless(fine: Collection[JobStatus], job: jobs.JobRow) -> None:
    if job.status not in fine:
        raise AlreadyTerminal(f"The job has already ended as {job.status}.")


def _first_bells(job_id: str, made: Plan, lane: Lane) -> tuple[Bell, ...]:
    """Those who follow another seat start when that has ended; the reconciler publishes them."""
    first = (seat for seat in made.seats if seat.follows is None)
    return tuple(Bell(job=job_id, seat=seat.seat, provider=seat.ladder[0].provider, lane=lane) for seat in first)


def _context(request: AnalysisRequest, transcript: Transcript) -> JsonObject:
    """What is known of the meeting. `started_at` and `glossary` serve the seats; the rest is shown to callers too."""
    facts = request.meeting.model_dump(mode="json")
    return {**facts, "duration_s": transcript.duration_s, "words": transcript.words}
