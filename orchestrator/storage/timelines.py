"""What the rows noted of a job's course."""

from typing import Final

from sqlalchemy import Connection, DateTime, bindparam, cast, func, select

from orchestrator.storage.tables import attempts, events, seats
from orchestrator.work.timeline import CallMade, Noted, Stage, stages

_EVENTS: Final = (
    select(
        events.c.type,
        events.c.at,
        events.c.announced_at,
        cast(events.c.data["not_before"].astext, DateTime(timezone=True)).label("not_before"),
    )
    .where(events.c.job_id == bindparam("job"))
    .order_by(events.c.sequence)
)
_CALLS: Final = (
    select(
        attempts.c.seat,
        attempts.c.part,
        seats.c.role,
        attempts.c.target,
        attempts.c.state,
        attempts.c.hedge,
        func.coalesce(attempts.c.sent_at, attempts.c.created_at).label("began_at"),
        attempts.c.ended_at,
        attempts.c.cost_micro_usd,
        attempts.c.error["code"].astext.label("error"),
    )
    .join(
        seats,
        (seats.c.tenant_id == attempts.c.tenant_id)
        & (seats.c.job_id == attempts.c.job_id)
        & (seats.c.seat == attempts.c.seat),
    )
    .where(attempts.c.job_id == bindparam("job"))
    .order_by(attempts.c.created_at)
)


def read(connection: Connection, job_id: str) -> tuple[Stage, ...]:
    """The stages of a job of the transaction's tenant; none where there is no such job."""
    told = connection.execute(_EVENTS, {"job": job_id}).mappings()
    made = connection.execute(_CALLS, {"job": job_id}).mappings()
    return stages(
        [Noted.model_validate(dict(row)) for row in told],
        [CallMade.model_validate(dict(row)) for row in made],
        connection.execute(select(func.clock_timestamp())).scalar_one(),
    )
