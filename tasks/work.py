"""What a task carries about the call that it makes: the claimed seat, the call, and what it is held at and came to."""

from dataclasses import dataclass, field
from datetime import date, datetime

from orchestrator.storage.intentions import Intended
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.seats import ANALYST, Bell
from providers.calls import Call, ServiceTier, Target, Value


class Paid(Value):
    """What booking must know of a call: enough to do it in another process, on another day.

    `day` is the period that it counts in, `begun_at` the moment from which its price is known. `cached`: other seats
    wait for its end, to find its prompt in the provider's cache. `role`: of its seat; the answer of an analyst is a
    candidate, that of others the reply to a question. `part` of the meeting that it is about; None: all of it.
    """

    tenant: str
    claim: Claim
    call_id: str
    target: Target
    bound_micro_usd: int
    project: str | None
    policy: str
    day: date
    begun_at: datetime
    service_tier: ServiceTier
    cached: bool = False
    role: str = ANALYST
    part: int | None = None


@dataclass
class Account:
    """The money side of a call under way; belongs to the thread that makes it.

    `generation` is the one of the counters that it is held under, None while it is not. `cost_micro_usd` is what it
    came to once that has been committed, None until then; `corrected`: it had been booked at another figure before.
    `room_micro_usd` is what the budget that refused it had left.
    """

    generation: str | None = None
    room_micro_usd: int | None = None
    cost_micro_usd: int | None = None
    corrected: bool = False


@dataclass(frozen=True)
class Work:
    """A claimed seat with the call it is about to make. `call.call_id` is the attempt's id; `part` is that which it is
    about, from 1, None: all of the meeting.
    """

    claim: Claim
    seat: SeatRow
    job: JobRow
    call: Call
    bound_micro_usd: int
    begun_at: datetime
    intended: Intended
    part: int | None = None
    account: Account = field(default_factory=Account)

    @property
    def paid(self) -> Paid:
        return Paid(
            tenant=self.job.tenant_id,
            claim=self.claim,
            call_id=self.call.call_id,
            target=self.seat.target,
            bound_micro_usd=self.bound_micro_usd,
            project=self.job.project,
            policy=self.job.policy_planned or self.job.policy,
            day=self.intended.day,
            begun_at=self.begun_at,
            service_tier=self.call.service_tier,
            cached=self.seat.cached,
            role=self.seat.role,
            part=self.part,
        )

    def bell(self, target: Target) -> Bell:
        """By which the seat goes on at this target, once this claim has been given up."""
        return Bell(
            job=self.job.id,
            seat=self.seat.seat,
            provider=target.provider,
            epoch=self.claim.epoch,
            lane=self.job.priority,
        )
