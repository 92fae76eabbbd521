"""How calls, seats and jobs have gone, counted on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from orchestrator.ids import earliest_id, new_id
from orchestrator.storage import performance
from orchestrator.storage.engine import Database
from orchestrator.storage.performance import Answers, Calls, OfJobs
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts, jobs, seats
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from orchestrator.work.sums import Span
from providers.calls import Target
from tests.integration.rows import add_job, intend
from tests.servers import Tenant, new_tenant

LUNA = Target(provider="openai", model="gpt-6-luna")
OPUS = Target(provider="anthropic", model="claude-opus-5-5")


@pytest.fixture
def today() -> Span:
    """Wide enough that a midnight between two statements is within."""
    day = datetime.now(UTC).date()
    return Span(first=day - timedelta(days=1), last=day + timedelta(days=1))


def call(
    database: Database, tenant: str, job: str, state: AttemptState, *, target: Target = LUNA, error: str | None = None
) -> None:
    """A call that has left, unless it is only intended."""
    attempt_id = new_id("atm")
    sent_at = None if state is AttemptState.INTENDED else datetime.now(UTC)
    with database.tenant(tenant) as connection:
        intend(connection, attempt_id, Claim(job=job, seat=0, epoch=0), target=target)
        values = {"state": state, "sent_at": sent_at, "error": None if error is None else {"code": error}}
        connection.execute(update(attempts).where(attempts.c.id == attempt_id).values(**values))


def answer(database: Database, tenant: str, latency_s: float, *, served: Target = LUNA, failovers: int = 0) -> None:
    """A seat of a job of its own that was answered."""
    job = add_job(database, tenant, seat_count=1)
    values = {
        "status": SeatStatus.ANSWERED,
        "asked": str(LUNA),
        "served": str(served),
        "latency_s": latency_s,
        "failovers": failovers,
    }
    with database.tenant(tenant) as connection:
        connection.execute(update(seats).where(seats.c.job_id == job).values(**values))


def end(database: Database, tenant: str, status: JobStatus, *, took_s: float = 0, **values: object) -> str:
    job = add_job(database, tenant)
    with database.tenant(tenant) as connection:
        finished_at = jobs.c.created_at + timedelta(seconds=took_s)
        changed = {"status": status, "finished_at": finished_at, **values}
        connection.execute(update(jobs).where(jobs.c.id == job).values(**changed))
    return job


def test_calls_are_told_apart_by_how_they_ended(database: Database, tenant: Tenant, today: Span) -> None:
    job = add_job(database, tenant.id)
    for state, error in (
        (AttemptState.INTENDED, None),
        (AttemptState.SENT, None),
        (AttemptState.ANSWERED, None),
        (AttemptState.ANSWERED, None),
        (AttemptState.ANSWERED, "unreadable_reply"),
        (AttemptState.REFUSED, "overloaded"),
        (AttemptState.AMBIGUOUS, "timeout"),
    ):
        call(database, tenant.id, job, state, error=error)

    with database.tenant(tenant.id) as connection:
        found = performance.calls(connection, today)

    assert found == Calls(calls=6, answered=2, unusable=1, refused=1, ambiguous=1)
    assert found.over == 5


def test_latencies_are_those_of_answered_seats(database: Database, tenant: Tenant, today: Span) -> None:
    for hundredths in range(1, 101):
        answer(database, tenant.id, hundredths / 100)
    add_job(database, tenant.id)

    with database.tenant(tenant.id) as connection:
        found = performance.answers(connection, today)

    assert (found.seats, found.p95_s) == (100, 0.95)
    assert found.mean_s == pytest.approx(0.505)


def test_each_model_has_its_calls_its_answers_and_the_seats_that_left_it(
    database: Database, tenant: Tenant, today: Span
) -> None:
    job = add_job(database, tenant.id)
    call(database, tenant.id, job, AttemptState.REFUSED, error="overloaded")
    call(database, tenant.id, job, AttemptState.ANSWERED, target=OPUS)
    call(database, tenant.id, job, AttemptState.ANSWERED, target=OPUS)
    answer(database, tenant.id, 4.0, served=OPUS, failovers=1)

    with database.tenant(tenant.id) as connection:
        found = {row.target: row for row in performance.by_target(connection, today)}
        passed = performance.failovers(connection, today)

    assert list(found)[:2] == [str(OPUS), str(LUNA)]
    assert found[str(OPUS)].calls == Calls(calls=2, answered=2)
    assert found[str(OPUS)].answers == Answers(seats=1, mean_s=4.0, p95_s=4.0)
    assert found[str(LUNA)].calls == Calls(calls=1, refused=1)
    assert (found[str(LUNA)].failovers, found[str(OPUS)].failovers, passed) == (1, 0, 1)


def test_jobs_are_counted_by_their_ends_with_what_they_cost_and_how_long_they_took(
    database: Database, tenant: Tenant, today: Span
) -> None:
    end(database, tenant.id, JobStatus.SUCCEEDED, took_s=2, spent_micro_usd=100)
    end(database, tenant.id, JobStatus.SUCCEEDED, took_s=4, spent_micro_usd=200, degradations=[{"code": "seat-lost"}])
    end(database, tenant.id, JobStatus.FAILED, took_s=60, spent_micro_usd=7)
    end(database, tenant.id, JobStatus.CANCELED, took_s=1)
    add_job(database, tenant.id)

    with database.tenant(tenant.id) as connection:
        found = performance.of_jobs(connection, today)

    assert found == OfJobs(
        jobs=5, succeeded=2, failed=1, canceled=1, degraded=1, spent_micro_usd=307, mean_s=3.0, p95_s=4.0
    )
    assert found.over == 4


def test_days_hold_the_jobs_taken_in_and_the_calls_made_on_them(
    database: Database, tenant: Tenant, today: Span
) -> None:
    early = end(database, tenant.id, JobStatus.SUCCEEDED, took_s=1, spent_micro_usd=40)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(jobs).where(jobs.c.id == early).values(created_at=yesterday, finished_at=yesterday))
    call(database, tenant.id, early, AttemptState.ANSWERED)

    with database.tenant(tenant.id) as connection:
        found = performance.by_day(connection, today)

    assert [(row.day, row.jobs.jobs, row.jobs.spent_micro_usd, row.calls.answered) for row in found] == [
        (yesterday.date(), 1, 40, 0),
        (found[1].day, 0, 0, 1),
    ]


def test_what_lies_outside_the_days_is_not_counted(database: Database, tenant: Tenant, today: Span) -> None:
    job = end(database, tenant.id, JobStatus.SUCCEEDED)
    call(database, tenant.id, job, AttemptState.ANSWERED)
    answer(database, tenant.id, 1.0, failovers=2)
    before = Span(first=today.first - timedelta(days=30), last=today.first - timedelta(days=1))

    with database.tenant(tenant.id) as connection:
        assert performance.calls(connection, before) == Calls()
        assert performance.answers(connection, before) == Answers()
        assert performance.of_jobs(connection, before) == OfJobs()
        assert performance.failovers(connection, before) == 0
        assert performance.by_target(connection, before) == []
        assert performance.by_day(connection, before) == []


def test_another_tenant_sees_none_of_it(database: Database, tenant: Tenant, today: Span) -> None:
    job = end(database, tenant.id, JobStatus.SUCCEEDED)
    call(database, tenant.id, job, AttemptState.ANSWERED)
    answer(database, tenant.id, 1.0, failovers=2)
    stranger = new_tenant(database, "globex")

    with database.tenant(stranger.id) as connection:
        assert performance.calls(connection, today) == Calls()
        assert performance.answers(connection, today) == Answers()
        assert performance.of_jobs(connection, today) == OfJobs()
        assert performance.by_target(connection, today) == []
        assert performance.by_day(connection, today) == []


@pytest.mark.parametrize("at", [datetime(2026, 11, 27, 10, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)])
def test_the_earliest_id_of_a_time_sorts_before_all_that_are_made_later(at: datetime) -> None:
    assert earliest_id("job", at) < earliest_id("job", at + timedelta(milliseconds=1))
    assert (earliest_id("job", at) < new_id("job")) == (at < datetime.now(UTC))


def test_ids_of_now_lie_between_the_earliest_of_now_and_of_later() -> None:
    before = datetime.now(UTC)

    made = new_id("job")

    assert earliest_id("job", before) <= made < earliest_id("job", before + timedelta(minutes=5))
