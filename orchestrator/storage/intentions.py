"""A call before it leaves: the intention, with all that its hold depends on, and the commit that lets it go.

Between the two it is held (`money/holds.py`). What becomes of it afterwards is `attempts.py`.
"""

from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

from sqlalchemy import Connection, ScalarSelect, Update, bindparam, func, insert, select, true, update

from orchestrator.storage.budgets import IN_FORCE
from orchestrator.storage.money_tables import budgets, ledger, money_state
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.scopes import TENANT, Limits, project_scope
from orchestrator.work.seats import SeatStatus
from providers.calls import ServiceTier, Target, Value

_NOW: Final = func.clock_timestamp()

earlier: Final = attempts.alias("earlier")  # the calls that a new one finds

# The epoch of the seat at which its job was last retried: what was unknown before keeps nobody from asking now.
_SINCE: Final = (
    select(seats.c.since_epoch)
    .where(seats.c.job_id == bindparam("of_job"), seats.c.seat == bindparam("of_seat"))
    .scalar_subquery()
)


def _of_seat(*states: AttemptState) -> ScalarSelect[int]:
    """How many calls of the seat about the same stand in one of these, since its job was last retried."""
    return (
        select(func.count())
        .select_from(earlier)
        .where(
            earlier.c.job_id == bindparam("of_job"),
            earlier.c.seat == bindparam("of_seat"),
            earlier.c.part.is_not_distinct_from(bindparam("of_part", type_=attempts.c.part.type)),
            earlier.c.state.in_(states),
            earlier.c.epoch > _SINCE,
        )
        .scalar_subquery()
    )


# The intention and all that its hold depends on: one statement, so that it is one look at the rows.
_INTEND: Final = (
    insert(attempts)
    .values(
        {
            name: bindparam(f"new_{name}", type_=attempts.c[name].type)
            for name in (
                "id",
                "job_id",
                "seat",
                "epoch",
                "rung",
                "target",
                "state",
                "bound_micro_usd",
                "price_version",
                "service_tier",
                "hedge",
                "part",
            )
        }
    )
    .returning(
        attempts.c.day,
        select(money_state.c.generation).scalar_subquery().label("generation"),
        select(func.coalesce(func.sum(ledger.c.cost_micro_usd), 0))
        .where(ledger.c.job_id == bindparam("of_job"))
        .scalar_subquery()
        .label("booked"),
        select(func.count())
        .select_from(earlier)
        .where(earlier.c.job_id == bindparam("of_job"), earlier.c.state == AttemptState.SENT)
        .scalar_subquery()
        .label("under_way"),
        _of_seat(AttemptState.AMBIGUOUS).label("ambiguous"),
        _of_seat(AttemptState.SENT, AttemptState.ANSWERED, AttemptState.AMBIGUOUS).label("billed"),
        select(func.jsonb_agg(func.jsonb_build_array(budgets.c.scope, budgets.c.period, IN_FORCE)))
        .where(budgets.c.scope.in_(bindparam("of_scopes", expanding=True)))
        .scalar_subquery()
        .label("limits"),
    )
)


class Intended(Value):
    """What the rows said in the moment of the intention, in one look.

    Args:
        day: the period that the call counts in, in UTC.
        generation: of the counters in Redis.
        booked_micro_usd: what the job's ledger comes to.
        under_way: how many calls of the job are sent and not over; this one is not.
        ambiguous: how many calls of the seat about the same ended with an unknown fate, since its job was last retried.
        billed: how many of them may have to be paid, those of unknown fate among them.
        limits: of the tenant and the job's project, as they hold now.
    """

    day: date
    generation: str
    booked_micro_usd: int
    under_way: int
    ambiguous: int
    billed: int
    limits: Limits


class Intention(Value):
    """A call that a claimed seat is about to make. `project` is the job's, whose limits it wants to know; `hedge`: it
    is a second one beside a slow one. `part` that it is about, from 1; None: all of the meeting.
    """

    id: str
    rung: int
    target: Target
    bound_micro_usd: int
    project: str | None
    price_version: str
    service_tier: ServiceTier
    hedge: bool = False
    part: int | None = None


def intend(connection: Connection, claim: Claim, intention: Intention) -> Intended:
    """Write down the intention to call; returns what the call's hold depends on."""
    values = {
        **intention.model_dump(exclude={"project"}),
        "job_id": claim.job,
        "seat": claim.seat,
        "epoch": claim.epoch,
        "target": str(intention.target),
        "state": AttemptState.INTENDED,
    }
    scopes = [TENANT, project_scope(intention.project or "")]
    asked = {"of_job": claim.job, "of_seat": claim.seat, "of_part": intention.part, "of_scopes": scopes}
    row = connection.execute(_INTEND, {**{f"new_{name}": value for name, value in values.items()}, **asked}).one()
    return Intended(
        day=row.day,
        generation=str(row.generation),
        booked_micro_usd=row.booked,
        under_way=row.under_way,
        ambiguous=row.ambiguous,
        billed=row.billed,
        limits={(scope, period): limit for scope, period, limit in row.limits or ()},
    )


class Leave(StrEnum):
    """Whether a call may leave."""

    GRANTED = "granted"
    LOST = "lost"  # the seat is not this claim's any more: send nothing
    STALE = "stale"  # the counters have been set anew since it was held: hold it again


def send(connection: Connection, attempt_id: str, claim: Claim, *, generation: str | None) -> Leave:
    """Mark it as sent, right before the first byte. Needs a transaction of `Database.sending`.

    Holds the seat's row as it reads it, so that a cancel or a take-over comes before or after this, never in between.

    Args:
        generation: the one that the call was held under; None: it costs nothing, so that no hold stands behind it.
    """
    given = {"of_attempt": attempt_id, "of_job": claim.job, "of_seat": claim.seat, "of_epoch": claim.epoch}
    if generation is None:
        sent = connection.execute(_sending(held=False), given)
    else:
        sent = connection.execute(_sending(held=True), {**given, "of_generation": int(generation)})
    if sent.rowcount == 1:
        return Leave.GRANTED
    newest = str(connection.execute(select(money_state.c.generation)).scalar_one())
    return Leave.LOST if generation in (None, newest) else Leave.STALE


@cache
def _sending(*, held: bool) -> Update:
    """The statement by which a call leaves; `held`: under the counters' generation that it names alone."""
    seat = (
        select(seats.c.seat)
        .where(
            seats.c.job_id == bindparam("of_job"),
            seats.c.seat == bindparam("of_seat"),
            seats.c.epoch == bindparam("of_epoch"),
            seats.c.status == SeatStatus.RUNNING,
            seats.c.lease_until > _NOW,
        )
        .with_for_update(read=True)
        .cte("held")
    )
    in_force = select(money_state.c.generation).scalar_subquery()
    return (
        update(attempts)
        .where(
            attempts.c.id == bindparam("of_attempt"),
            attempts.c.state == AttemptState.INTENDED,
            select(seat.c.seat).exists(),
            in_force == bindparam("of_generation", type_=money_state.c.generation.type) if held else true(),
        )
        .values(state=AttemptState.SENT, sent_at=_NOW)
    )
