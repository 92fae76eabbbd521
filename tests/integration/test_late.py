"""A panel that has its quorum ends without its slowest seats, which are cut, booked and named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.settings import Settings
from orchestrator.storage import jobs, seats
from orchestrator.storage.engine import Database
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Reason, SeatStatus
from providers.sockets import Cancel
from tasks import ask, late, preparing, recording, synthesize
from tasks.resources import Resources
from tests.acceptance.processes import until
from tests.integration.rows import add_job
from tests.integration.workers_in_test import (
    THREE,
    Work,
    attempts_of,
    end_of,
    events_of,
    job_of,
    opened,
    seats_of,
)
from tests.servers import Tenant

AFTER_ITS_GRACE = {"late_at": datetime.now(UTC) - timedelta(seconds=1)}


@pytest.fixture
def here(settings: Settings) -> Iterator[Resources]:
    with opened(settings) as held:
        yield held


def grace(database: Database, job: str) -> tuple[int, datetime | None]:
    with database.tenant_of(job) as connection:
        columns = (job_table.c.answered_seats, job_table.c.late_at)
        row = connection.execute(select(*columns).where(job_table.c.id == job)).one()
        return row.answered_seats, row.late_at


def wait_is_over(database: Database, job: str) -> None:
    with database.tenant_of(job) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(**AFTER_ITS_GRACE))


def test_the_grace_begins_with_the_quorum_and_not_before(database: Database, tenant: Tenant, here: Resources) -> None:
    job = add_job(database, tenant.id, seat_count=3)
    with database.tenant_of(job) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(quorum=2))

    ask.ask(job=job, seat=0, epoch=0)
    before = grace(database, job)
    ask.ask(job=job, seat=1, epoch=0)
    with_quorum = grace(database, job)
    late.close_panels()
    too_early = job_of(database, job)
    ask.ask(job=job, seat=2, epoch=0)

    assert before == (1, None)
    assert with_quorum[0] == 2
    assert with_quorum[1] is not None
    assert timedelta(seconds=10) < with_quorum[1] - datetime.now(UTC) < timedelta(seconds=20)
    assert too_early.open_seats == 1
    assert grace(database, job) == (3, with_quorum[1])


def test_a_panel_that_ends_whole_has_no_grace(database: Database, tenant: Tenant, here: Resources) -> None:
    job = add_job(database, tenant.id, seat_count=1)

    ask.ask(job=job, seat=0, epoch=0)

    assert grace(database, job) == (1, None)


def test_late_seats_are_canceled_and_the_rest_is_synthesised(
    database: Database, tenant: Tenant, here: Resources
) -> None:
    job = add_job(database, tenant.id, seat_count=3)
    ask.ask(job=job, seat=0, epoch=0)
    wait_is_over(database, job)

    late.close_panels()
    late.close_panels()
    synthesize.synthesize(job=job)

    row, (first, *others) = job_of(database, job), seats_of(database, job)
    assert first.status is SeatStatus.ANSWERED
    assert {(seat.status, seat.reason) for seat in others} == {(SeatStatus.CANCELED, Reason.LATE)}
    assert (row.status, row.open_seats) == (JobStatus.SUCCEEDED, 0)
    assert [one["code"] for one in row.degradations if isinstance(one, dict)].count("seat-lost") == 2
    assert events_of(database, job).count("seat.failed") == 2
    assert ask.ask(job=job, seat=1, epoch=0) is False


def test_a_late_answer_is_booked_and_kept_but_changes_nothing(
    database: Database, tenant: Tenant, here: Resources
) -> None:
    job = add_job(database, tenant.id, seat_count=2)
    ask.ask(job=job, seat=0, epoch=0)
    wait_is_over(database, job)
    work = ask._claim(job, 1, 0)
    assert work is not None
    assert not isinstance(work, bool)

    late.close_panels()
    reply = here.client.ask(work.seat.target, work.call, cancel=Cancel(), key=0)
    document = preparing.read(work, reply).model_dump(mode="json")
    closed = recording.answered(work.paid, work.account, reply, document, latency_s=0.1)

    row = job_of(database, job)
    assert closed is False
    assert (row.open_seats, grace(database, job)[0]) == (0, 1)
    assert [seat.status for seat in seats_of(database, job)] == [SeatStatus.ANSWERED, SeatStatus.CANCELED]
    assert {attempt.state for attempt in attempts_of(database, job)} == {AttemptState.ANSWERED}


def test_a_seat_that_answers_while_its_panel_is_closed_ends_once(
    database: Database, tenant: Tenant, here: Resources
) -> None:
    job = add_job(database, tenant.id, seat_count=2)
    ask.ask(job=job, seat=0, epoch=0)
    wait_is_over(database, job)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 1, 0, 30.0)
        assert row is not None

    late.close_panels()
    with database.tenant_of(job) as connection:
        ended = seats.fail(connection, Claim(job=job, seat=1, epoch=row.epoch), Reason.EXHAUSTED)
        found = jobs.read(connection, job)

    assert not ended
    assert found.open_seats == 0


def test_a_slow_model_does_not_keep_an_interactive_reader_waiting(work: Work) -> None:
    *quick, slow = THREE
    work.emulator.order("latency", model=slow.split("/")[1], median_ms=60_000)
    work.start("ask", "synthesis", "delivery", "maintenance", "beat")
    began = datetime.now(UTC)

    job = work.submit(*quick, slow, priority="interactive", allow_substitution=False, allow_extractive=False)
    ended = end_of(work.database, job)

    assert ended.status is JobStatus.SUCCEEDED
    assert ended.label == "consensus of 2 of 3 models"
    assert ended.finished_at is not None
    assert timedelta(seconds=3) <= ended.finished_at - began < timedelta(seconds=15)
    cut = until(
        lambda: next((one for one in attempts_of(work.database, job) if one.state is AttemptState.AMBIGUOUS), None),
        "the late call was cut and booked",
    )
    spent = job_of(work.database, job).spent_micro_usd
    assert cut.cost_micro_usd > 0
    assert spent == sum(one.cost_micro_usd for one in attempts_of(work.database, job))
