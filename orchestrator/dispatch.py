"""The one door to the work: submit a job, amend it, publish it again.

Rows come first. A submitted job is committed before anything is published, so a broker that is away costs time, never
a job: what could not be published is published by the reconciler. A job goes to the broker at once only if its lane has
room and nobody waits in it; else it stays in PostgreSQL until its turn has come (`tasks/dispatch.py`).
"""

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.errors import AdmissionStopped
from orchestrator.ids import new_id
from orchestrator.intake import Door, Draft, Intake, Preview
from orchestrator.replaying import Replaying
from orchestrator.routing import contexts
from orchestrator.routing.planning import Plan
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage import idempotency, jobs, prompts, seats, transcripts
from orchestrator.storage.idempotency import Submitted
from orchestrator.work import schedule
from orchestrator.work.closed import ClosedLanes
from orchestrator.work.lanes import Lane
from orchestrator.work.queueing import Bounds
from orchestrator.work.seats import Bell
from providers.calls import JsonObject

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Dispatch(Replaying):
    """What a process needs to take in work.

    `most_waiting`: jobs that one tenant may have waiting in rows; `most_scheduled`: beside those, jobs whose moment has
    not come. `closed_lanes` None: every submit asks the rows whether its lane is open.
    """

    most_waiting: int = 50_000
    most_scheduled: int = 50_000
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
        intake = self.intake
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
            TooMany: no room is left for the endpoint that it names.
            IdempotencyMismatch: the key belongs to another body.
            Unavailable: PostgreSQL is away; nothing was stored, or all of it, and the same key finds out which.
        """
        if door.replayed is not None:
            return idempotency.earlier(door.replayed, digest)
        intake = self.intake
        self.check(request)
        found, live = intake.balances(tenant, request.project, door), intake.live()
        with self.database.tenant(tenant) as connection:
            draft = intake.draft(connection, tenant, request, found, live)
            job_id = new_id("job")
            if idempotency_key is not None:
                held = idempotency.remember_key(connection, idempotency_key, digest, job_id)
                if held is not None:
                    return idempotency.earlier(held, digest)
            waits = schedule.due(request.not_before, self.now()) is not None
            goes = not waits and self._goes_at_once(connection, request.priority)
            self.insert(connection, tenant, job_id, request, draft, goes=goes)
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
        schedule.require_near(request.not_before, self.now())
        return self.intake.preview(tenant, request)

    @property
    def intake(self) -> Intake:
        """Reads and plans what comes in."""
        return Intake(
            self.database,
            self.catalog,
            self.reachable,
            self.now,
            self.balances,
            Bounds(waiting=self.most_waiting, scheduled=self.most_scheduled),
            self.closed_lanes,
            self.steering,
        )

    def check(self, request: AnalysisRequest) -> None:
        """Raises InvalidRequest: it names an endpoint that nothing is sent to, or a moment that is too far away."""
        schedule.require_near(request.not_before, self.now())
        if self.hooks is not None:
            self.hooks.check(request.webhook)

    def insert(
        self,
        connection: Connection,
        tenant: str,
        job_id: str,
        request: AnalysisRequest,
        draft: Draft,
        *,
        goes: bool,
        batch_id: str | None = None,
        paused: bool = False,
    ) -> None:
        """Write the rows of a job, within the tenant's transaction. Not `goes`: it waits for its turn, or its moment.

        Raises:
            InvalidRequest, TooMany: of the endpoint that it names, or of its moment; nothing was written.
        """
        made, now = draft.plan, self.now()
        # First, since it may be refused.
        schedule.require_near(request.not_before, now)
        webhook = None if self.hooks is None else self.hooks.of_job(connection, tenant, request.webhook)
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
            "callers": [caller.model_dump(mode="json") for caller in made.callers],
            "context": _kept(request, draft),
            "catalog_version": self.catalog.version,
            "prompt_version": draft.wording.version,
            "bound_micro_usd": made.bound_micro_usd,
            "expected_micro_usd": made.expected_micro_usd,
            "reference": request.reference,
            "tags": list(request.tags),
            "metadata": dict(request.metadata),
            "webhook": webhook,
            "batch_id": batch_id,
        }
        due = None if goes else schedule.due(request.not_before, now)
        jobs.add(connection, values, deadline_s=request.deadline_s, dispatched=goes, paused=paused, due=due)
        prompts.add(connection, job_id, draft.wording)
        seats.add(connection, job_id, made.seats, lane=request.priority, published=goes)


def _first_bells(job_id: str, made: Plan, lane: Lane) -> tuple[Bell, ...]:
    """Those who follow another seat start when that has ended; the reconciler publishes them."""
    first = (seat for seat in made.seats if seat.follows is None)
    return tuple(Bell(job=job_id, seat=seat.seat, provider=seat.ladder[0].provider, lane=lane) for seat in first)


def _kept(request: AnalysisRequest, draft: Draft) -> JsonObject:
    """What the seats and replays must know of the request, and what callers are shown of the meeting."""
    wishes: JsonObject = {
        "routing": request.routing.model_dump(mode="json"),
        "unverified": request.unverified,
        "allow_substitution": request.allow_substitution,
    }
    return {**contexts.stored(request.meeting, draft.context), **wishes, **draft.redaction}
