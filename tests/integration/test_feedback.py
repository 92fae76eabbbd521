"""What people say of results: one opinion a person and item, the newest; checked, listed, and only their tenant's."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from orchestrator.analysis.items import KINDS, Analysis, Item
from orchestrator.errors import NotFound
from orchestrator.settings import Settings
from orchestrator.storage import feedback, results
from orchestrator.storage.caller_tables import feedback as table
from orchestrator.storage.engine import Database
from orchestrator.storage.feedback import FeedbackRow, Given, Opinion
from tasks.resources import Resources
from tests.integration.rows import add_job
from tests.integration.test_replays import finished
from tests.integration.workers_in_test import opened
from tests.servers import Tenant, new_tenant

ANN, BOB = "key_of_ann", "key_of_bob"


@pytest.fixture
def at_hand(settings: Settings) -> Iterator[Resources]:
    with opened(settings) as held:
        yield held


@pytest.fixture
def job(database: Database, tenant: Tenant, at_hand: Resources) -> str:
    return finished(database, tenant)


def items(database: Database, job: str) -> list[tuple[str, Item]]:
    with database.tenant_of(job) as connection:
        analysis = Analysis.model_validate(results.read_result(connection, job))
    return [(kind, item) for kind in KINDS for item in analysis.of(kind)]


def give(database: Database, tenant: Tenant, who: str, **said: object) -> Given:
    with database.tenant(tenant.id) as connection:
        return feedback.give(connection, Opinion.model_validate(said), who)


def listed(database: Database, tenant: Tenant) -> list[FeedbackRow]:
    with database.tenant(tenant.id) as connection:
        return feedback.page(connection, [], 100)


def test_an_opinion_is_kept_with_what_the_item_was(database: Database, tenant: Tenant, job: str) -> None:
    kind, item = items(database, job)[0]

    given = give(database, tenant, ANN, job_id=job, item_id=item.id, verdict="edited", text="rather so", score=0.5)

    assert given.is_new
    assert (given.row.kind, given.row.confidence) == (kind, item.confidence)
    assert (given.row.verdict, given.row.text, given.row.score) == ("edited", "rather so", 0.5)
    assert listed(database, tenant) == [given.row]


def test_saying_it_again_replaces_it_and_another_person_has_an_opinion_of_its_own(
    database: Database, tenant: Tenant, job: str
) -> None:
    _, item = items(database, job)[0]
    said = {"job_id": job, "item_id": item.id}

    first = give(database, tenant, ANN, **said, verdict="right")
    again = give(database, tenant, ANN, **said, verdict="right")
    changed = give(database, tenant, ANN, **said, verdict="wrong", score=0.0)
    other = give(database, tenant, BOB, **said, verdict="right")

    assert [one.is_new for one in (first, again, changed, other)] == [True, False, False, True]
    assert first.row.id == again.row.id == changed.row.id != other.row.id
    assert {(row.key_id, row.verdict) for row in listed(database, tenant)} == {(ANN, "wrong"), (BOB, "right")}


def test_each_missing_thing_is_told_once(database: Database, tenant: Tenant, job: str) -> None:
    for words in ("the room", "the room", "the date"):
        give(database, tenant, ANN, job_id=job, verdict="missing", text=words)
    give(database, tenant, ANN, job_id=job, verdict="right")

    assert sorted(row.text or "" for row in listed(database, tenant)) == ["", "the date", "the room"]


def test_the_newest_stands_first(database: Database, tenant: Tenant, job: str) -> None:
    made = [
        give(database, tenant, ANN, job_id=job, item_id=item.id, verdict="right").row.id
        for _, item in items(database, job)
    ]

    assert [row.id for row in listed(database, tenant)] == made[::-1]


def test_what_is_not_there_is_not_found(database: Database, tenant: Tenant, job: str) -> None:
    stranger = new_tenant(database, "globex")
    unfinished = add_job(database, tenant.id)
    _, item = items(database, job)[0]

    for whose, said in (
        (tenant, {"job_id": "job_of_nobody", "verdict": "right"}),
        (tenant, {"job_id": job, "item_id": "itm_none", "verdict": "right"}),
        (tenant, {"job_id": unfinished, "item_id": item.id, "verdict": "right"}),
        (stranger, {"job_id": job, "verdict": "right"}),
    ):
        with pytest.raises(NotFound):
            give(database, whose, ANN, **said)

    with database.system() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_tenant_sees_what_was_said_to_it_alone(database: Database, tenant: Tenant, job: str) -> None:
    give(database, tenant, ANN, job_id=job, verdict="right")

    assert listed(database, new_tenant(database, "globex")) == []
