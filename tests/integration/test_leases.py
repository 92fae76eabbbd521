"""Leases on a real PostgreSQL: kept while the work runs, their loss told soon, and never taken for lost by mistake."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text, update

from ops.drills.link import Link, postgres_target, postgres_through
from orchestrator.settings import Settings
from orchestrator.storage import intentions, seats
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.seats import SeatStatus
from tasks import ask
from tasks.leases import LOOK_EVERY_S, LeaseKeeper
from tests.acceptance.processes import until
from tests.integration.rows import add_job, intend
from tests.integration.workers_in_test import (
    attempts_of,
    dispatch_of,
    job_of,
    opened,
    producer,
    seats_of,
)
from tests.servers import Tenant

LEASE_S = 1.0
SOON_S = LOOK_EVERY_S + 0.5


@pytest.fixture
def keeper(database: Database) -> Iterator[LeaseKeeper]:
    made = LeaseKeeper(database, LEASE_S)
    made.start()
    yield made
    made.stop()


def claim(database: Database, job: str, seat: int = 0, lease_s: float = LEASE_S) -> Claim:
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, seat, seats.of_job(connection, job)[seat].epoch, lease_s)
        assert row is not None
        return Claim(job=job, seat=seat, epoch=row.epoch)


def left_s(database: Database, held: Claim) -> float:
    """How long the lease still runs, on PostgreSQL's clock."""
    age = func.extract("epoch", seat_table.c.lease_until - func.clock_timestamp())
    with database.tenant_of(held.job) as connection:
        found = connection.execute(
            select(age).where(seat_table.c.job_id == held.job, seat_table.c.seat == held.seat)
        ).scalar_one()
        return float(found)


def test_a_lease_is_renewed_before_it_ends_for_as_long_as_the_work_runs(
    database: Database, tenant: Tenant, keeper: LeaseKeeper
) -> None:
    held = claim(database, add_job(database, tenant.id))
    shortest = LEASE_S

    with keeper.holding(held) as cancel:
        ends_at = time.monotonic() + 3 * LEASE_S
        while time.monotonic() < ends_at:
            shortest = min(shortest, left_s(database, held))
            time.sleep(0.02)

    assert 0 < shortest < LEASE_S
    assert not cancel.canceled


def test_a_lease_ends_by_itself_once_the_work_has_ended(
    database: Database, tenant: Tenant, keeper: LeaseKeeper
) -> None:
    held = claim(database, add_job(database, tenant.id))

    with keeper.holding(held):
        pass

    until(lambda: left_s(database, held) < 0, "the lease has run out", within_s=3 * LEASE_S)


def test_many_leases_are_kept_by_one_thread_and_only_the_lost_one_is_told(
    database: Database, tenant: Tenant, keeper: LeaseKeeper
) -> None:
    job = add_job(database, tenant.id, seat_count=3)
    held = [claim(database, job, seat) for seat in range(3)]

    with keeper.holding(held[0]) as first, keeper.holding(held[1]) as second, keeper.holding(held[2]) as third:
        with database.tenant_of(job) as connection:
            connection.execute(update(seat_table).where(seat_table.c.seat == 1).values(epoch=seat_table.c.epoch + 1))
        until(lambda: second.canceled, "the loss is told", SOON_S)

        assert not first.canceled
        assert not third.canceled


def test_a_seat_that_somebody_took_over_cuts_its_former_holder_soon(
    database: Database, tenant: Tenant, keeper: LeaseKeeper
) -> None:
    held = claim(database, add_job(database, tenant.id), lease_s=0.0)
    claim(database, held.job, lease_s=30.0)

    with keeper.holding(held) as cancel:
        until(lambda: cancel.canceled, "the loss is told", SOON_S)

    assert left_s(database, held) > LEASE_S


def test_canceling_a_job_cuts_its_holders_soon(
    database: Database, tenant: Tenant, keeper: LeaseKeeper, settings: Settings
) -> None:
    held = claim(database, add_job(database, tenant.id))

    with keeper.holding(held) as cancel:
        dispatch_of(database, producer(settings)).cancel(tenant.id, held.job)

        until(lambda: cancel.canceled, "the loss is told", SOON_S)


def test_a_database_that_is_away_cuts_nobody_and_leases_go_on_when_it_is_back(
    database: Database, tenant: Tenant, settings: Settings
) -> None:
    held = claim(database, add_job(database, tenant.id))
    url = settings.database_url.get_secret_value()
    with Link(postgres_target(url)) as link:
        far = connect(postgres_through(link, url), pool_size=2, name="test through a link")
        keeper = LeaseKeeper(far, LEASE_S)
        keeper.start()
        with keeper.holding(held) as cancel:
            link.cut()
            until(lambda: left_s(database, held) < -LEASE_S, "the lease has long run out")
            while_away = cancel.canceled
            link.mend()
            until(lambda: left_s(database, held) > 0, "the lease is renewed")
            afterwards = cancel.canceled
        keeper.stop()
        far.close()

    assert (while_away, afterwards) == (False, False)


def test_a_keeper_outlives_an_error_that_nobody_foresaw(
    database: Database, database_url: str, tenant: Tenant, keeper: LeaseKeeper
) -> None:
    held = claim(database, add_job(database, tenant.id))

    with keeper.holding(held) as cancel:
        with database.system() as connection:
            connection.execute(text("SET LOCAL role NONE"))
            connection.execute(text("ALTER TABLE seats RENAME TO seats_away"))
        time.sleep(2 * LEASE_S)  # several looks fail meanwhile
        with database.system() as connection:
            connection.execute(text("SET LOCAL role NONE"))
            connection.execute(text("ALTER TABLE seats_away RENAME TO seats"))

        until(lambda: left_s(database, held) > 0, "the lease is renewed")

    assert not cancel.canceled


def test_who_takes_a_seat_over_writes_off_what_its_lost_holder_left(
    database: Database, tenant: Tenant, settings: Settings
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    lost = claim(database, job)
    with database.tenant_of(job) as connection:
        intend(connection, "atm_lost", lost, bound_micro_usd=700)
        intentions.send(connection, "atm_lost", lost, generation=None)
        connection.execute(update(seat_table).values(lease_until=func.clock_timestamp()))

    with opened(settings):
        ask.ask(job=job, seat=0, epoch=0)

    first, second = attempts_of(database, job)
    assert (first.state, first.cost_micro_usd) == (AttemptState.AMBIGUOUS, 700)
    assert (second.state, second.cost_micro_usd) == (AttemptState.ANSWERED, 0)
    assert job_of(database, job).spent_micro_usd == 700
    assert [(seat.status, seat.cost_micro_usd) for seat in seats_of(database, job)] == [(SeatStatus.ANSWERED, 700)]
