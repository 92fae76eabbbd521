"""Seat rows: claimed by lease and epoch on the database's clock. Every state write is fenced by the epoch."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import ColumnElement, Connection, Float, and_, bindparam, func, insert, or_, select, tuple_, update

from orchestrator.analysis.repairs import Repair
from orchestrator.storage.tables import jobs, seats
from orchestrator.work.jobs import OPEN as OPEN_JOBS
from orchestrator.work.lanes import Lane
from orchestrator.work.parts import WHOLE, Border
from orchestrator.work.seats import MAX_CLAIMS_WITHOUT_OUTCOME, Bell, Reason, SeatPlan, SeatStatus
from providers.calls import JsonObject, ServiceTier, Target, Value

_NOW: Final = func.clock_timestamp()

HEAD_START_S: Final = 30.0  # a follower waits no longer than that for the seat whose cached prompt it shares

# Built once, not at each call: every job reads these several times.
_OF_JOB: Final = select(seats).where(seats.c.job_id == bindparam("job")).order_by(seats.c.seat)
_LEASE: Final = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, bindparam("lease_s", type_=Float))
_DUE: Final = or_(
    and_(
        seats.c.status == SeatStatus.PENDING,
        seats.c.epoch == bindparam("of_epoch"),
        or_(seats.c.next_at.is_(None), seats.c.next_at <= _NOW),
    ),
    and_(
        seats.c.status == SeatStatus.RUNNING,
        seats.c.epoch.between(bindparam("of_epoch"), bindparam("of_epoch") + 1),
        seats.c.lease_until < _NOW,
        seats.c.claims < MAX_CLAIMS_WITHOUT_OUTCOME,  # the reconciler gives it up in its next round
    ),
)
_ALIVE: Final = select(jobs.c.id).where(jobs.c.id == bindparam("of_job"), jobs.c.status.in_(list(OPEN_JOBS))).exists()
_CLAIM: Final = (
    update(seats)
    .where(seats.c.job_id == bindparam("of_job"), seats.c.seat == bindparam("of_seat"), _DUE, _ALIVE)
    .values(
        status=SeatStatus.RUNNING,
        epoch=seats.c.epoch + 1,
        claims=seats.c.claims + 1,
        attempts=seats.c.attempts + 1,
        next_at=None,
        lease_until=_LEASE,
    )
    .returning(seats)
)
_HELD: Final = and_(
    seats.c.job_id == bindparam("of_job"),
    seats.c.seat == bindparam("of_seat"),
    seats.c.epoch == bindparam("of_epoch"),
    seats.c.status == SeatStatus.RUNNING,
)
_ANSWER: Final = (
    update(seats)
    .where(_HELD)
    .values(
        status=SeatStatus.ANSWERED,
        served=bindparam("new_served"),
        latency_s=bindparam("new_latency_s"),
        usage=bindparam("new_usage", type_=seats.c.usage.type),
        claims=0,
        repair=None,
        cost_micro_usd=seats.c.cost_micro_usd + bindparam("cost", type_=seats.c.cost_micro_usd.type),
    )
)


class SeatRow(Value):
    """A seat as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    job_id: str
    seat: int
    role: str
    status: SeatStatus
    asked: str
    ladder: list[str]
    rung: int
    waited: bool
    failovers: int
    attempts: int
    epoch: int
    claims: int
    lease_until: datetime | None
    served: str | None
    reason: str | None
    latency_s: float | None
    cost_micro_usd: int
    usage: JsonObject
    service_tier: ServiceTier
    cached: bool
    follows: int | None
    lane: Lane
    unreadable: int = 0
    repair: Repair | None = None
    cut: tuple[Border, ...] | None = None
    parts_served: tuple[str, ...] = ()

    @property
    def plan(self) -> SeatPlan:
        return SeatPlan(
            seat=self.seat,
            role=self.role,
            asked=Target.parse(self.asked),
            ladder=tuple(Target.parse(target) for target in self.ladder),
            service_tier=self.service_tier,
            cached=self.cached,
            follows=self.follows,
            cut=self.cut or WHOLE,
        )

    @property
    def target(self) -> Target:
        """Whom to ask now."""
        return Target.parse(self.ladder[self.rung])


class Claim(Value):
    """The right to work on a seat until the lease ends; `epoch` fences the writes."""

    job: str
    seat: int
    epoch: int


def add(
    connection: Connection, job_id: str, plans: Iterable[SeatPlan], *, lane: Lane = "standard", published: bool = True
) -> None:
    """The seats of a new job; `published`: its asks are handed to the broker now, else it waits for its turn."""
    rows = [
        {
            "job_id": job_id,
            "seat": plan.seat,
            "role": plan.role,
            "status": SeatStatus.PENDING,
            "asked": str(plan.asked),
            "ladder": [str(target) for target in plan.ladder],
            "service_tier": plan.service_tier,
            "cached": plan.cached,
            "follows": plan.follows,
            "lane": lane,
            "cut": [border.model_dump() for border in plan.cut] or None,
        }
        for plan in plans
    ]
    connection.execute(insert(seats).values(published_at=_NOW if published else None), rows)
    if published and any(row["follows"] is not None for row in rows):
        waiting = update(seats).where(seats.c.job_id == job_id, seats.c.follows.is_not(None))
        connection.execute(waiting.values(next_at=_in(HEAD_START_S)))


def of_job(connection: Connection, job_id: str) -> list[SeatRow]:
    """All seats, in their order."""
    rows = connection.execute(_OF_JOB, {"job": job_id}).mappings()
    return [SeatRow.model_validate(dict(row)) for row in rows]


def claim(connection: Connection, job_id: str, seat: int, epoch: int, lease_s: float) -> SeatRow | None:
    """Take a seat that is due, or one whose holder let its lease run out. None: there is nothing to take.

    Args:
        epoch: that the ask is about. A seat that has been claimed since has had its ask; only the message of a holder
            that is gone may be heard once more.
    """
    given = {"of_job": job_id, "of_seat": seat, "of_epoch": epoch, "lease_s": lease_s}
    row = connection.execute(_CLAIM, given).mappings().one_or_none()
    return None if row is None else SeatRow.model_validate(dict(row))


def renew(connection: Connection, claims: Iterable[Claim], lease_s: float) -> set[Claim]:
    """Prolong the leases that are still held; returns those. The others were lost, and their work must stop."""
    rows = connection.execute(
        update(seats)
        .where(_running_under(claims))
        .values(lease_until=_in(lease_s))
        .returning(seats.c.job_id, seats.c.seat, seats.c.epoch)
    )
    return {Claim(job=row.job_id, seat=row.seat, epoch=row.epoch) for row in rows}


def still_wanted(connection: Connection, claims: Iterable[Claim]) -> set[Claim]:
    """The claims whose seats are running under the same epoch: a canceled job has none."""
    rows = connection.execute(select(seats.c.job_id, seats.c.seat, seats.c.epoch).where(_running_under(claims)))
    return {Claim(job=row.job_id, seat=row.seat, epoch=row.epoch) for row in rows}


def answer(
    connection: Connection, claim: Claim, *, served: str, latency_s: float, usage: JsonObject, cost_micro_usd: int
) -> bool:
    """End the seat with an answer and what it cost. False: the claim is no longer the seat's; nothing is written."""
    values = {"new_served": served, "new_latency_s": latency_s, "new_usage": usage, "cost": cost_micro_usd}
    changed = connection.execute(_ANSWER, {**_of(claim), **values})
    return changed.rowcount == 1


def fail(connection: Connection, claim: Claim, reason: Reason) -> bool:
    """End the seat without one. False: the claim is no longer the seat's."""
    return fenced(
        connection, claim, {"status": SeatStatus.FAILED, "reason": reason, "lease_until": None, "repair": None}
    )


def put_back(
    connection: Connection, claim: Claim, *, rung: int, wait_s: float, moved: bool, repair: Repair | None = None
) -> bool:
    """Make the seat pending again, on `rung`, due after `wait_s`. False: the claim is no longer the seat's.

    Args:
        repair: what its next ask shall mend, or that it has had its repair; None: it has had none.
    """
    values = {
        "status": SeatStatus.PENDING,
        "rung": rung,
        "waited": not moved,
        "failovers": seats.c.failovers + (1 if moved else 0),
        "claims": 0,
        "lease_until": None,
        "repair": None if repair is None else repair.model_dump(mode="json"),
        "next_at": _in(wait_s) if wait_s else None,
        "published_at": _NOW,
    }
    return fenced(connection, claim, values)


def let_go(connection: Connection, claim: Claim) -> bool:
    """Give up a seat that this process will not end: it is pending again, as it was. False: it is not ours any more.

    The claim counts no longer against it: who is told to stop was not killed by the seat.
    """
    values: dict[str, object] = {
        "status": SeatStatus.PENDING,
        "claims": func.greatest(seats.c.claims - 1, 0),
        "lease_until": None,
        "next_at": None,
        "published_at": _NOW,
    }
    return fenced(connection, claim, values)


def release(connection: Connection, leader: Claim) -> None:
    """Let those who follow this seat start: the prompt that it sent is in the provider's cache, or never will be."""
    connection.execute(
        update(seats)
        .where(
            seats.c.job_id == leader.job,
            seats.c.follows == leader.seat,
            seats.c.status == SeatStatus.PENDING,
            seats.c.attempts == 0,
        )
        .values(next_at=_NOW)
    )


def pay(connection: Connection, claim: Claim, cost_micro_usd: int) -> None:
    """Add to what the seat has cost. Never fenced: a paid answer is a fact, whoever brings it."""
    connection.execute(
        update(seats)
        .where(seats.c.job_id == claim.job, seats.c.seat == claim.seat)
        .values(cost_micro_usd=seats.c.cost_micro_usd + cost_micro_usd)
    )


def mark_published(connection: Connection, bells: Iterable[Bell]) -> None:
    rung = [(bell.job, bell.seat) for bell in bells]
    connection.execute(update(seats).where(tuple_(seats.c.job_id, seats.c.seat).in_(rung)).values(published_at=_NOW))


def fenced(connection: Connection, claim: Claim, values: dict[str, object]) -> bool:
    """Change the claim's seat. False: it is no longer the claim's; nothing is written."""
    changed = connection.execute(update(seats).where(_HELD).values(**values), _of(claim))
    return changed.rowcount == 1


def _of(claim: Claim) -> dict[str, object]:
    return {"of_job": claim.job, "of_seat": claim.seat, "of_epoch": claim.epoch}


def _running_under(claims: Iterable[Claim]) -> ColumnElement[bool]:
    held = [(claim.job, claim.seat, claim.epoch) for claim in claims]
    return and_(tuple_(seats.c.job_id, seats.c.seat, seats.c.epoch).in_(held), seats.c.status == SeatStatus.RUNNING)


def _in(seconds: float):  # type: ignore[no-untyped-def]
    return _NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
