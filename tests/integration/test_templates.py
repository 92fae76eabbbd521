"""Tenants' templates as rows, and the words that a job keeps."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from celery.exceptions import Retry
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from orchestrator.analysis import prompts
from orchestrator.analysis.prompt_texts import LOOK_FOR, PROMPT_VERSION
from orchestrator.analysis.templates import TEMPLATES_FOR
from orchestrator.storage import jobs, templates, transcripts
from orchestrator.storage import prompts as kept
from orchestrator.storage import seats as seat_rows
from orchestrator.storage.engine import Database
from orchestrator.storage.migrate import downgrade, upgrade
from providers.calls import Message
from tasks import ask, preparing
from tasks.resources import Resources
from tests.acceptance.processes import Emulator
from tests.integration.rows import add_job
from tests.integration.workers_in_test import LUNA, job_of, request
from tests.servers import Tenant, new_tenant


def put(database: Database, tenant: str, kind: str, instruction: str | None) -> None:
    with database.tenant(tenant) as connection:
        templates.put(connection, kind, instruction)  # type: ignore[arg-type]  # one of the types


def in_force(database: Database, tenant: str, kind: str) -> str | None:
    with database.tenant(tenant) as connection:
        found = templates.in_force(connection, kind)  # type: ignore[arg-type]  # one of the types
    return None if found is None else f"{found.version} {found.instruction}"


def test_each_text_is_a_version_and_the_newest_is_in_force(database: Database, tenant: Tenant) -> None:
    seen = [in_force(database, tenant.id, "sales")]
    for instruction in ("- risks: a", "- risks: b", "- risks: b", None, None, "- risks: a"):
        put(database, tenant.id, "sales", instruction)
        seen.append(in_force(database, tenant.id, "sales"))

    assert seen == [None, "1 - risks: a", "2 - risks: b", "2 - risks: b", None, None, "4 - risks: a"]
    with database.tenant(tenant.id) as connection:
        ids = connection.execute(text("SELECT DISTINCT id FROM prompt_templates")).scalars().all()
    assert len(ids) == 1


def test_a_type_without_one_of_its_own_has_the_one_for_all(database: Database, tenant: Tenant) -> None:
    put(database, tenant.id, "all", "- topics: all")
    put(database, tenant.id, "sales", "- topics: sales")

    both = in_force(database, tenant.id, "sales"), in_force(database, tenant.id, "design")
    put(database, tenant.id, "sales", None)

    assert both == ("1 - topics: sales", "1 - topics: all")
    assert in_force(database, tenant.id, "sales") == "1 - topics: all"


def test_versions_that_are_set_at_once_get_numbers_of_their_own(database: Database, tenant: Tenant) -> None:
    with ThreadPoolExecutor(4) as pool:
        [*pool.map(lambda number: put(database, tenant.id, "design", f"- topics: {number}"), range(4))]

    with database.tenant(tenant.id) as connection:
        rows = connection.execute(text("SELECT version, id FROM prompt_templates ORDER BY version")).all()
    assert [row.version for row in rows] == [1, 2, 3, 4]


def test_no_version_is_ever_changed_nor_taken_away(database: Database, tenant: Tenant) -> None:
    put(database, tenant.id, "all", "- topics: all")

    for statement in ("UPDATE prompt_templates SET instruction = 'x'", "DELETE FROM prompt_templates"):
        with pytest.raises(DBAPIError, match="permission denied"), database.tenant(tenant.id) as connection:
            connection.execute(text(statement))
    with pytest.raises(IntegrityError, match="never changed"), database.system() as connection:
        connection.execute(text("UPDATE prompt_templates SET instruction = 'x'"))


def test_a_tenant_sees_no_template_of_another(database: Database, tenant: Tenant) -> None:
    put(database, tenant.id, "all", "- topics: all")
    other = new_tenant(database, "globex")

    with database.tenant(other.id) as connection:
        seen = templates.newest(connection, *TEMPLATES_FOR)

    assert (seen, in_force(database, other.id, "sales")) == ({}, None)


def test_what_templates_need_can_be_taken_back_and_made_again(database_url: str) -> None:
    downgrade(database_url, "0008")
    upgrade(database_url)
    downgrade(database_url, "0010")
    upgrade(database_url)


def shown(worker: Resources, tenant: Tenant, job: str) -> tuple[Message, ...]:
    """What an ask of the first seat would say now."""
    with worker.database.tenant(tenant.id) as connection:
        row = seat_rows.of_job(connection, job)[0]
        return preparing._messages(connection, row, jobs.read(connection, job), mends=True)


def test_a_job_is_asked_with_the_words_that_were_in_force_when_it_was_posted(
    worker: Resources, tenant: Tenant, database: Database
) -> None:
    put(database, tenant.id, "standup", "- risks: what blocks us")
    meeting = {"type": "Standup", "language": "de", "glossary": ["Zoë"], "participants": [{"name": "Ann"}]}
    job = worker.dispatch.submit(tenant.id, request(LUNA, meeting=meeting)).job_id

    before = shown(worker, tenant, job)
    put(database, tenant.id, "standup", "- risks: something else")
    put(database, tenant.id, "standup", None)

    row = job_of(database, job)
    assert row.prompt_version.startswith("tpl_")
    assert row.prompt_version.endswith("/1")
    assert shown(worker, tenant, job) == before
    assert "- risks: what blocks us\n" in before[1].text
    assert 'people: ["Ann"]' in before[1].text
    assert "in German (de)" in before[1].text


def test_what_was_planned_is_what_is_sent(worker: Resources, tenant: Tenant, emulator: Emulator) -> None:
    job = worker.dispatch.submit(tenant.id, request(LUNA, meeting={"type": "sales"})).job_id
    messages = shown(worker, tenant, job)

    with suppress(Retry):
        ask.ask(job=job, seat=0, epoch=0)

    row = job_of(worker.database, job)
    assert row.prompt_version == f"{PROMPT_VERSION}/sales"
    assert Counter(one["status"] for one in emulator.requests()) == {200: 1}
    assert LOOK_FOR["sales"] in messages[1].text


def test_a_job_of_a_release_that_kept_no_words_is_asked_with_those_of_that_release(
    worker: Resources, tenant: Tenant, database: Database
) -> None:
    job = add_job(database, tenant.id)

    messages = shown(worker, tenant, job)

    with database.tenant(tenant.id) as connection:
        assert kept.read(connection, job) is None
        transcript = transcripts.read(connection, job_of(database, job).transcript_id)
    assert messages[1].text.startswith(prompts.frame(transcript, "test"))
    assert messages[1].text.endswith("At most 50 items a list.")
