"""Jobs that ended badly: what is told of them, and many of them set going again, each once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select, text, update

from orchestrator import failpoints
from orchestrator.dispatch import Dispatch
from orchestrator.errors import AlreadyTerminal, Erased, IdempotencyMismatch, NotFound
from orchestrator.requeuing import WITHIN_S, Outcome, Requeued, Requeuing, Wish
from orchestrator.settings import Settings
from orchestrator.storage import dead_letters, tenants
from orchestrator.storage.dead_letters import Which
from orchestrator.storage.engine import Database
from orchestrator.storage.tables import events as event_table
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.jobs import JobStatus
from tests.integration.workers_in_test import Queues, dispatch_of, events_of, job_of, producer, request, seats_of
from tests.servers import Tenant, new_tenant

SEATS = 2
QUORUM = "quorum-not-reached"
OVER = "deadline-exceeded"
ALL = Wish(which=Which())


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def requeuing(dispatch: Dispatch) -> Requeuing:
    return Requeuing(dispatch)


@pytest.fixture
def queues(redis: "Redis", redis_prefix: str) -> Queues:
    return Queues(redis, redis_prefix)


@pytest.fixture
def armed(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm(tmp_path)
    yield tmp_path
    failpoints.arm(None)


def end_badly(database: Database, *ids: str, status: str = "failed", code: str | None = QUORUM) -> None:
    """As a synthesis or the reconciler ends a job; its first seat has an answer, the second is lost."""
    error = None if code is None else {"code": code, "detail": f"It was {code}."}
    with database.system() as connection:
        of_jobs = seat_table.c.job_id.in_(ids)
        lost = {"status": "failed", "reason": "poison", "attempts": 3}
        connection.execute(update(seat_table).where(of_jobs, seat_table.c.seat == 1).values(**lost))
        answered = {"status": "answered", "attempts": 1}
        connection.execute(update(seat_table).where(of_jobs, seat_table.c.seat == 0).values(**answered))
        ended = {"status": status, "error": error, "finished_at": func.clock_timestamp(), "open_seats": 0}
        connection.execute(update(job_table).where(job_table.c.id.in_(ids)).values(**ended))


def dead(
    dispatch: Dispatch,
    tenant: Tenant,
    count: int = 1,
    *,
    status: str = "failed",
    code: str | None = QUORUM,
    **wish: object,
) -> list[str]:
    asked = {"panel": {"size": SEATS}, **wish}
    found = [dispatch.submit(tenant.id, request(**asked)).job_id for _ in range(count)]
    end_badly(dispatch.database, *found, status=status, code=code)
    return found


def listed(database: Database, tenant: Tenant, **which: object) -> list[str]:
    with database.tenant(tenant.id) as connection:
        return [row.id for row in dead_letters.page(connection, Which.model_validate(which), 100)]


def outcomes(done: Requeued) -> dict[str, Outcome]:
    return {one.job_id: one.outcome for one in done.judged}


def times_queued(database: Database, job: str) -> int:
    return events_of(database, job).count("job.queued")


def test_a_job_that_ended_badly_is_told_with_its_reason_its_lost_seats_and_what_it_took(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    (job,) = dead(dispatch, tenant, reference="crm-1")
    dispatch.submit(tenant.id, request())

    with database.tenant(tenant.id) as connection:
        (row,) = dead_letters.page(connection, Which(), 100)
        seats = dead_letters.seats_of(connection, [job])[job]

    assert (row.id, row.status, row.reason, row.detail) == (job, JobStatus.FAILED, QUORUM, f"It was {QUORUM}.")
    assert (row.reference, row.retries, row.erased_at) == ("crm-1", 0, None)
    assert [(seat.status, seat.reason, seat.attempts) for seat in seats] == [
        ("answered", None, 1),
        ("failed", "poison", 3),
    ]


def test_filters_narrow_and_canceled_ones_are_told_if_they_are_asked_for(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    (failed,) = dead(dispatch, tenant, reference="crm-1", tags=["a"])
    (expired,) = dead(dispatch, tenant, status="expired", code=OVER, tags=["a", "b"], project="north")
    (canceled,) = dead(dispatch, tenant, status="canceled", code=None)
    dead(dispatch, new_tenant(database, "other"))
    with database.system() as connection:
        old = text("clock_timestamp() - interval '2 days'")
        connection.execute(update(job_table).where(job_table.c.id == failed).values(created_at=old))
        at = connection.execute(select(func.clock_timestamp() - text("interval '1 day'"))).scalar_one()

    found = {
        name: listed(database, tenant, **which)
        for name, which in {
            "all": {},
            "canceled": {"status": "canceled"},
            "expired": {"status": "expired"},
            "reason": {"reason": QUORUM},
            "seat": {"seat_reason": "poison"},
            "no seat": {"seat_reason": "late"},
            "reference": {"reference": "crm-1"},
            "tag": {"tag": "b"},
            "project": {"project": "north"},
            "after": {"created_after": at},
            "before": {"created_before": at},
            "no batch": {"batch_id": "bat_none"},
            "both": {"reason": "canceled", "status": "canceled"},
        }.items()
    }

    assert found == {
        "all": [expired, failed],
        "canceled": [canceled],
        "expired": [expired],
        "reason": [failed],
        "seat": [expired, failed],
        "no seat": [],
        "reference": [failed],
        "tag": [expired],
        "project": [expired],
        "after": [expired],
        "before": [failed],
        "no batch": [],
        "both": [canceled],
    }


def test_they_are_counted_by_reason_the_most_frequent_first(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    dead(dispatch, tenant, 1, status="expired", code=OVER)
    dead(dispatch, tenant, 3)

    with database.tenant(tenant.id) as connection:
        every = dead_letters.tallies(connection, Which(), 100)
        newest = dead_letters.tallies(connection, Which(), 2)

    assert [(one.status, one.reason, one.jobs) for one in every] == [("failed", QUORUM, 3), ("expired", OVER, 1)]
    assert [one.jobs for one in newest] == [2]


def test_the_index_finds_them_among_all_others(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    dead(dispatch, tenant)
    asked = "SELECT id FROM jobs WHERE tenant_id = 'x' AND status IN ('failed', 'expired', 'canceled')"
    with database.system() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(connection.execute(text(f"EXPLAIN {asked} AND id < 'job_x' ORDER BY id DESC")).scalars())

    assert "ix_jobs_dead" in plan


def test_each_that_is_meant_goes_on_from_the_seat_that_is_missing(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    jobs = dead(dispatch, tenant, 3)
    (other,) = dead(dispatch, tenant, status="expired", code=OVER)

    done = requeuing.requeue(tenant.id, Wish(which=Which(reason=QUORUM)))

    assert outcomes(done) == dict.fromkeys(jobs, Outcome.REQUEUED)
    assert (done.more, done.replayed) == (False, False)
    assert {job_of(database, job).status for job in jobs} == {JobStatus.QUEUED}
    assert [seat.status for seat in seats_of(database, jobs[0])] == ["answered", "pending"]
    assert listed(database, tenant) == [other]


def test_a_dry_run_changes_nothing_and_binds_no_key(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    jobs = dead(dispatch, tenant, 2)

    looked = requeuing.requeue(tenant.id, ALL.model_copy(update={"dry_run": True}), idempotency_key="k", digest=b"dry")
    done = requeuing.requeue(tenant.id, ALL, idempotency_key="k", digest=b"wet")

    assert outcomes(looked) == dict.fromkeys(jobs, Outcome.WOULD)
    assert outcomes(done) == dict.fromkeys(jobs, Outcome.REQUEUED)


def test_the_oldest_go_first_and_it_is_told_that_there_are_more(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    first, second, third = dead(dispatch, tenant, 3)

    some = requeuing.requeue(tenant.id, Wish(limit=2))
    rest = requeuing.requeue(tenant.id, Wish(limit=2))

    assert (list(outcomes(some)), some.more) == ([first, second], True)
    assert (list(outcomes(rest)), rest.more) == ([third], False)


def test_single_ones_are_refused_with_what_their_retry_says(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    good, gone = dead(dispatch, tenant, 2)
    (foreign,) = dead(dispatch, new_tenant(database, "other"))
    well, open_ = (dispatch.submit(tenant.id, request(panel={"size": SEATS})).job_id for _ in range(2))
    end_badly(database, well, status="succeeded", code=None)
    dispatch.erase(tenant.id, gone)
    wish = Wish(job_ids=(good, gone, well, foreign, open_, good))

    looked = requeuing.requeue(tenant.id, wish.model_copy(update={"dry_run": True}))
    done = requeuing.requeue(tenant.id, wish)

    assert [one.outcome for one in looked.judged] == [Outcome.WOULD, *([Outcome.REFUSED] * 3), Outcome.UNCHANGED]
    assert outcomes(done) == {
        good: Outcome.REQUEUED,
        gone: Outcome.REFUSED,
        well: Outcome.REFUSED,
        foreign: Outcome.REFUSED,
        open_: Outcome.UNCHANGED,
    }
    for found in (looked, done):
        assert [type(one.refusal) for one in found.judged if one.refusal] == [Erased, AlreadyTerminal, NotFound]
    assert job_of(database, foreign).status is JobStatus.FAILED


def test_erased_ones_are_told_and_are_no_part_of_what_a_filter_sets_going(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    gone, good = dead(dispatch, tenant, 2)
    dispatch.erase(tenant.id, gone)

    shown = listed(database, tenant)
    done = requeuing.requeue(tenant.id, Wish(limit=1))

    assert shown == [good, gone]
    assert outcomes(done) == {good: Outcome.REQUEUED}


def test_a_tenant_that_is_stopped_is_told_so_of_each(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    (job,) = dead(dispatch, tenant)
    with database.tenant(tenant.id) as connection:
        tenants.stop(connection, tenant.id, "for the test")

    done = requeuing.requeue(tenant.id, ALL)

    assert [(one.outcome, one.refusal and one.refusal.code) for one in done.judged] == [
        (Outcome.REFUSED, "admission-stopped")
    ]
    assert job_of(database, job).status is JobStatus.FAILED


def test_of_two_calls_at_once_one_sets_each_job_going(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    jobs = dead(dispatch, tenant, 8)

    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: requeuing.requeue(tenant.id, Wish(job_ids=tuple(jobs))), range(2)))

    assert sorted(job for done in both for job, how in outcomes(done).items() if how is Outcome.REQUEUED) == jobs
    assert {times_queued(database, job) for job in jobs} == {2}


@pytest.mark.parametrize("named", [True, False])
def test_a_call_that_died_midway_is_made_whole_by_its_repeat_and_nothing_goes_on_twice(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing, armed: Path, named: bool
) -> None:
    jobs = dead(dispatch, tenant, 3)
    wish = Wish(job_ids=tuple(jobs)) if named else Wish(limit=3)
    (armed / "requeue.midway").write_text("raise", "utf-8")
    with pytest.raises(failpoints.Struck):
        requeuing.requeue(tenant.id, wish, idempotency_key="k", digest=b"d")
    first = [times_queued(database, job) for job in jobs]
    end_badly(database, jobs[0])  # it fails again, and one more does
    dead(dispatch, tenant)

    again = requeuing.requeue(tenant.id, wish, idempotency_key="k", digest=b"d")
    once_more = requeuing.requeue(tenant.id, wish, idempotency_key="k", digest=b"d")

    assert first == [2, 1, 1]
    assert [times_queued(database, job) for job in jobs] == [2, 2, 2]
    assert again.replayed
    assert {job for job, how in outcomes(again).items() if how is Outcome.REQUEUED} == set(jobs[1:])
    assert Outcome.REQUEUED not in outcomes(once_more).values()
    assert job_of(database, jobs[0]).status is JobStatus.FAILED


def test_a_key_belongs_to_one_call(tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing) -> None:
    (job,) = dead(dispatch, tenant)
    requeuing.requeue(tenant.id, ALL, idempotency_key="k", digest=b"d")
    dispatch.cancel(tenant.id, job)
    dispatch.erase(tenant.id, job)

    repeat = requeuing.requeue(tenant.id, ALL, idempotency_key="k", digest=b"d")  # erasure takes no key away

    assert (repeat.replayed, repeat.judged) == (True, ())
    with pytest.raises(IdempotencyMismatch):
        requeuing.requeue(tenant.id, ALL, idempotency_key="k", digest=b"another")


def test_what_there_is_no_time_for_is_left_to_the_next_call(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    jobs = dead(dispatch, tenant, 3)
    times = iter([0.0, 0.0, WITHIN_S])  # when it begins, before the first, before the second

    done = Requeuing(dispatch, lambda: next(times)).requeue(tenant.id, Wish(job_ids=tuple(jobs)))

    assert (list(outcomes(done)), done.more) == (jobs[:1], True)
    assert [job_of(database, job).status for job in jobs] == ["queued", "failed", "failed"]


def test_what_fails_again_is_told_again_with_its_retries(
    database: Database, tenant: Tenant, dispatch: Dispatch, requeuing: Requeuing
) -> None:
    (job,) = dead(dispatch, tenant)
    requeuing.requeue(tenant.id, ALL)
    end_badly(database, job)

    with database.tenant(tenant.id) as connection:
        (row,) = dead_letters.page(connection, Which(), 10)
        events = connection.execute(select(func.count()).where(event_table.c.job_id == job)).scalar_one()

    assert (row.retries, events) == (1, 2)
    assert outcomes(requeuing.requeue(tenant.id, ALL)) == {job: Outcome.REQUEUED}
