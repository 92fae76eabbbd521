"""The one door to the work, under interruption and under many hands: all of a job or nothing of it, and one end."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from celery import signals
from redis import Redis
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from ops.drills.link import Link, postgres_target, postgres_through
from orchestrator.dispatch import Dispatch
from orchestrator.errors import AlreadyTerminal, IdempotencyMismatch, Unavailable
from orchestrator.settings import Settings
from orchestrator.storage import results, transcripts
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.idempotency import Submitted
from orchestrator.storage.schema import TENANT_TABLES
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from tasks import ask, synthesize
from tests.acceptance.processes import until
from tests.integration.rows import add_job
from tests.integration.workers_in_test import (
    Queues,
    attempts_of,
    dispatch_of,
    events_of,
    job_of,
    opened,
    producer,
    request,
    seats_of,
)
from tests.servers import Tenant

RACES = 200
ENDED_SEATS = {SeatStatus.ANSWERED, SeatStatus.CANCELED}
ENDED_ATTEMPTS = {AttemptState.ANSWERED, AttemptState.REFUSED, AttemptState.AMBIGUOUS}


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def queues(redis: "Redis", redis_prefix: str) -> Queues:
    return Queues(redis, redis_prefix)


def stored(database: Database) -> dict[str, int]:
    """How many rows each table holds of what a submit writes."""
    with database.system() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TENANT_TABLES
            if table.name not in {"api_keys", "tenants"}
        }


def as_owner(database: Database, statement: str) -> None:
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        connection.execute(text(statement))


def kill_who_waits(database: Database, name: str) -> bool:
    """End the sessions of that name that wait for a lock; whether there was one."""
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        killed = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
                " AND wait_event_type = 'Lock' AND datname = current_database()"
            ),
            {"name": name},
        )
        return bool(killed.all())


def nothing() -> dict[str, int]:
    return {table.name: 0 for table in TENANT_TABLES if table.name not in {"api_keys", "tenants"}}


def test_a_submit_that_fails_at_its_last_row_stores_nothing_and_publishes_nothing(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    as_owner(database, "ALTER TABLE seats ADD CONSTRAINT never CHECK (false)")

    with pytest.raises(DBAPIError, match="never"):
        dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"d")
    left = stored(database)
    as_owner(database, "ALTER TABLE seats DROP CONSTRAINT never")
    again = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"d")

    assert left == nothing()
    assert again.replayed is False
    assert {message.kwargs["job"] for message in queues.read("ask.extractive")} == {again.job_id}


def test_a_submit_whose_session_is_killed_stores_nothing_and_says_unavailable(
    database: Database, database_url: str, tenant: Tenant, settings: Settings
) -> None:
    doomed = connect(database_url, pool_size=2, name="doomed")
    with ThreadPoolExecutor(1) as pool:
        with database.system() as connection:
            connection.execute(text("SET LOCAL role NONE"))
            connection.execute(text("LOCK TABLE seats IN ACCESS EXCLUSIVE MODE"))
            submitting = pool.submit(dispatch_of(doomed, producer(settings)).submit, tenant.id, request())
            until(lambda: kill_who_waits(database, "doomed"), "the submit waits for its last table, and is killed")
        with pytest.raises(Unavailable):
            submitting.result(10)
    doomed.close()

    assert stored(database) == nothing()


def test_a_job_that_was_stored_and_published_is_taken_in_even_if_the_database_then_goes_away(
    database: Database, database_url: str, tenant: Tenant, settings: Settings, queues: Queues
) -> None:
    with Link(postgres_target(database_url)) as link:
        far = connect(postgres_through(link, database_url), pool_size=2, name="test through a link")

        def cut(**_: object) -> None:
            link.cut()

        signals.before_task_publish.connect(cut)
        try:
            submitted = dispatch_of(far, producer(settings)).submit(tenant.id, request())
        finally:
            signals.before_task_publish.disconnect(cut)
        far.close()

    assert job_of(database, submitted.job_id).status is JobStatus.QUEUED
    assert {message.kwargs["job"] for message in queues.read("ask.extractive")} == {submitted.job_id}


def test_of_many_submits_under_one_key_one_makes_the_job(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    start = threading.Barrier(12)

    def submit(_: int) -> Submitted:
        start.wait(10)
        return dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"d")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(submit, range(12)))

    assert len({answer.job_id for answer in answers}) == 1
    assert [answer.replayed for answer in answers].count(False) == 1
    assert (stored(database)["jobs"], stored(database)["transcripts"]) == (1, 1)
    assert {message.kwargs["job"] for message in queues.read("ask.extractive")} == {answers[0].job_id}


def test_a_job_is_about_people_whatever_their_names_are_in_the_file(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    content = "ANN LEE (Guest): We ship.\nAnnie: On Friday.\nBob: Why?\nLee, Ann: So be it."
    people = [{"name": "Ann Lee", "aliases": ["Annie"]}, {"name": "Bob Day"}]
    asked = request(transcript={"content": content}, meeting={"participants": people})

    job = job_of(database, dispatch.submit(tenant.id, asked).job_id)

    with database.tenant(tenant.id) as connection:
        spoken = transcripts.read(connection, job.transcript_id).utterances
    assert [(one.id, one.speaker) for one in spoken] == [
        ("u1", "Ann Lee"),
        ("u2", "Ann Lee"),
        ("u3", "Bob Day"),
        ("u4", "Ann Lee"),
    ]


def test_a_key_with_another_body_is_refused_and_stores_nothing(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"one")
    before = stored(database)

    with pytest.raises(IdempotencyMismatch):
        dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"other")

    assert stored(database) == before


def test_canceling_twice_is_one_cancel(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    job = dispatch.submit(tenant.id, request()).job_id

    dispatch.cancel(tenant.id, job)
    once = job_of(database, job)
    dispatch.cancel(tenant.id, job)

    assert once.status is JobStatus.CANCELED
    assert job_of(database, job) == once
    assert events_of(database, job) == ["job.queued", "job.canceled"]


def test_a_cancel_that_races_the_answers_and_the_synthesis_has_one_winner_and_both_are_told(
    database: Database, tenant: Tenant, dispatch: Dispatch, settings: Settings
) -> None:
    ids = [add_job(database, tenant.id, seat_count=2) for _ in range(RACES)]

    def work(job: str) -> None:
        for seat in (0, 1):
            ask.ask(job=job, seat=seat, epoch=0)
        synthesize.synthesize(job=job)

    def race(job: str, pause_s: float) -> bool:
        working = threading.Thread(target=work, args=(job,))
        working.start()
        working.join(pause_s)
        try:
            dispatch.cancel(tenant.id, job)
        except AlreadyTerminal:
            return False
        finally:
            working.join(30)
        return True

    with opened(settings), ThreadPoolExecutor(4) as pool:
        work(add_job(database, tenant.id, seat_count=2))  # connections made, models loaded
        began = time.monotonic()
        work(add_job(database, tenant.id, seat_count=2))
        longest_s = 6 * (time.monotonic() - began)  # four at once take longer than one, here and now
        # The first cancel comes at once, the last one after the end; the others wherever their pause leads.
        told = list(pool.map(race, ids, [*(longest_s * place / RACES for place in range(RACES - 1)), 30.0]))

    assert [job_of(database, job).status is JobStatus.CANCELED for job in ids] == told
    assert {job_of(database, job).status for job in ids} == {JobStatus.CANCELED, JobStatus.SUCCEEDED}
    for job in ids:
        assert_one_end(database, job)
    assert deadlocks(database) == 0


def test_many_who_cancel_work_and_look_at_the_same_seats_never_lock_each_other_out(
    database: Database, tenant: Tenant, dispatch: Dispatch, settings: Settings
) -> None:
    ids = [add_job(database, tenant.id, seat_count=4) for _ in range(20)]
    rest = random.Random(11)

    errands = [
        errand
        for job in ids
        for errand in (
            partial(dispatch.cancel, tenant.id, job),
            partial(dispatch.cancel, tenant.id, job),
            *(partial(ask.ask, job=job, seat=seat, epoch=0) for seat in (0, 1, 2, 3, 0, 1, 2, 3)),
        )
    ]
    rest.shuffle(errands)
    with opened(settings), ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(errand) for errand in errands]:
            done.result(60)

    assert {job_of(database, job).status for job in ids} == {JobStatus.CANCELED}
    for job in ids:
        assert_one_end(database, job)
    assert deadlocks(database) == 0


def assert_one_end(database: Database, job: str) -> None:
    ended, told = job_of(database, job), events_of(database, job)
    with database.tenant_of(job) as connection:
        result = results.read_result(connection, job)
    assert (result is not None) == (ended.status is JobStatus.SUCCEEDED)
    assert told[-1] == f"job.{ended.status}"
    assert sum(name in {"job.succeeded", "job.failed", "job.canceled", "job.expired"} for name in told) == 1
    assert len(told) == ended.version
    assert {seat.status for seat in seats_of(database, job)} <= ENDED_SEATS
    assert {attempt.state for attempt in attempts_of(database, job)} <= ENDED_ATTEMPTS


def deadlocks(database: Database) -> int:
    """How many PostgreSQL has broken in this test's database."""
    with database.system() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        found: int = connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()
        return found
