"""Endpoints that jobs name themselves come and go: whoever has many URLs leaves few rows, and loses none in use."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from orchestrator.delivery import schedule
from orchestrator.delivery.schedule import DeliveryState
from orchestrator.dispatch import Dispatch
from orchestrator.errors import TooMany
from orchestrator.ids import new_id
from orchestrator.routing.request import WebhookWish
from orchestrator.settings import Settings
from orchestrator.storage import deliveries, feed, job_endpoints, webhooks
from orchestrator.storage.deliveries import Told
from orchestrator.storage.delivery_tables import deliveries as delivery_table
from orchestrator.storage.delivery_tables import webhooks as table
from orchestrator.storage.engine import Database
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import transcripts
from orchestrator.tenancy.hooks import Hooks
from tasks.telling import tell
from tests.integration.test_webhooks import VAULT, cancel_job
from tests.integration.workers_in_test import dispatch_of, producer, request
from tests.servers import Tenant

URL = "https://hooks.example.com/of-a-job"
BUILT_IN = ("extractive/cue-rules",)


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return replace(dispatch_of(database, producer(settings)), hooks=Hooks(VAULT))


def submitted(dispatch: Dispatch, tenant: Tenant, url: str = URL) -> str:
    return dispatch.submit(tenant.id, request(*BUILT_IN, webhook={"url": url})).job_id


def made(database: Database, tenant: Tenant, count: int) -> list[str]:
    """So many, of which no job knows; their ids in their order."""
    ids = sorted(new_id("whk") for _ in range(count))
    with database.tenant(tenant.id) as connection:
        end = webhooks.end_of_feed(connection)
        rows = [
            {"id": one, "url": f"{URL}/{one}", "events": [], "secret": b"sealed", "of_jobs": True, "cursor": end}
            for one in ids
        ]
        connection.execute(insert(table), rows)
    return ids


def left(database: Database, tenant: Tenant) -> set[str]:
    with database.tenant(tenant.id) as connection:
        return {row.id for row in webhooks.page(connection)}


def dropped(database: Database, tenant: Tenant, keep: int = 0) -> int:
    with database.tenant(tenant.id) as connection:
        return job_endpoints.drop_idle(connection, keep)


def use(database: Database, tenant: Tenant, ids: Iterable[str]) -> None:
    """Something is to be sent to them."""
    with database.tenant(tenant.id) as connection:
        told = [Told(webhook_id=one, event_id=new_id("evt"), event_type="x", job_id=None, body=b"") for one in ids]
        deliveries.add(connection, told)


def arrive(database: Database, tenant: Tenant) -> None:
    """All that is to be sent has arrived."""
    with database.tenant(tenant.id) as connection:
        connection.execute(update(delivery_table).values(state=DeliveryState.DELIVERED, next_at=None))


def test_jobs_share_the_endpoint_of_a_url(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    for _ in range(3):
        submitted(dispatch, tenant)

    with database.tenant(tenant.id) as connection:
        assert webhooks.count(connection) == 0
        assert [(row.url, row.of_jobs) for row in webhooks.page(connection)] == [(URL, True)]


def test_whoever_tells_drops_what_was_unused_longest(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    ids = made(database, tenant, job_endpoints.KEPT + 2)
    use(database, tenant, ids[:2])
    arrive(database, tenant)
    submitted(dispatch, tenant)
    tell(database)

    assert {*ids} - left(database, tenant) == {*ids[2:5]}


def named_by_an_open_job(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    job = submitted(dispatch, tenant)
    tell(database)
    with database.tenant(tenant.id) as connection:
        return str(connection.execute(select(job_table.c.webhook["id"].as_string()).filter_by(id=job)).scalar_one())


def not_yet_told_of_an_end(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    hook = named_by_an_open_job(database, tenant, dispatch)
    with database.tenant(tenant.id) as connection:
        (job,) = connection.execute(select(job_table.c.id)).scalars()
    dispatch.cancel(tenant.id, job)
    return hook


def numbered_and_not_yet_told(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    hook = not_yet_told_of_an_end(database, tenant, dispatch)
    with database.tenant(tenant.id) as connection:
        assert feed.number(connection)
    return hook


def waited_for_by_a_message(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    hook = not_yet_told_of_an_end(database, tenant, dispatch)
    assert tell(database) == 1
    return hook


def with_a_secret_that_was_taken(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    (hook,) = made(database, tenant, 1)
    with database.tenant(tenant.id) as connection:
        webhooks.rotate(connection, hook, b"another")
    return hook


def switched_off_by_its_owner(database: Database, tenant: Tenant, dispatch: Dispatch) -> str:
    (hook,) = made(database, tenant, 1)
    with database.tenant(tenant.id) as connection:
        webhooks.disable(connection, hook, "it was switched off by its owner")
    return hook


@pytest.mark.parametrize(
    "needed",
    [
        named_by_an_open_job,
        not_yet_told_of_an_end,
        numbered_and_not_yet_told,
        waited_for_by_a_message,
        with_a_secret_that_was_taken,
        switched_off_by_its_owner,
    ],
)
def test_one_that_counts_stays(
    database: Database, tenant: Tenant, dispatch: Dispatch, needed: Callable[[Database, Tenant, Dispatch], str]
) -> None:
    idle, gone = made(database, tenant, 2)
    with database.tenant(tenant.id) as connection:
        webhooks.disable(connection, gone, schedule.NO_LONGER)
    hook = needed(database, tenant, dispatch)

    assert dropped(database, tenant) == 2
    assert left(database, tenant) == {hook} - {idle, gone}


def test_one_whose_jobs_have_ended_and_were_told_goes_with_its_deliveries(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    waited_for_by_a_message(database, tenant, dispatch)
    arrive(database, tenant)

    assert dropped(database, tenant) == 1
    with database.tenant(tenant.id) as connection:
        assert connection.execute(select(func.count()).select_from(delivery_table)).scalar_one() == 0


def test_one_that_is_being_named_stays_and_nobody_waits(database: Database, tenant: Tenant) -> None:
    (hook,) = made(database, tenant, 1)
    with database.tenant(tenant.id) as naming:
        assert job_endpoints.of_url(naming, f"{URL}/{hook}") == hook
        assert dropped(database, tenant) == 0

    assert dropped(database, tenant) == 1


def test_naming_a_known_one_waits_for_nobody_who_tells(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    hook = named_by_an_open_job(database, tenant, dispatch)
    cancel_job(database, tenant.id)
    with database.tenant(tenant.id) as telling:
        assert webhooks.listening(telling)
        assert feed.page(telling, 0, 500)
        cancel_job(database, tenant.id)
        with database.tenant(tenant.id) as connection:
            kept = Hooks(VAULT).of_job(connection, tenant.id, WebhookWish(url=URL))

    assert kept is not None
    assert kept["id"] == hook


def test_so_many_in_use_leave_no_room_and_a_job_that_is_refused_leaves_no_row(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    use(database, tenant, made(database, tenant, job_endpoints.MOST - 1))
    submitted(dispatch, tenant)
    with pytest.raises(TooMany, match="1000 endpoints of jobs, none of them idle"):
        submitted(dispatch, tenant, f"{URL}/2")
    submitted(dispatch, tenant)
    with database.tenant(tenant.id) as connection:
        kept = [
            connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (job_table, transcripts)
        ]
    arrive(database, tenant)
    submitted(dispatch, tenant, f"{URL}/2")

    assert kept == [2, 2]
    assert len(left(database, tenant)) == job_endpoints.MOST - job_endpoints.DROPPED_AT_ONCE + 1


def test_a_job_that_goes_on_has_its_endpoint_again(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    waited_for_by_a_message(database, tenant, dispatch)
    arrive(database, tenant)
    assert dropped(database, tenant) == 1
    with database.tenant(tenant.id) as connection:
        (job,) = connection.execute(select(job_table.c.id)).scalars()

    dispatch.retry(tenant.id, job)
    dispatch.cancel(tenant.id, job)

    assert tell(database) == 1
    with database.tenant(tenant.id) as connection:
        assert [row.url for row in webhooks.page(connection)] == [URL]


def test_a_job_that_goes_on_while_its_endpoint_stands_keeps_it(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    hook = waited_for_by_a_message(database, tenant, dispatch)
    with database.tenant(tenant.id) as connection:
        (job,) = connection.execute(select(job_table.c.id)).scalars()
    dispatch.retry(tenant.id, job)

    assert left(database, tenant) == {hook}


def test_an_erased_job_forgets_its_url_and_is_still_told(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    hook = named_by_an_open_job(database, tenant, dispatch)
    with database.tenant(tenant.id) as connection:
        (job,) = connection.execute(select(job_table.c.id)).scalars()
    dispatch.erase(tenant.id, job)

    assert tell(database) == 1
    with database.tenant(tenant.id) as connection:
        named = connection.execute(select(job_table.c.webhook)).scalar_one()
    assert named["id"] == hook
    assert sorted(named) == ["events", "id"]


def test_no_end_is_lost_while_endpoints_are_named_and_dropped(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    done, told, fallen = threading.Event(), [0], [0]

    def post(thread: int) -> None:
        for number in range(15):
            dispatch.cancel(tenant.id, submitted(dispatch, tenant, f"{URL}/{(thread + number) % 4}"))

    def sweep() -> None:
        told[0] += tell(database)
        arrive(database, tenant)
        fallen[0] += dropped(database, tenant)

    def sweep_until_done() -> None:
        while not done.is_set():
            sweep()

    with ThreadPoolExecutor(4) as threads:
        sweeping = threads.submit(sweep_until_done)
        for one in [threads.submit(post, thread) for thread in range(3)]:
            one.result()
        done.set()
        sweeping.result()
    sweep()

    assert told == [45]
    assert fallen[0] > 0
