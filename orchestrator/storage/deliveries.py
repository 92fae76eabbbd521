"""What is sent to webhooks: made by who reads the tenant's feed for its endpoints, taken by senders, tried and noted.

Who takes a delivery moves its `next_at` ahead by `LEASE_S` and counts the attempt: both fence it. A sender that died is
noticed by that time having come, one that was taken for dead finds its number gone by. A try of the schedule is counted
when it is known what came of it: else senders that die would use up the days that a receiver has to come back.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from pydantic import ConfigDict
from sqlalchemy import Connection, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.delivery.schedule import DeliveryState, Verdict
from orchestrator.errors import NotFound
from orchestrator.ids import new_id
from orchestrator.storage.delivery_tables import deliveries, delivery_attempts
from providers.calls import Value

MOST_AGAIN: Final = 10_000  # in one transaction; whoever wants more goes on
LEASE_S: Final = 30.0  # twice the deadline of an attempt: whoever is later than that is gone
_NOW: Final = func.clock_timestamp()

# A dead endpoint has much due and is one row of `webhooks` like all others, so it stands in nobody's way.
_TAKE: Final = text("""
WITH due AS (
    SELECT found.tenant_id, found.id FROM webhooks AS hook
    CROSS JOIN LATERAL (
        SELECT tenant_id, id, next_at FROM deliveries
        WHERE tenant_id = hook.tenant_id AND webhook_id = hook.id AND state = 'pending'
          AND next_at <= clock_timestamp()
        ORDER BY next_at
        LIMIT CASE WHEN hook.id = ANY(CAST(:cautious AS text[])) THEN 1 ELSE :each END
        FOR UPDATE SKIP LOCKED
    ) AS found
    WHERE hook.disabled_at IS NULL AND hook.id <> ALL(CAST(:busy AS text[]))
    ORDER BY found.next_at
    LIMIT :most
)
UPDATE deliveries SET attempts = attempts + 1,
    next_at = clock_timestamp() + make_interval(secs => :lease)
FROM due WHERE deliveries.tenant_id = due.tenant_id AND deliveries.id = due.id
RETURNING deliveries.tenant_id, deliveries.id, webhook_id, event_id, body, attempts, tries + 1 AS tries
""")


class Told(Value):
    """An event for one endpoint. `body`: the bytes of every attempt."""

    webhook_id: str
    event_id: str
    event_type: str
    job_id: str | None
    body: bytes


class Taken(Value):
    """A delivery that this process is to attempt now: its `attempts`-th, the `tries`-th by the schedule."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant_id: str
    id: str
    webhook_id: str
    event_id: str
    body: bytes
    attempts: int
    tries: int


class DeliveryRow(Value):
    """A delivery as it stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    webhook_id: str
    event_id: str
    event_type: str
    job_id: str | None
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


_SEEN: Final = [deliveries.c[name] for name in DeliveryRow.model_fields]  # without bodies: full ones are large


class Again(Value):
    """How many deliveries begin anew. `last`: the id after which there are more; None: that was all."""

    count: int
    last: str | None


class AttemptLine(Value):
    """What came of an attempt. `status` None: no answer, and `error` says why."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    delivery_id: str
    number: int
    status: int | None
    error: str | None
    took_ms: int
    at: datetime


def add(connection: Connection, told: Iterable[Told]) -> int:
    """Deliveries that are due now, in the tenant's transaction. An endpoint is told of an event once: safe to repeat.

    Returns how many are new.
    """
    rows = [{**one.model_dump(), "id": new_id("dlv"), "state": DeliveryState.PENDING, "next_at": _NOW} for one in told]
    if not rows:
        return 0
    statement = upsert(deliveries).values(rows).on_conflict_do_nothing().returning(deliveries.c.id)
    return len(connection.execute(statement).all())


def take(
    connection: Connection, most: int, *, each: int, cautious: Collection[str], busy: Collection[str]
) -> list[Taken]:
    """Take deliveries that are due, of all tenants, to be attempted now.

    Args:
        most: how many at once.
        each: how many of one endpoint.
        cautious: endpoints of which one is enough.
        busy: endpoints of which none is wanted.
    """
    asked = {"most": most, "each": each, "cautious": list(cautious), "busy": list(busy), "lease": LEASE_S}
    return [Taken.model_validate(dict(row)) for row in connection.execute(_TAKE, asked).mappings()]


def concluded(connection: Connection, taken: Taken, found: Verdict, line: AttemptLine) -> bool:
    """Write down what came of an attempt. False: it is somebody else's by now, and what follows is not ours to say.

    The line is written in any case: what was sent was sent.
    """
    note = upsert(delivery_attempts).values(**line.model_dump()).on_conflict_do_nothing()
    connection.execute(note)
    ends = found.state != DeliveryState.PENDING
    result = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == taken.id,
            deliveries.c.attempts == taken.attempts,
            deliveries.c.tries == taken.tries - 1,  # else it was set going by hand meanwhile
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(
            state=found.state,
            tries=taken.tries,
            next_at=None if ends else _NOW + func.make_interval(0, 0, 0, 0, 0, 0, found.wait_s),
            ended_at=_NOW if ends else None,
        )
    )
    return result.rowcount > 0


def give_up_all(connection: Connection, webhook_id: str) -> None:
    """End what waits for an endpoint that was switched off."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == DeliveryState.PENDING)
        .values(state=DeliveryState.FAILED, next_at=None, ended_at=_NOW)
    )


def page(connection: Connection, webhook_id: str, *, limit: int, before: str | None) -> list[DeliveryRow]:
    """An endpoint's newest deliveries, older than one that is named."""
    older = [] if before is None else [deliveries.c.id < before]
    asked = select(*_SEEN).where(deliveries.c.webhook_id == webhook_id, *older)
    rows = connection.execute(asked.order_by(deliveries.c.id.desc()).limit(limit)).mappings()
    return [DeliveryRow.model_validate(dict(row)) for row in rows]


def read(connection: Connection, delivery_id: str) -> DeliveryRow:
    """Raises NotFound."""
    row = connection.execute(select(*_SEEN).where(deliveries.c.id == delivery_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such delivery.")
    return DeliveryRow.model_validate(dict(row))


def of_event(connection: Connection, webhook_id: str, event_id: str) -> DeliveryRow:
    """An endpoint's delivery of an event. Raises NotFound."""
    asked = select(*_SEEN).where(deliveries.c.webhook_id == webhook_id, deliveries.c.event_id == event_id)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such delivery.")
    return DeliveryRow.model_validate(dict(row))


def lines(connection: Connection, ids: Sequence[str]) -> dict[str, list[AttemptLine]]:
    """What came of the attempts of these deliveries, in their order; one without any is absent."""
    asked = select(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(ids))
    found: dict[str, list[AttemptLine]] = {}
    for row in connection.execute(
        asked.order_by(delivery_attempts.c.delivery_id, delivery_attempts.c.number)
    ).mappings():
        found.setdefault(row["delivery_id"], []).append(AttemptLine.model_validate(dict(row)))
    return found


def again(connection: Connection, delivery_id: str) -> None:
    """Have a delivery begin its schedule anew, now, whatever became of it."""
    _again(connection, select(deliveries.c.id).where(deliveries.c.id == delivery_id))


def again_since(
    connection: Connection,
    webhook_id: str,
    since: datetime,
    until: datetime,
    *,
    after: str = "",
    most: int = MOST_AGAIN,
) -> Again:
    """The same for an endpoint's of a span of time (`until` not in it), the oldest `most` of those after that id.

    Safe to repeat: what begins its schedule anew does that once more.
    """
    span = deliveries.c.created_at >= since, deliveries.c.created_at < until
    theirs = select(deliveries.c.id).where(deliveries.c.webhook_id == webhook_id, *span)
    oldest = theirs.where(deliveries.c.id > after).order_by(deliveries.c.id).limit(most)
    # Locked in one order: two who do this at once wait for each other, and not in a circle.
    done = _again(connection, oldest.with_for_update())
    last = max(done, default=after)
    more = connection.execute(select(theirs.where(deliveries.c.id > last).exists())).scalar_one()
    return Again(count=len(done), last=last if more else None)


def _again(connection: Connection, which: Select[tuple[str]]) -> Sequence[str]:
    # As a CTE it is looked up once. In a subquery with locks PostgreSQL may do so again and again, each time past the
    # rows that it has changed: a limit would bind nothing.
    named = which.cte("named")
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(select(named.c.id)))
        .values(state=DeliveryState.PENDING, tries=0, next_at=_NOW, ended_at=None)
        .returning(deliveries.c.id)
    )
    return result.scalars().all()
