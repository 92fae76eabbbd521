"""What the rows say of a run, apart from the counters: whether any instant overshot, and what is left over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from orchestrator.money.holds import Holds
from orchestrator.storage import ledger
from orchestrator.storage.engine import Database
from orchestrator.work.scopes import Scope

# Each call takes its bound when its departure is committed and gives back what it did not cost when its end is. A call
# that never left takes nothing. Ordered by PostgreSQL's clock; at equal times the giving back comes later, which is the
# strict way.
_STEPS = text(
    "SELECT at, step FROM ("
    " SELECT sent_at AS at, bound_micro_usd AS step, 0 AS turn FROM attempts"
    " WHERE sent_at IS NOT NULL AND tenant_id = :tenant"
    " UNION ALL"
    " SELECT ended_at, cost_micro_usd - bound_micro_usd, 1 FROM attempts"
    " WHERE sent_at IS NOT NULL AND ended_at IS NOT NULL AND tenant_id = :tenant"
    ") AS steps ORDER BY at, turn"
)
_STATES = text("SELECT state, count(*) AS calls FROM attempts WHERE tenant_id = :tenant GROUP BY state")
_NEXT_SENT = text("SELECT min(sent_at) FROM attempts WHERE sent_at > :at")


@dataclass(frozen=True)
class Verdict:
    """Of one run. `broken` is what must not have happened, in words; empty: nothing did."""

    states: dict[str, int]
    most_by_rows: int
    most_by_counters: int
    spent: int
    broken: tuple[str, ...]


def judge(
    database: Database, holds: Holds, tenant: str, scopes: list[Scope], limit: int, most_per_call: int
) -> Verdict:
    """Join rows and counters once everything is at rest.

    Args:
        scopes: those that all have the limit.
        most_per_call: the dearest call that was offered until nothing fitted any more.
    """
    with database.system() as connection:
        steps = [int(row.step) for row in connection.execute(_STEPS, {"tenant": tenant})]
        states = {row.state: int(row.calls) for row in connection.execute(_STATES, {"tenant": tenant})}
        booked = [ledger.standing(connection, scope) for scope in scopes]
    most, used = 0, 0
    for step in steps:
        used += step
        most = max(most, used)
    look = holds.look(scopes)
    broken = []
    for scope, rows, counted in zip(scopes, booked, look.scopes, strict=True):
        if counted.high > limit:
            broken.append(f"{scope.words}: the counters came to {counted.high}, above {limit}")
        if counted.spent is not None and (counted.spent, counted.held) != (rows.spent_micro_usd, 0):
            broken.append(
                f"{scope.words}: counted {counted.spent} and {counted.held} held, booked {rows.spent_micro_usd}"
            )
    if most > limit:
        broken.append(f"the rows came to {most}, above {limit}")
    if holds.standing_holds(-1):
        broken.append("holds stand that nobody settles")
    if states.get("intended", 0) + states.get("sent", 0):
        broken.append("calls are left as under way")
    spent = booked[0].spent_micro_usd
    if spent < limit - most_per_call:
        broken.append(f"only {spent} of {limit} was let through: a call of {most_per_call} would have fitted")
    return Verdict(
        states=states,
        most_by_rows=most,
        most_by_counters=max(one.high for one in look.scopes),
        spent=spent,
        broken=tuple(broken),
    )


def pauses_s(database: Database, events: list[datetime]) -> list[float]:
    """For each event, how long it took until the next call left."""
    with database.system() as connection:
        found = [(at, connection.execute(_NEXT_SENT, {"at": at}).scalar_one()) for at in events]
    return [(sent - at).total_seconds() for at, sent in found if sent is not None]
