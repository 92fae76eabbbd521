"""A job's rows keep what was found out of its meeting, where workers read it."""

from orchestrator.routing.features import Features
from orchestrator.routing.request import AnalysisRequest
from orchestrator.settings import Settings
from orchestrator.steering import Steering
from orchestrator.storage import jobs
from orchestrator.storage.engine import Database
from orchestrator.storage.jobs import JobRow
from tasks import meeting_facts
from tests.integration.rows import add_job
from tests.integration.workers_in_test import dispatch_of, producer
from tests.servers import Tenant
from tests.unit.meeting.spoken import MEETINGS


def standup(**meeting: object) -> AnalysisRequest:
    content = MEETINGS["standup", "en"].strip()
    return AnalysisRequest.model_validate({"transcript": {"content": content}, "meeting": meeting}, strict=False)


def kept(database: Database, settings: Settings, tenant: Tenant, asked: AnalysisRequest) -> JobRow:
    job = dispatch_of(database, producer(settings)).submit(tenant.id, asked).job_id
    with database.tenant(tenant.id) as connection:
        return jobs.read(connection, job)


def test_a_worker_reads_what_was_found_out(database: Database, settings: Settings, tenant: Tenant) -> None:
    row = kept(database, settings, tenant, standup(participants=[{"name": "Ida Roe", "id": "u-1"}]))

    found = meeting_facts.context(row)
    assert found is not None
    assert (found.type.value, found.language.value, found.heads) == ("standup", "en", 4)
    assert meeting_facts.facts(row).language == "en"
    assert [one.name for one in meeting_facts.people(row)] == ["Ida Roe"]


def test_the_callers_word_reaches_the_worker(database: Database, settings: Settings, tenant: Tenant) -> None:
    row = kept(database, settings, tenant, standup(type="review", language="de"))

    found = meeting_facts.context(row)
    assert found is not None
    assert (found.type.told, found.type.value) == (True, "review")
    assert (meeting_facts.facts(row).type, meeting_facts.facts(row).language) == ("review", "de")


def test_a_job_of_an_older_release_has_no_findings(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant(tenant.id) as connection:
        row = jobs.read(connection, job)

    assert meeting_facts.context(row) is None


def test_a_preview_finds_out_the_same_as_the_job(database: Database, settings: Settings, tenant: Tenant) -> None:
    preview = dispatch_of(database, producer(settings)).preview(tenant.id, standup())

    assert preview.context == meeting_facts.context(kept(database, settings, tenant, standup()))


def test_a_house_that_asks_one_model_plans_one_seat(database: Database, settings: Settings, tenant: Tenant) -> None:
    made = dispatch_of(database, producer(settings))
    plain = type(made)(**{**vars(made), "steering": Steering(features=Features(multi_model_synthesis=False))})

    assert len(plain.preview(tenant.id, standup()).plan.seats) == 1
