"""What endpoints are told in their owners' manner: the job itself, a link to its result, or that it is too large."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from api import views
from ops.drills.receiver import answering, receiving
from orchestrator.delivery import signing
from orchestrator.delivery.bodies import Manner
from orchestrator.dispatch import Dispatch
from orchestrator.settings import Settings
from orchestrator.storage import budgets, deliveries, jobs, results, seats, webhooks
from orchestrator.storage.delivery_tables import deliveries as table
from orchestrator.storage.engine import Database
from orchestrator.tenancy.hooks import Hooks
from orchestrator.tenancy.result_links import Link, ResultLinks
from orchestrator.work.announcements import BudgetEvent
from tasks.messages import Terms
from tasks.resources import Resources
from tasks.telling import tell
from tests.acceptance.processes import until
from tests.integration.test_erasure import CANARY, finished, holding, submitted
from tests.integration.test_webhooks import (
    SECRET,
    VAULT,
    all_ended,
    came_again,
    cancel_job,
    name_endpoint,
    rows_of,
    sending,
)
from tests.integration.workers_in_test import dispatch_of, opened, producer
from tests.servers import PEPPER, Tenant

URL: Final = "https://hooks.example.com/"
ENDS: Final = ("job.succeeded", "job.failed", "job.canceled")
FULL: Final = Manner(payload="full")
LINKED: Final = Manner(result_url=True)
LINKS: Final = ResultLinks(PEPPER, base="https://meetings.example.com", lasts_s=3_600)


@pytest.fixture
def here(settings: Settings) -> Iterator[Resources]:
    """A worker of this process, without a provider."""
    with opened(settings) as held:
        yield held


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return replace(dispatch_of(database, producer(settings)), hooks=Hooks(VAULT))


def named(database: Database, tenant: Tenant, manner: Manner, *events: str, url: str = URL) -> str:
    webhook = name_endpoint(database, tenant.id, url, *(events or ENDS))
    with database.tenant(tenant.id) as connection:
        webhooks.change(connection, webhook, manner.model_dump())
    return webhook


def bodies_of(database: Database, webhook: str) -> list[dict[str, Any]]:
    with database.system() as connection:
        found = connection.execute(select(table.c.body).where(table.c.webhook_id == webhook).order_by(table.c.id))
        return [json.loads(body) for body in found.scalars()]


def data_of(database: Database, webhook: str) -> dict[str, Any]:
    """Of the one message for it."""
    (body,) = bodies_of(database, webhook)
    data: dict[str, Any] = body["data"]
    return data


def told(database: Database, terms: Terms | None = None) -> int:
    """All of it; returns in how many transactions."""
    turns = 0
    while tell(database, terms):
        turns += 1
    return turns


def shown(database: Database, job: str) -> Any:
    """The job as the API answers it."""
    with database.tenant_of(job) as connection:
        row, asked = jobs.read(connection, job), seats.of_job(connection, job)
        return views.job(row, asked, results.read_result(connection, job)).model_dump(mode="json")


def test_who_wants_it_is_sent_the_job_as_the_api_shows_it_and_who_does_not_is_not(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    full = named(database, tenant, FULL, *ENDS, "job.queued")
    thin = named(database, tenant, Manner())
    job = finished(dispatch, database, tenant)
    told(database)

    queued, end = (body["data"] for body in bodies_of(database, full))
    of_thin = data_of(database, thin)
    assert end.pop("job") == shown(database, job)
    assert end == of_thin
    assert sorted(of_thin) == ["degraded", "job_id", "links", "reference", "sequence", "status", "version"]
    assert "job" not in queued and "truncated" not in queued  # noqa: PT018  one thing: it is thin


def test_the_same_bytes_come_again_under_a_signature_that_the_library_takes(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    with receiving(answering(500)) as receiver, sending(database):
        webhook = named(database, tenant, FULL, url=receiver.url)
        job = finished(dispatch, database, tenant)
        until(lambda: receiver.seen, "the first attempt")
        until(lambda: rows_of(database, tenant.id, webhook)[0].next_at, "it waits for the next")
        with database.tenant(tenant.id) as connection:
            jobs.spend(connection, job, 5)  # a bill that came late: the job is another by now
        receiver.manners = answering(204)
        until(lambda: came_again(database, tenant.id, receiver), "the second attempt")
        until(lambda: all_ended(database, tenant.id, webhook, 1), "it is delivered")

    assert len({one.body for one in receiver.seen}) == 1
    for one in receiver.seen:
        found = Webhook(signing.shown(SECRET)).verify(one.body, one.headers)
        assert found["data"]["job"]["result"]["action_items"] is not None
        assert CANARY in json.dumps(found["data"]["job"]["result"])


def test_what_is_too_large_is_sent_thin_and_says_so(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    full, thin = named(database, tenant, FULL), named(database, tenant, Manner())
    finished(dispatch, database, tenant)
    told(database, Terms(most_bytes=1_000))

    data = data_of(database, full)
    assert (data.pop("truncated"), data.pop("truncated_because")) == (True, "size")
    assert data == data_of(database, thin)


def test_a_job_that_has_gone_on_since_is_not_sent_as_what_it_was(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    full = named(database, tenant, FULL)
    job = submitted(dispatch, tenant)
    dispatch.cancel(tenant.id, job)
    dispatch.retry(tenant.id, job)
    dispatch.cancel(tenant.id, job)
    told(database)

    before, last = (body["data"] for body in bodies_of(database, full))
    assert (before["truncated_because"], "job" in before) == ("changed", False)
    assert (last["job"]["status"], last["job"]["version"]) == ("canceled", last["version"])


def test_a_job_that_was_erased_before_it_was_told_leaves_no_word_of_it(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    full = named(database, tenant, Manner(payload="full", result_url=True))
    dispatch.erase(tenant.id, finished(dispatch, database, tenant))
    told(database, Terms(links=LINKS))

    data = data_of(database, full)
    assert (data["truncated_because"], data["reference"], "result" in data["links"]) == ("erased", None, False)
    assert holding(database) == set()


def test_a_full_body_that_waits_goes_with_its_job_and_the_erasure_is_told_in_ids(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    webhook = named(database, tenant, Manner(payload="full", result_url=True), *ENDS, "job.erased")
    job = finished(dispatch, database, tenant)
    told(database, Terms(links=LINKS))
    assert "deliveries" in holding(database)

    dispatch.erase(tenant.id, job)
    told(database, Terms(links=LINKS))
    dispatch.erase(tenant.id, job)
    told(database, Terms(links=LINKS))

    (body,) = bodies_of(database, webhook)
    assert body["type"] == "job.erased"
    assert body["data"] == {
        "job_id": job,
        "version": shown(database, job)["version"],
        "sequence": body["data"]["sequence"],
    }
    assert holding(database) == set()


def test_a_link_is_in_the_news_of_a_success_alone_and_opens_that_job(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    webhook = named(database, tenant, LINKED, *ENDS, "job.queued")
    without = named(database, tenant, Manner())
    cancel_job(database, tenant.id)
    job = finished(dispatch, database, tenant)
    told(database, Terms(links=LINKS))

    (linked,) = (body for body in bodies_of(database, webhook) if "result" in body["data"]["links"])
    assert all("result" not in body["data"]["links"] for body in bodies_of(database, without))
    url = urlsplit(linked["data"]["links"]["result"])
    said = dict(parse_qsl(url.query))
    assert (linked["type"], url.hostname) == ("job.succeeded", "meetings.example.com")
    assert LINKS.is_ours(Link(tenant=tenant.id, job=job, until=int(said["until"])), said["signature"])
    happened = datetime.fromisoformat(linked["timestamp"])
    assert int(said["until"]) == int((happened + timedelta(hours=1)).timestamp())


def test_a_house_that_makes_no_links_has_none(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    webhook = named(database, tenant, LINKED)
    finished(dispatch, database, tenant)
    told(database)

    assert "result" not in data_of(database, webhook)["links"]


def test_each_job_is_told_in_its_own_manner_though_they_share_an_endpoint(
    database: Database, tenant: Tenant, dispatch: Dispatch, here: Resources
) -> None:
    manners: list[dict[str, object]] = [{}, {"payload": "full"}, {"result_url": True}]
    made = [finished(dispatch, database, tenant, webhook={"url": URL, **manner}) for manner in manners]
    told(database, Terms(links=LINKS))

    with database.tenant(tenant.id) as connection:
        (hook,) = webhooks.page(connection)
    found = {body["data"]["job_id"]: body["data"] for body in bodies_of(database, hook.id)}
    assert ["job" in found[job] for job in made] == [False, True, False]
    assert ["result" in found[job]["links"] for job in made] == [False, False, True]
    assert hook.manner == Manner()


def test_large_messages_are_made_a_few_at_a_time_and_none_is_left_out_or_told_twice(
    database: Database, tenant: Tenant
) -> None:
    webhook = named(database, tenant, FULL)
    made = [cancel_job(database, tenant.id) for _ in range(7)]

    turns = told(database, Terms(at_once=1))

    assert turns == len(made)
    assert [body["data"]["job_id"] for body in bodies_of(database, webhook)] == made


def test_an_alarm_of_the_budget_is_told(database: Database, tenant: Tenant) -> None:
    webhook = named(database, tenant, FULL, "budget.bound_passed")
    event = BudgetEvent(
        type="budget.bound_passed",
        scope="tenant",
        period="day",
        period_start=datetime.now(UTC).date(),
        threshold=100,
        limit_micro_usd=20,
        data={"attempt": "att_1", "target": "openai/gpt-6-luna", "cost_micro_usd": 30},
    )
    with database.system() as connection:
        budgets.announce(connection, tenant.id, event)
    told(database)

    data = data_of(database, webhook)
    assert (data["limit_usd"], data["cost_usd"]) == ("0.000020", "0.000030")
    assert "job_id" not in data


def test_a_span_of_any_length_is_sent_again_step_by_step(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, URL)
    name_endpoint(database, tenant.id, URL)
    begun = datetime.now(UTC) - timedelta(minutes=5)
    for _ in range(25):
        cancel_job(database, tenant.id)
    told(database)
    with database.tenant(tenant.id) as connection:
        end = max(row.created_at for row in deliveries.page(connection, webhook, limit=100, before=None))
        end += timedelta(microseconds=1)
    cancel_job(database, tenant.id)
    told(database)
    with database.tenant(tenant.id) as connection:
        connection.execute(table.update().values(state="delivered", next_at=None, tries=3))

    counts, after = [], ""
    for _ in range(10):
        with database.tenant(tenant.id) as connection:
            step = deliveries.again_since(connection, webhook, begun, end, after=after, most=10)
        counts.append(step.count)
        if step.last is None:
            break
        after = step.last

    assert counts == [10, 10, 5]
    with database.tenant(tenant.id) as connection:
        states = connection.execute(select(table.c.webhook_id, table.c.state, table.c.tries)).all()
    assert states.count((webhook, "pending", 0)) == 25
    assert len(states) == 52


def test_a_span_that_is_just_full_has_no_more(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, URL)
    begun = datetime.now(UTC) - timedelta(minutes=5)
    with database.tenant(tenant.id) as connection:
        assert deliveries.again_since(connection, webhook, begun, begun, most=10).last is None
    for _ in range(10):
        cancel_job(database, tenant.id)
    told(database)

    end = datetime.now(UTC) + timedelta(minutes=5)
    for _ in range(2):
        with database.tenant(tenant.id) as connection:
            step = deliveries.again_since(connection, webhook, begun, end, most=10)
        assert (step.count, step.last) == (10, None)
