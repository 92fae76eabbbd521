"""Events become deliveries, and deliveries arrive: once for each that wants them, whoever fails or dies meanwhile."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook

from ops.drills.receiver import Received, Receiver, answering, receiving
from orchestrator import failpoints
from orchestrator.delivery import schedule, signing
from orchestrator.delivery.schedule import DeliveryState, Verdict
from orchestrator.ids import new_id
from orchestrator.storage import deliveries, jobs, webhooks
from orchestrator.storage.deliveries import AttemptLine, DeliveryRow
from orchestrator.storage.delivery_tables import deliveries as table
from orchestrator.storage.delivery_tables import delivery_attempts
from orchestrator.storage.engine import Database
from orchestrator.tenancy.vault import Unreadable, Vault
from orchestrator.work.jobs import JobStatus
from providers.sockets import Cancel
from tasks.posting import Poster
from tasks.sending import EACH, Sender
from tasks.telling import tell
from tests.acceptance.processes import until
from tests.integration.rows import add_job
from tests.servers import PEPPER, Tenant, new_tenant

LOOPBACK = (ip_network("127.0.0.0/8"),)
VAULT = Vault(PEPPER)
SECRET = b"s" * signing.SECRET_BYTES
ENDS = ("job.succeeded", "job.canceled")


def name_endpoint(database: Database, tenant: str, url: str, *events: str) -> str:
    webhook_id = new_id("whk")
    with database.tenant(tenant) as connection:
        sealed = VAULT.seal(tenant, webhook_id, SECRET)
        webhooks.add(connection, {"id": webhook_id, "url": url, "events": list(events or ENDS), "secret": sealed})
    return webhook_id


def cancel_job(database: Database, tenant: str) -> str:
    """A job that is queued and canceled: two events."""
    job = add_job(database, tenant)
    with database.tenant(tenant) as connection:
        jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {})
    return job


def rows_of(database: Database, tenant: str, webhook: str) -> Sequence[DeliveryRow]:
    with database.tenant(tenant) as connection:
        return deliveries.page(connection, webhook, limit=1_000, before=None)


def make_due(database: Database, tenant: str) -> None:
    with database.tenant(tenant) as connection:
        waiting = table.c.state == DeliveryState.PENDING
        connection.execute(update(table).where(waiting).values(next_at=func.clock_timestamp()))


def came_again(database: Database, tenant: str, receiver: Receiver) -> bool:
    make_due(database, tenant)
    return len(receiver.seen) > 1


@contextmanager
def sending(database: Database, timeout_s: float = 5.0) -> Iterator[Sender]:
    cancel = Cancel()
    poster = Poster(LOOPBACK, timeout_s, cancel)
    sender = Sender(
        database, VAULT, LOOPBACK, lambda: datetime.now(UTC), cancel=cancel, poster=poster, look_every_s=0.05
    )
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def all_ended(database: Database, tenant: str, webhook: str, count: int) -> bool:
    rows = rows_of(database, tenant, webhook)
    return len(rows) == count and all(row.state != DeliveryState.PENDING for row in rows)


def test_an_event_reaches_those_who_want_it_signed_and_once(database: Database, tenant: Tenant) -> None:
    with receiving() as receiver, receiving() as other, sending(database), sending(database):
        cancel_job(database, tenant.id)  # before anybody listens
        webhook = name_endpoint(database, tenant.id, receiver.url)
        name_endpoint(database, tenant.id, other.url, "job.queued")
        made = [cancel_job(database, tenant.id) for _ in range(20)]
        until(lambda: len(receiver.seen) >= 20 and len(other.seen) >= 20, "all of it has come")
        until(lambda: all_ended(database, tenant.id, webhook, 20), "all of it is written down")

    assert len(set(receiver.ids())) == len(receiver.seen) == 20
    bodies = [Webhook(signing.shown(SECRET)).verify(one.body, one.headers) for one in receiver.seen]
    assert {body["data"]["job_id"] for body in bodies} == set(made)
    assert {(body["type"], body["data"]["status"], body["data"]["version"]) for body in bodies} == {
        ("job.canceled", "canceled", 2)
    }
    assert {one.headers["webhook-id"][:4] for one in other.seen} == {"evt_"}


def test_two_who_tell_at_once_make_each_delivery_once(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, "https://hooks.example.com/", *ENDS, "job.queued")
    for _ in range(30):
        cancel_job(database, tenant.id)

    with ThreadPoolExecutor(4) as threads:
        while sum(threads.map(lambda _: tell(database), range(4))):
            pass

    told = Counter(row.event_id for row in rows_of(database, tenant.id, webhook))
    assert len(told) == 60
    assert set(told.values()) == {1}


def test_a_failing_receiver_gets_the_same_bytes_again_and_its_log_says_why(database: Database, tenant: Tenant) -> None:
    with receiving(answering(500)) as receiver, sending(database):
        webhook = name_endpoint(database, tenant.id, receiver.url)
        cancel_job(database, tenant.id)
        until(lambda: receiver.seen, "the first attempt")
        until(lambda: rows_of(database, tenant.id, webhook)[0].next_at, "it waits for the next")
        receiver.manners = answering(204)
        until(lambda: came_again(database, tenant.id, receiver), "the second attempt")
        until(lambda: all_ended(database, tenant.id, webhook, 1), "it is delivered")

    first, second = receiver.seen[0], receiver.seen[-1]
    assert (first.body, first.event_id) == (second.body, second.event_id)
    (row,) = rows_of(database, tenant.id, webhook)
    with database.tenant(tenant.id) as connection:
        lines = deliveries.lines(connection, [row.id])[row.id]
    assert row.state is DeliveryState.DELIVERED
    assert [(line.number, line.status) for line in lines][:1] == [(1, 500)]
    assert lines[-1].status == 204


def test_a_receiver_that_is_gone_is_switched_off_and_heard_again_when_it_is_wanted(
    database: Database, tenant: Tenant
) -> None:
    with receiving(answering(410)) as receiver, sending(database):
        webhook = name_endpoint(database, tenant.id, receiver.url)
        cancel_job(database, tenant.id)
        until(lambda: all_ended(database, tenant.id, webhook, 1), "it is given up")
        with database.tenant(tenant.id) as connection:
            assert webhooks.read(connection, webhook).disabled_why == "the endpoint answered 410 Gone"
        cancel_job(database, tenant.id)
        receiver.manners = answering(204)
        with database.tenant(tenant.id) as connection:
            webhooks.enable(connection, webhook)
            since = rows_of(database, tenant.id, webhook)[0].created_at
            assert deliveries.again_since(connection, webhook, since, datetime.now(UTC)).count == 1
        cancel_job(database, tenant.id)
        until(lambda: all_ended(database, tenant.id, webhook, 2), "the old one and the new one")

    assert {row.state for row in rows_of(database, tenant.id, webhook)} == {DeliveryState.DELIVERED}


def test_a_receiver_that_hangs_delays_nobody(database: Database, tenant: Tenant) -> None:
    def hang(_handler: BaseHTTPRequestHandler, _: Received) -> None:
        time.sleep(4)

    with receiving(hang) as dead, receiving() as healthy, sending(database, timeout_s=3.0):
        name_endpoint(database, tenant.id, dead.url)
        for _ in range(40):
            cancel_job(database, tenant.id)
        until(lambda: len(dead.seen) >= 1, "the dead one is busy")
        other = new_tenant(database, "other").id
        webhook = name_endpoint(database, other, healthy.url)
        for _ in range(40):
            cancel_job(database, other)
        until(lambda: all_ended(database, other, webhook, 40), "the healthy one has all")
        assert len(dead.seen) <= 2 * EACH

    assert len(healthy.seen) == 40


def test_a_sender_that_dies_after_it_has_sent_sends_again_under_the_same_id(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    failpoints.arm(tmp_path)
    (tmp_path / "hook.posted").write_text("raise")
    try:
        with receiving() as receiver, sending(database):
            webhook = name_endpoint(database, tenant.id, receiver.url)
            cancel_job(database, tenant.id)
            until(lambda: receiver.seen and not (tmp_path / "hook.posted").exists(), "it was sent, and not noted")
            until(lambda: came_again(database, tenant.id, receiver), "it is sent again")
            until(lambda: all_ended(database, tenant.id, webhook, 1), "it is noted")
    finally:
        failpoints.arm(None)

    assert len(set(receiver.ids())) == 1
    assert len({one.body for one in receiver.seen}) == 1


def test_whoever_comes_late_changes_nothing(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, "https://hooks.example.com/")
    cancel_job(database, tenant.id)
    tell(database)
    with database.system() as connection:
        (slow,) = deliveries.take(connection, 10, each=4, cautious=(), busy=())
        assert not deliveries.take(connection, 10, each=4, cautious=(), busy=())
    make_due(database, tenant.id)
    with database.system() as connection:
        assert not deliveries.take(connection, 10, each=4, cautious=(), busy=[webhook])
        (quick,) = deliveries.take(connection, 10, each=4, cautious=[webhook], busy=())

    done, again = Verdict(state=DeliveryState.DELIVERED), Verdict(state=DeliveryState.PENDING, wait_s=5)
    with database.tenant(tenant.id) as connection:
        for taken, found in ((quick, done), (slow, again)):
            line = AttemptLine(
                delivery_id=taken.id, number=taken.attempts, status=204, error=None, took_ms=1, at=datetime.now(UTC)
            )
            assert deliveries.concluded(connection, taken, found, line) is (taken is quick)
        assert connection.execute(select(func.count()).select_from(delivery_attempts)).scalar_one() == 2
    assert rows_of(database, tenant.id, webhook)[0].state is DeliveryState.DELIVERED


def test_senders_that_die_use_up_no_try_of_the_schedule(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, "https://hooks.example.com/")
    cancel_job(database, tenant.id)
    tell(database)
    for _ in range(schedule.ATTEMPTS + 2):
        with database.system() as connection:
            (taken,) = deliveries.take(connection, 10, each=4, cautious=(), busy=())
        make_due(database, tenant.id)

    assert (taken.attempts, taken.tries) == (schedule.ATTEMPTS + 2, 1)
    found = schedule.verdict(503, taken.tries, retry_after_s=None, chance=0.5)
    line = AttemptLine(
        delivery_id=taken.id, number=taken.attempts, status=503, error=None, took_ms=1, at=datetime.now(UTC)
    )
    with database.tenant(tenant.id) as connection:
        assert deliveries.concluded(connection, taken, found, line)
    make_due(database, tenant.id)
    with database.system() as connection:
        (again,) = deliveries.take(connection, 10, each=4, cautious=(), busy=())
    assert rows_of(database, tenant.id, webhook)[0].state is DeliveryState.PENDING
    assert again.tries == 2


def test_what_is_set_going_by_hand_is_not_ended_by_an_attempt_of_before(database: Database, tenant: Tenant) -> None:
    webhook = name_endpoint(database, tenant.id, "https://hooks.example.com/")
    cancel_job(database, tenant.id)
    tell(database)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(table).values(tries=schedule.ATTEMPTS - 1))
    with database.system() as connection:
        (last,) = deliveries.take(connection, 10, each=4, cautious=(), busy=())
    line = AttemptLine(
        delivery_id=last.id, number=last.attempts, status=503, error=None, took_ms=1, at=datetime.now(UTC)
    )
    with database.tenant(tenant.id) as connection:
        deliveries.again(connection, last.id)
        assert not deliveries.concluded(connection, last, Verdict(state=DeliveryState.FAILED), line)

    assert rows_of(database, tenant.id, webhook)[0].state is DeliveryState.PENDING


def test_an_exchanged_secret_signs_beside_the_new_one_for_a_day(database: Database, tenant: Tenant) -> None:
    new = b"n" * signing.SECRET_BYTES
    with receiving() as receiver, sending(database):
        webhook = name_endpoint(database, tenant.id, receiver.url)
        with database.tenant(tenant.id) as connection:
            webhooks.rotate(connection, webhook, VAULT.seal(tenant.id, webhook, new))
            row = webhooks.read(connection, webhook)
        cancel_job(database, tenant.id)
        until(lambda: receiver.seen, "it has come")

    (seen,) = receiver.seen
    for secret in (SECRET, new):
        Webhook(signing.shown(secret)).verify(seen.body, seen.headers)
    assert row.old_until is not None
    assert len(row.secrets_at(row.old_until)) == 1


def test_a_sealed_secret_opens_for_its_own_row_alone() -> None:
    sealed = VAULT.seal("ten_a", "whk_a", SECRET)

    assert VAULT.unseal("ten_a", "whk_a", sealed) == SECRET
    for vault, tenant, thing, kept in (
        (VAULT, "ten_b", "whk_a", sealed),
        (VAULT, "ten_a", "whk_b", sealed),
        (Vault("another pepper for tests"), "ten_a", "whk_a", sealed),
        (VAULT, "ten_a", "whk_a", sealed[:5]),
    ):
        with pytest.raises(Unreadable):
            vault.unseal(tenant, thing, kept)
