"""Rows on a real PostgreSQL: isolation, fences, counts, numbers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from orchestrator.errors import NotFound
from orchestrator.storage import (
    attempts,
    budgets,
    idempotency,
    intentions,
    interventions,
    jobs,
    ledger,
    results,
    seats,
    transcripts,
)
from orchestrator.storage.attempts import Ended
from orchestrator.storage.engine import Database, driver_url
from orchestrator.storage.intentions import Leave
from orchestrator.storage.migrate import downgrade, upgrade
from orchestrator.storage.money_tables import money_state
from orchestrator.storage.schema import METADATA, TENANT_TABLES
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import events
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Reason
from providers.calls import Target, Usage
from tests.integration.rows import MEETING, add_job, intend
from tests.servers import Tenant, new_tenant

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ENTRY = ledger.Entry(
    attempt_id="atm_a",
    kind="answer",
    job_id="job_a",
    seat=0,
    project=None,
    day=date(2026, 11, 27),
    policy="balanced",
    served=Target(provider="openai", model="gpt-6-luna"),
    used=True,
    cost_micro_usd=5,
    price_version="test",
)


def test_the_connection_that_was_used_last_is_used_next(database: Database) -> None:
    asked = text("SELECT pg_backend_pid()")
    with database.system() as one, database.system() as other:
        two = {one.execute(asked).scalar_one(), other.execute(asked).scalar_one()}

    found = set()
    for _ in range(4):
        with database.system() as connection:
            found.add(connection.execute(asked).scalar_one())

    assert len(two) == 2
    assert len(found) == 1


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    with create_engine(driver_url(database_url)).connect() as connection:
        connection.execute(text("SELECT set_config('meetingmind.tenant_id', '', false)"))  # a default reads it
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, METADATA)

    assert differences == []


def test_the_schema_can_be_taken_back_and_made_again(database_url: str) -> None:
    downgrade(database_url, "base")
    upgrade(database_url)
    upgrade(database_url)

    with create_engine(driver_url(database_url)).connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0029"


def test_migrating_from_several_processes_at_once_ends_well(database_url: str) -> None:
    downgrade(database_url, "base")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: upgrade(database_url), range(4)))

    with create_engine(driver_url(database_url)).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


@pytest.mark.parametrize("table", [table.name for table in TENANT_TABLES])
def test_row_level_security_is_forced_on_every_table_of_tenants(database: Database, table: str) -> None:
    with database.system() as connection:
        row = connection.execute(
            text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :table"), {"table": table}
        ).one()

    assert tuple(row) == (True, True)


def test_a_tenant_sees_its_own_rows_alone(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")
    job = add_job(database, tenant.id)

    with database.tenant(other.id) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TENANT_TABLES
            if table.name != "api_keys"
        ]
        with pytest.raises(NotFound):
            jobs.read(connection, job)

    assert counts == [0] * len(counts)


def test_a_tenant_cannot_write_rows_of_another(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")
    job = add_job(database, tenant.id)

    with database.tenant(other.id) as connection:
        changed = connection.execute(update(job_table).where(job_table.c.id == job).values(reference="mine now"))
    with pytest.raises(DBAPIError, match="row-level security"), database.tenant(other.id) as connection:
        connection.execute(
            events.insert().values(tenant_id=tenant.id, job_id=job, sequence=9, id="evt_x", type="x", data={})
        )

    assert changed.rowcount == 0


def test_the_application_role_cannot_read_keys(database: Database, tenant: Tenant) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.tenant(tenant.id) as connection:
        connection.execute(text("SELECT digest FROM api_keys"))


def test_the_tenant_of_a_transaction_does_not_outlive_it(database: Database, tenant: Tenant) -> None:
    add_job(database, tenant.id)

    with database.tenant("") as connection:
        seen = connection.execute(select(func.count()).select_from(job_table)).scalar_one()

    assert seen == 0


def test_a_transcript_comes_back_as_it_was_stored(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        stored = transcripts.add(connection, MEETING)

        assert transcripts.read(connection, stored) == MEETING


def test_a_seat_is_claimed_by_one_of_many(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)

    def claim(_: int) -> bool:
        with database.tenant_of(job) as connection:
            return seats.claim(connection, job, 0, 0, 30.0) is not None

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(claim, range(16)))

    assert claims.count(True) == 1


def test_a_lost_lease_may_be_taken_over_and_fences_the_former_holder(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        first = seats.claim(connection, job, 0, 0, 0.0)
    with database.tenant_of(job) as connection:
        second = seats.claim(connection, job, 0, 0, 30.0)
    assert first is not None
    assert second is not None

    with database.tenant_of(job) as connection:
        stale = seats.fail(connection, Claim(job=job, seat=0, epoch=first.epoch), Reason.EXHAUSTED)
        fresh = seats.fail(connection, Claim(job=job, seat=0, epoch=second.epoch), Reason.EXHAUSTED)

    assert (first.epoch, second.epoch) == (1, 2)
    assert (stale, fresh) == (False, True)


def test_renewing_tells_which_leases_were_lost(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
    assert row is not None
    held, lost = Claim(job=job, seat=0, epoch=row.epoch), Claim(job=job, seat=1, epoch=7)

    with database.system() as connection:
        kept = seats.renew(connection, [held, lost], 30.0)

    assert kept == {held}


def test_a_call_may_leave_only_under_a_live_lease(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        claim = Claim(job=job, seat=0, epoch=row.epoch)
        for name in ("atm_a", "atm_b"):
            intend(connection, name, claim)

    with database.tenant_of(job) as connection:
        allowed = intentions.send(connection, "atm_a", claim, generation=None)
        interventions.cancel_open(connection, job)
        refused = intentions.send(connection, "atm_b", claim, generation=None)

    assert (allowed, refused) == (Leave.GRANTED, Leave.LOST)


def test_a_call_that_was_held_under_older_counters_may_not_leave(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        claim = Claim(job=job, seat=0, epoch=row.epoch)
        intended = intend(connection, "atm_a", claim)
    with database.system() as connection:
        connection.execute(update(money_state).values(generation=money_state.c.generation + 1))

    with database.sending(tenant.id) as connection:
        before = intentions.send(connection, "atm_a", claim, generation=intended.generation)
        after = intentions.send(connection, "atm_a", claim, generation=str(int(intended.generation) + 1))

    assert (before, after) == (Leave.STALE, Leave.GRANTED)


def test_an_attempt_ends_once(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        claim = Claim(job=job, seat=0, epoch=row.epoch)
        intend(connection, "atm_a", claim)
        intentions.send(connection, "atm_a", claim, generation=None)

        first = attempts.answer(
            connection, "atm_a", cost_micro_usd=3, model_served="m", request_id=None, usage=Usage(input_tokens=1)
        )
        second = attempts.end(connection, "atm_a", AttemptState.AMBIGUOUS, cost_micro_usd=7, error={})
        kept = attempts.of_job(connection, job)

    assert first == Ended(state=AttemptState.SENT, cost_micro_usd=0)
    assert second is None
    assert [(one.state, one.cost_micro_usd) for one in kept] == [(AttemptState.ANSWERED, 3)]


def test_an_attempt_that_was_written_off_may_be_known_after_all_once(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        intend(connection, "atm_a", Claim(job=job, seat=0, epoch=row.epoch))
        attempts.end(connection, "atm_a", AttemptState.AMBIGUOUS, cost_micro_usd=7, error={})

        answers = [
            attempts.answer(
                connection, "atm_a", cost_micro_usd=3, model_served="m", request_id=None, usage=Usage(input_tokens=1)
            )
            for _ in range(2)
        ]

    assert answers == [Ended(state=AttemptState.AMBIGUOUS, cost_micro_usd=7), None]


def test_an_intention_tells_what_its_hold_depends_on(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        budgets.put(connection, "tenant", "month", 900)
        budgets.put(connection, "project:Apollo", "day", 50, override_micro_usd=70, override_until=LATER)
        budgets.put(connection, "project:Gemini", "day", 20)
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        claim = Claim(job=job, seat=0, epoch=row.epoch)
        first = intend(connection, "atm_a", claim, project="Apollo")
        attempts.end(connection, "atm_a", AttemptState.AMBIGUOUS, cost_micro_usd=7, error={})
        intend(connection, "atm_b", claim)
        intentions.send(connection, "atm_b", claim, generation=None)
        third = intend(connection, "atm_c", claim)

    assert first.limits == {("tenant", "month"): 900, ("project:Apollo", "day"): 70}
    assert (first.under_way, first.ambiguous) == (0, 0)
    assert third.limits == {("tenant", "month"): 900}
    assert (third.under_way, third.ambiguous) == (1, 1)


def test_the_ledger_is_never_changed(database: Database, tenant: Tenant) -> None:
    with database.tenant(tenant.id) as connection:
        booked = [ledger.book(connection, ENTRY) for _ in range(2)]

    for statement in ("UPDATE ledger SET cost_micro_usd = 0", "DELETE FROM ledger"):
        with pytest.raises(DBAPIError, match="never changed"), database.system() as connection:
            connection.execute(text(statement))
    assert booked == [True, False]


def test_seats_that_end_at_once_close_the_panel_exactly_once(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id, seat_count=6)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {})
    start = threading.Barrier(6)

    def end(seat: int) -> bool:
        start.wait(timeout=10)
        with database.tenant_of(job) as connection:
            row = jobs.count_out(connection, job, "seat.failed", {"seat": seat})
            return row is not None and row.open_seats == 0

    with ThreadPoolExecutor(6) as pool:
        closed = list(pool.map(end, range(6)))

    assert closed.count(True) == 1


def test_a_jobs_events_are_numbered_by_its_versions_without_gaps(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)

    def note(number: int) -> None:
        with database.tenant_of(job) as connection:
            jobs.note(connection, job, "seat.attempted", {"seat": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(20)))
    with database.tenant(tenant.id) as connection:
        numbers = connection.execute(
            select(events.c.sequence).where(events.c.job_id == job).order_by(events.c.sequence)
        ).scalars()

        assert list(numbers) == list(range(1, 22))
        assert jobs.read(connection, job).version == 21


def test_one_ring_of_many_wins_the_synthesis(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {})
        jobs.count_out(connection, job, "seat.failed", {})

    def claim(_: int) -> bool:
        with database.tenant_of(job) as connection:
            return jobs.claim_synthesis(connection, job, 60.0) is not None

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(claim, range(8)))

    assert won.count(True) == 1


def test_a_synthesis_cannot_start_before_the_panel_has_closed(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {})

        assert jobs.claim_synthesis(connection, job, 60.0) is None


@pytest.mark.parametrize("end", [JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED])
def test_an_ended_job_stays_ended_whoever_writes(database: Database, tenant: Tenant, end: JobStatus) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, end, "job.failed", {})

        assert jobs.move(connection, job, JobStatus.RUNNING, "job.started", {}) is None
    with pytest.raises(DBAPIError, match="has ended"), database.tenant_of(job) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(status="running"))


def test_a_result_is_written_once_and_never_changed(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        results.add_result(connection, job, {"kept": True})

    with pytest.raises(DBAPIError, match="pk_results"), database.tenant_of(job) as connection:
        results.add_result(connection, job, {"kept": False})
    with pytest.raises(DBAPIError, match="never changed"), database.system() as connection:
        connection.execute(text("UPDATE results SET analysis = '{}'"))
    with database.tenant(tenant.id) as connection:
        assert results.read_result(connection, job) == {"kept": True}


def test_of_many_who_bind_one_idempotency_key_one_makes_the_job(database: Database, tenant: Tenant) -> None:
    def bind(number: int) -> bool:
        with database.tenant(tenant.id) as connection:
            return idempotency.remember_key(connection, "k", b"digest", f"job_{number}") is None

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(bind, range(8)))

    assert made.count(True) == 1


def test_two_tenants_may_use_the_same_idempotency_key(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")

    bound = []
    for one in (tenant, other):
        with database.tenant(one.id) as connection:
            bound.append(idempotency.remember_key(connection, "k", b"digest", "job_x"))

    assert bound == [None, None]
