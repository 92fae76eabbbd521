"""A job that ended without a result goes on from the seats that are missing, when its caller says so."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from orchestrator.errors import AdmissionStopped, AlreadyTerminal, NotFound
from orchestrator.routing.failover import MAX_AMBIGUOUS
from orchestrator.storage import tenants
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Reason, SeatStatus
from tests.acceptance.processes import until
from tests.integration.workers_in_test import (
    LUNA,
    THREE,
    Work,
    attempts_of,
    end_of,
    events_of,
    job_of,
    seats_of,
)
from tests.servers import Tenant

ALONE = {"allow_substitution": False, "allow_extractive": False}
ALL_OF_THEM = {"quorum": 3, **ALONE}
WORKERS = ("ask", "synthesis", "delivery", "maintenance", "beat")


def failed(work: Work) -> str:
    """A job of three seats, two answered, whose quorum of three was not reached."""
    bad = THREE[2].split("/")[1]
    work.emulator.order("faults", match={"model": bad}, fault="400")
    job = work.submit(*THREE, **ALL_OF_THEM)
    ended = end_of(work.database, job)
    assert ended.status is JobStatus.FAILED
    work.emulator.order("reset")
    return job


def test_only_the_seat_without_an_answer_is_asked_again(work: Work) -> None:
    work.start(*WORKERS)
    job = failed(work)
    asked_before, spent_before = len(work.emulator.requests()), job_of(work.database, job).spent_micro_usd
    first = job_of(work.database, job)

    work.dispatch.retry(work.tenant, job)
    work.dispatch.retry(work.tenant, job)
    ended = end_of(work.database, job)

    assert (asked_before, len(work.emulator.requests())) == (0, 1)
    assert ended.status is JobStatus.SUCCEEDED
    assert ended.label == "consensus of 3 models"
    assert ended.error is None
    assert ended.spent_micro_usd == spent_before + work.emulator.billed_micro_usd()
    assert ended.version > first.version
    assert ended.deadline_at - first.deadline_at > timedelta(0)
    assert [seat.status for seat in seats_of(work.database, job)] == [SeatStatus.ANSWERED] * 3
    events = events_of(work.database, job)
    assert (events.count("job.queued"), events.count("job.failed"), events.count("job.succeeded")) == (2, 1, 1)


def test_a_canceled_job_goes_on(work: Work) -> None:
    job = work.submit(LUNA, LUNA, **ALONE)
    work.dispatch.cancel(work.tenant, job)
    work.queues.drop("ask.openai")

    work.dispatch.retry(work.tenant, job)
    opened = job_of(work.database, job)
    work.start(*WORKERS)
    ended = end_of(work.database, job)

    assert (opened.status, opened.open_seats, opened.finished_at) == (JobStatus.QUEUED, 2, None)
    assert ended.status is JobStatus.SUCCEEDED


def test_calls_of_unknown_fate_do_not_keep_a_retried_seat_from_asking(work: Work) -> None:
    work.emulator.order("faults", match={}, fault="close_after_work")
    work.start(*WORKERS)
    job = work.submit(LUNA, **ALONE)
    ended = end_of(work.database, job)
    with work.database.tenant(work.tenant) as connection:
        # Worst cases use up its bound; that is another matter.
        connection.execute(
            update(job_table).where(job_table.c.id == job).values(bound_micro_usd=9 * ended.bound_micro_usd)
        )
    work.dispatch.retry(work.tenant, job)
    once_more = end_of(work.database, job)
    before = [attempt.state for attempt in attempts_of(work.database, job)]
    work.emulator.order("reset")

    work.dispatch.retry(work.tenant, job)
    again = end_of(work.database, job)

    assert {ended.status, once_more.status} == {JobStatus.FAILED}
    assert len(before) >= MAX_AMBIGUOUS
    assert set(before) == {AttemptState.AMBIGUOUS}
    assert again.status is JobStatus.SUCCEEDED
    assert [attempt.state for attempt in attempts_of(work.database, job)] == [*before, AttemptState.ANSWERED]


def test_a_job_whose_seats_have_all_answered_is_only_synthesised(work: Work) -> None:
    work.start("ask")
    job = work.submit("extractive/cue-rules", "extractive/central-sentences")
    until(lambda: job_of(work.database, job).open_seats == 0, "the panel is closed")
    work.dispatch.cancel(work.tenant, job)

    work.dispatch.retry(work.tenant, job)
    work.start("synthesis", "delivery")
    ended = end_of(work.database, job)

    assert ended.status is JobStatus.SUCCEEDED
    assert [seat.attempts for seat in seats_of(work.database, job)] == [1, 1]


def test_where_there_is_no_room_it_waits_for_its_turn(work: Work) -> None:
    filler = [work.submit(LUNA, LUNA, **ALONE) for _ in range(9)]
    job = filler[0]
    work.dispatch.cancel(work.tenant, job)
    work.submit(LUNA, LUNA, **ALONE)

    work.dispatch.retry(work.tenant, job)

    with work.database.tenant_of(job) as connection:
        published = connection.exec_driver_sql("SELECT count(*) FROM seats WHERE published_at IS NOT NULL").scalar_one()
        waits = connection.exec_driver_sql(
            "SELECT dispatched_at IS NULL FROM jobs WHERE id = %(job)s", {"job": job}
        ).scalar_one()
    assert waits is True
    assert published == 14
    work.start(*WORKERS)
    assert end_of(work.database, job).status is JobStatus.SUCCEEDED


def test_who_may_not_be_retried_is_told(work: Work, tenant: Tenant) -> None:
    open_job = work.submit("extractive/cue-rules")
    work.dispatch.retry(tenant.id, open_job)
    untouched = job_of(work.database, open_job)
    work.start(*WORKERS)
    end_of(work.database, open_job)

    with pytest.raises(AlreadyTerminal):
        work.dispatch.retry(tenant.id, open_job)
    with pytest.raises(NotFound):
        work.dispatch.retry(tenant.id, "job_of_nobody")

    assert (untouched.status, untouched.version) == (JobStatus.QUEUED, 1)


def test_a_tenant_that_is_stopped_retries_nothing(work: Work) -> None:
    job = work.submit(LUNA)
    work.dispatch.cancel(work.tenant, job)
    with work.database.tenant(work.tenant) as connection:
        tenants.stop(connection, work.tenant, "a bill above its bound")

    with pytest.raises(AdmissionStopped):
        work.dispatch.retry(work.tenant, job)

    assert job_of(work.database, job).status is JobStatus.CANCELED


def test_nothing_but_a_retry_brings_a_job_back(work: Work) -> None:
    job = work.submit(LUNA)
    work.dispatch.cancel(work.tenant, job)

    with pytest.raises(IntegrityError), work.database.tenant(work.tenant) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(status=JobStatus.QUEUED))

    assert {seat.status for seat in seats_of(work.database, job)} == {SeatStatus.CANCELED}


def test_late_seats_of_a_job_that_succeeded_stay_as_they_are(work: Work) -> None:
    work.start(*WORKERS)
    job = work.submit("extractive/cue-rules", "extractive/central-sentences")
    end_of(work.database, job)
    with work.database.tenant(work.tenant) as connection:
        connection.execute(
            update(seat_table).where(seat_table.c.seat == 1).values(status=SeatStatus.CANCELED, reason=Reason.LATE)
        )

    with pytest.raises(AlreadyTerminal):
        work.dispatch.retry(work.tenant, job)

    assert seats_of(work.database, job)[1].status is SeatStatus.CANCELED
