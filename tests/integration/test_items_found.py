"""What a seat found is told in the transaction of its answer: once, if it is verified, until an erasure forgets it."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import insert, select

from orchestrator.analysis.items import KINDS, Candidate
from orchestrator.settings import Settings
from orchestrator.storage import candidates, feed, jobs
from orchestrator.storage.engine import Database
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import candidates as candidate_table
from orchestrator.storage.tables import events
from orchestrator.tenancy import erasure
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject
from tasks import ask, recording
from tasks.resources import Resources
from tests.integration.rows import add_job
from tests.integration.workers_in_test import events_of, job_of, opened, request, seats_of
from tests.servers import Tenant

BUILT_IN = ("extractive/cue-rules", "extractive/central-sentences")


@pytest.fixture
def here(settings: Settings) -> Iterator[Resources]:
    """A worker of this process, without a provider."""
    with opened(settings) as held:
        yield held


def answered(here: Resources, tenant: Tenant) -> str:
    """A job both of whose seats have answered."""
    job = here.dispatch.submit(tenant.id, request(*BUILT_IN)).job_id
    for seat in seats_of(here.database, job):
        assert ask.ask(job=job, seat=seat.seat, epoch=seat.epoch) == (seat.seat == 1)
    return job


def told(database: Database, job: str) -> dict[int, JsonObject]:
    """The data of each `items.found`, by its version."""
    mine = events.c.job_id == job, events.c.type == "items.found"
    with database.tenant_of(job) as connection:
        rows = connection.execute(select(events.c.sequence, events.c.data).where(*mine).order_by(events.c.sequence))
        return {row.sequence: row.data for row in rows}


def test_the_ids_of_verified_items_follow_the_answer_at_once(here: Resources, tenant: Tenant) -> None:
    job = answered(here, tenant)

    with here.database.tenant_of(job) as connection:
        stored = {seat: Candidate.model_validate(one) for seat, one in candidates.read(connection, job).items()}
    types, found = events_of(here.database, job), told(here.database, job)
    assert job_of(here.database, job).version == len(types)
    assert [types[version - 2] for version in found] == ["seat.answered"] * 2
    for seat, data in enumerate(found.values()):
        ids = {kind: [one.id for one in stored[seat].of(kind) if one.verified] for kind in KINDS}
        by_kind = {kind: names for kind, names in ids.items() if names}
        assert data == {"seat": seat, "counts": {kind: len(ids[kind]) for kind in by_kind}, "items": by_kind}
        assert by_kind


def test_a_seat_that_is_delivered_again_tells_nothing_again(here: Resources, tenant: Tenant) -> None:
    job = answered(here, tenant)
    before = events_of(here.database, job)

    for seat in seats_of(here.database, job):
        for epoch in (0, seat.epoch):
            assert ask.ask(job=job, seat=seat.seat, epoch=epoch) is True

    assert events_of(here.database, job) == before


NOTHING: JsonObject = {"language": "en", "summary": {"text": "", "bullets": []}}


@pytest.mark.parametrize(("role", "document"), [("analyst", NOTHING), ("judge", {"text": "a reply, no candidate"})])
def test_who_found_nothing_and_who_is_no_analyst_tells_of_no_items(
    database: Database, tenant: Tenant, role: str, document: JsonObject
) -> None:
    job = add_job(database, tenant.id)

    with database.tenant_of(job) as connection:
        recording.close_answered(connection, Claim(job=job, seat=0, epoch=1), role, document, {"served": "a/b"})

    assert events_of(database, job) == ["job.queued", "seat.answered"]
    assert job_of(database, job).version == 2


def test_what_is_told_is_told_with_the_answer_or_not_at_all(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)

    with suppress(ZeroDivisionError), database.tenant_of(job) as connection:
        jobs.count_out(connection, job, "seat.answered", {"seat": 0}, answered=True, found={"seat": 0})
        1 / 0  # noqa: B018 - it ends before the commit

    assert (events_of(database, job), job_of(database, job).open_seats) == (["job.queued"], 2)


def test_a_job_that_has_ended_tells_of_no_items(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {})
        changed = jobs.count_out(connection, job, "seat.answered", {"seat": 0}, answered=True, found={"seat": 0})

    assert changed is None
    assert events_of(database, job) == ["job.queued", "job.canceled"]


def test_an_erasure_takes_the_ids_out_of_the_events_and_leaves_how_many_there_were(
    here: Resources, tenant: Tenant
) -> None:
    job, other = answered(here, tenant), answered(here, tenant)
    before, kept = told(here.database, job), told(here.database, other)
    with here.database.tenant(tenant.id) as connection:
        numbered = feed.page(connection, 0, 100)

    for _ in range(2):
        with here.database.tenant(tenant.id) as connection:
            erasure.erase(connection, job, here.dispatch.now())

    assert told(here.database, job) == {
        version: {"seat": data["seat"], "counts": data["counts"]} for version, data in before.items()
    }
    assert told(here.database, other) == kept
    with here.database.tenant(tenant.id) as connection:
        again = feed.page(connection, 0, len(numbered))
    assert [(one.number, one.id) for one in again] == [(one.number, one.id) for one in numbered]


def test_nothing_is_told_of_a_candidate_that_an_erasure_came_before(database: Database, tenant: Tenant) -> None:
    """The row is passed over (0019_erasure.sql); no event may follow it either."""
    job = add_job(database, tenant.id)
    with database.tenant(tenant.id) as connection:
        erasure.erase(connection, job, jobs.read(connection, job).created_at)
    before = events_of(database, job)
    with database.tenant_of(job) as connection:
        values = {"job_id": job, "seat": 0, "attempt_id": "atm_1", "document": {}}
        connection.execute(insert(candidate_table).values(**values))
        assert jobs.count_out(connection, job, "seat.answered", {}, answered=True, found={"seat": 0}) is None

    assert events_of(database, job) == before
