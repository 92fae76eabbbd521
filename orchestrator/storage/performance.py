"""How calls, seats and jobs have gone: counts, sums and order statistics of the rows that the transaction may see.

Calls count on their own day, as in the ledger; seats and jobs on the day on which the job was taken in.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from pydantic import ConfigDict
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    Select,
    WithinGroup,
    and_,
    cast,
    func,
    select,
)

from orchestrator.ids import Prefix, earliest_id
from orchestrator.storage.tables import attempts, jobs, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from orchestrator.work.sums import Span
from providers.calls import Value

MAX_TARGETS: Final = 200  # a catalog has fewer; rows may remember models that have left it
SLOW_SHARE: Final = 0.95

_Sums: TypeAlias = Select[*tuple[Any, ...]]  # each has columns of its own

# Ids sort by the clock of the process that made them, days are PostgreSQL's: no clock of ours is a day off.
_CLOCKS_APART: Final = timedelta(days=1)


class Counted(Value):
    """Read from a row that may hold more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Calls(Counted):
    """Calls that left, and how those that are over ended. `unusable` answers were paid for and brought nothing."""

    calls: int = 0
    answered: int = 0
    unusable: int = 0
    refused: int = 0
    ambiguous: int = 0

    @property
    def over(self) -> int:
        return self.answered + self.unusable + self.refused + self.ambiguous


class Answers(Counted):
    """Seats that were answered, and how long that took in seconds: the mean, and what 95 % of them stayed within."""

    seats: int = 0
    mean_s: float | None = None
    p95_s: float | None = None


class OfTarget(Value):
    """One model at its provider. `failovers`: how often a seat that was meant for it went on to another."""

    target: str
    calls: Calls
    answers: Answers
    failovers: int


class OfJobs(Counted):
    """`mean_s` and `p95_s` are from the request to the result, of the jobs that succeeded."""

    jobs: int = 0
    succeeded: int = 0
    failed: int = 0
    expired: int = 0
    canceled: int = 0
    degraded: int = 0
    spent_micro_usd: int = 0
    mean_s: float | None = None
    p95_s: float | None = None

    @property
    def over(self) -> int:
        return self.succeeded + self.failed + self.expired + self.canceled


class OfDay(Value):
    """`jobs` are those that were taken in on that day, with all that they came to, whenever their calls were made."""

    day: date
    jobs: OfJobs
    calls: Calls


def calls(connection: Connection, span: Span) -> Calls:
    """All calls together."""
    return Calls.model_validate(dict(connection.execute(_called(span)).mappings().one()))


def answers(connection: Connection, span: Span) -> Answers:
    """All answered seats together."""
    return Answers.model_validate(dict(connection.execute(_answered(span)).mappings().one()))


def of_jobs(connection: Connection, span: Span) -> OfJobs:
    """All jobs together."""
    return OfJobs.model_validate(dict(connection.execute(_taken_in(span)).mappings().one()))


def failovers(connection: Connection, span: Span) -> int:
    """How often a seat went on to another model."""
    return connection.execute(_passed(span)).scalar_one()


def by_target(connection: Connection, span: Span) -> list[OfTarget]:
    """Each model that was called, answered or passed over; the one that was called most stands first."""
    made = _each(connection, _called(span), attempts.c.target, "calls")
    told = _each(connection, _answered(span), seats.c.served, "seats")
    passed = _each(connection, _passed(span), seats.c.asked, "failovers")
    rows = [
        OfTarget(
            target=target,
            calls=Calls.model_validate(dict(made.get(target, {}))),
            answers=Answers.model_validate(dict(told.get(target, {}))),
            failovers=passed[target]["failovers"] if target in passed else 0,
        )
        for target in {**made, **told, **passed}
    ]
    return sorted(rows, key=lambda row: (-row.calls.calls, row.target))


def by_day(connection: Connection, span: Span) -> list[OfDay]:
    """Each day on which a job was taken in or a call was made, in their order."""
    taken_in = _daily(connection, _taken_in(span), _JOB_DAY)
    made = _daily(connection, _called(span), attempts.c.day)
    return [
        OfDay(
            day=day,
            jobs=OfJobs.model_validate(dict(taken_in.get(day, {}))),
            calls=Calls.model_validate(dict(made.get(day, {}))),
        )
        for day in sorted({*taken_in, *made})
    ]


def _called(span: Span) -> _Sums:
    """Calls that left. Their day decides; the range of ids lets PostgreSQL go by the primary key."""
    answered = attempts.c.state == AttemptState.ANSWERED
    return select(
        func.count().label("calls"),
        func.count().filter(answered, attempts.c.error.is_(None)).label("answered"),
        func.count().filter(answered, attempts.c.error.is_not(None)).label("unusable"),
        func.count().filter(attempts.c.state == AttemptState.REFUSED).label("refused"),
        func.count().filter(attempts.c.state == AttemptState.AMBIGUOUS).label("ambiguous"),
    ).where(
        attempts.c.id.between(*_ids("atm", span)),
        attempts.c.day.between(span.first, span.last),
        attempts.c.sent_at.is_not(None),
    )


def _answered(span: Span) -> _Sums:
    statement = select(
        func.count().label("seats"),
        func.avg(seats.c.latency_s).label("mean_s"),
        _p95(seats.c.latency_s).label("p95_s"),
    ).select_from(_SEATED)
    return statement.where(*_in(span), seats.c.status == SeatStatus.ANSWERED)


def _passed(span: Span) -> Select[int]:
    passed = cast(func.coalesce(func.sum(seats.c.failovers), 0), BigInteger)
    return select(passed.label("failovers")).select_from(_SEATED).where(*_in(span))


def _taken_in(span: Span) -> _Sums:
    took_s = func.extract("epoch", jobs.c.finished_at - func.greatest(jobs.c.created_at, jobs.c.not_before))
    succeeded = jobs.c.status == JobStatus.SUCCEEDED
    ends = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.EXPIRED, JobStatus.CANCELED)
    return select(
        func.count().label("jobs"),
        *(func.count().filter(jobs.c.status == end).label(end) for end in ends),
        func.count().filter(func.jsonb_array_length(jobs.c.degradations) > 0).label("degraded"),
        cast(func.coalesce(func.sum(jobs.c.spent_micro_usd), 0), BigInteger).label("spent_micro_usd"),
        func.avg(took_s).filter(succeeded).label("mean_s"),
        _p95(took_s).filter(succeeded).label("p95_s"),
    ).where(*_in(span))


def _in(span: Span) -> tuple[ColumnElement[bool], ...]:
    """The job's day decides, as above. A replay's seats are copies: it says nothing of how seats and jobs have gone."""
    begin, after = _midnight(span.first), _midnight(span.last + timedelta(days=1))
    taken_in = jobs.c.id.between(*_ids("job", span)), jobs.c.created_at >= begin, jobs.c.created_at < after
    return *taken_in, jobs.c.replay_of.is_(None)


def _ids(prefix: Prefix, span: Span) -> tuple[str, str]:
    """Begin and end of a range that holds every id of these days."""
    after = _midnight(span.last + timedelta(days=1))
    return earliest_id(prefix, _midnight(span.first) - _CLOCKS_APART), earliest_id(prefix, after + _CLOCKS_APART)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _p95(of: ColumnElement[Any]) -> WithinGroup[Any]:
    return func.percentile_disc(SLOW_SHARE).within_group(of)


def _each(connection: Connection, sums: _Sums, target: ColumnElement[str], by: str) -> dict[str, RowMapping]:
    """The sums of each target, for those of which there is most."""
    statement = sums.add_columns(target.label("target")).group_by(target)
    most = statement.order_by(statement.selected_columns[by].desc(), target).limit(MAX_TARGETS)
    return {str(row["target"]): row for row in connection.execute(most).mappings()}


def _daily(connection: Connection, sums: _Sums, day: ColumnElement[date]) -> dict[date, RowMapping]:
    found = connection.execute(sums.add_columns(day.label("day")).group_by(day)).mappings()
    return {row["day"]: row for row in found}


_SEATED: Final = seats.join(jobs, and_(jobs.c.tenant_id == seats.c.tenant_id, jobs.c.id == seats.c.job_id))
_JOB_DAY: Final = cast(func.timezone("UTC", jobs.c.created_at), Date)


def recent_latencies_s(connection: Connection, limit: int) -> dict[str, list[float]]:
    """How long the tenant's newest answers took, by the target that served them; none that came in parts."""
    newest = (
        select(seats.c.served, seats.c.latency_s)
        .where(seats.c.status == SeatStatus.ANSWERED, seats.c.latency_s.is_not(None), seats.c.cut.is_(None))
        .order_by(seats.c.job_id.desc())
        .limit(limit)
    )
    found: dict[str, list[float]] = {}
    for served, latency_s in connection.execute(newest):
        found.setdefault(served, []).append(latency_s)
    return found
