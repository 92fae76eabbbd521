"""A seat's money from its hold to its settlement: what is held, what is booked, and what becomes of it in bad hours."""

import threading
from contextlib import suppress

import pytest
from celery.exceptions import Retry
from redis import Redis
from sqlalchemy import func, select, text, update

from orchestrator.money.holds import Standing
from orchestrator.storage import budgets, generations, tenants
from orchestrator.storage.engine import Database
from orchestrator.storage.money_tables import budget_events, ledger, money_state, spare_answers
from orchestrator.storage.tables import attempts as attempt_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work import scopes
from orchestrator.work.attempts import AttemptState
from orchestrator.work.scopes import Scope
from orchestrator.work.seats import Reason, SeatStatus
from tasks import ask, reconcile
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, until
from tests.integration.workers_in_test import LUNA, attempts_of, job_of, request, seats_of
from tests.servers import Tenant


def submit(worker: Resources, tenant: Tenant, *models: str, **fields: object) -> str:
    return worker.dispatch.submit(tenant.id, request(*(models or (LUNA,)), **fields)).job_id


def day_of(database: Database, tenant: Tenant) -> Scope:
    with database.system() as connection:
        today = connection.execute(text("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")).scalar_one()
    return scopes.of_tenant(tenant.id, "day", today)


def standing(worker: Resources, scope: Scope) -> Standing:
    (found,) = worker.counters.holds.look([scope]).scopes
    return found


def booked(database: Database, tenant: Tenant) -> list[tuple[str, int, bool]]:
    with database.tenant(tenant.id) as connection:
        rows = connection.execute(select(ledger).order_by(ledger.c.id))
        return [(row.kind, row.cost_micro_usd, row.used) for row in rows]


def limit(database: Database, tenant: Tenant, micro_usd: int) -> None:
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, "tenant", "day", micro_usd)


def ask_until_ended(database: Database, job: str) -> None:
    """As a worker would that hears every message of the seat at once."""
    for _ in range(20):
        with database.tenant_of(job) as connection:
            connection.execute(update(seat_table).values(next_at=None))
        with suppress(Retry):
            ask.ask(job=job, seat=0, epoch=epoch_of(database, job))
        if seats_of(database, job)[0].status is not SeatStatus.PENDING:
            return
    raise AssertionError("twenty asks did not end the seat")


def epoch_of(database: Database, job: str) -> int:
    return seats_of(database, job)[0].epoch


def lose(database: Database, job: str) -> None:
    with database.tenant_of(job) as connection:
        connection.execute(update(seat_table).values(lease_until=func.clock_timestamp()))


def test_an_answered_call_is_settled_at_what_it_cost(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant)

    assert ask.ask(job=job, seat=0, epoch=0) is True

    cost, (attempt,) = emulator.billed_micro_usd(), attempts_of(database, job)
    found = standing(worker, day_of(database, tenant))
    assert cost > 0
    assert (found.spent, found.held, found.high) == (cost, 0, attempt.bound_micro_usd)
    assert standing(worker, scopes.of_job(tenant.id, job)).spent == cost
    assert booked(database, tenant) == [("answer", cost, True)]
    assert job_of(database, job).spent_micro_usd == cost
    assert worker.counters.holds.standing_holds(0) == []


def test_a_row_of_the_ledger_tells_tokens_and_what_they_would_have_cost(
    worker: Resources, tenant: Tenant, database: Database
) -> None:
    job = submit(worker, tenant)
    ask.ask(job=job, seat=0, epoch=0)

    with database.tenant(tenant.id) as connection:
        row = connection.execute(select(ledger)).one()
    assert (row.provider, row.model) == ("openai", "gpt-6-luna")
    assert row.input_tokens > 0
    assert row.output_tokens > 0
    assert row.reference == worker.catalog.reference
    assert row.reference_micro_usd > row.direct_micro_usd >= row.cached_micro_usd >= row.tier_micro_usd > 0
    assert row.price_version == worker.catalog.version


def test_a_call_that_no_budget_has_room_for_never_leaves(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    limit(database, tenant, 1)
    job = submit(worker, tenant, allow_extractive=False, allow_substitution=False)

    assert ask.ask(job=job, seat=0, epoch=0) is True

    (seat,), (attempt,) = seats_of(database, job), attempts_of(database, job)
    assert emulator.requests() == []
    assert (seat.status, seat.reason) == (SeatStatus.FAILED, Reason.BUDGET)
    assert (attempt.state, attempt.cost_micro_usd) == (AttemptState.REFUSED, 0)
    assert attempt.error is not None
    assert attempt.error["code"] == "withheld"
    assert standing(worker, day_of(database, tenant)).high == 0


def test_where_no_budget_has_room_the_built_in_models_answer(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    limit(database, tenant, 1)
    job = submit(worker, tenant)

    ask_until_ended(database, job)

    assert emulator.requests() == []
    assert (seats_of(database, job)[0].served or "").startswith("extractive/")


def test_a_call_that_only_others_are_in_the_way_of_waits_for_them(
    worker: Resources, tenant: Tenant, database: Database
) -> None:
    job = submit(worker, tenant, LUNA, LUNA)
    ask.ask(job=job, seat=0, epoch=0)
    (first,) = attempts_of(database, job)
    limit(database, tenant, first.cost_micro_usd + first.bound_micro_usd)
    worker.counters.holds.hold("guest", 1, scopes.of_periods(tenant.id, None, day_of(database, tenant).start, {}, None))  # type: ignore[arg-type]

    waited = ask.ask(job=job, seat=1, epoch=0)
    seat = seats_of(database, job)[1]
    worker.counters.holds.settle("guest", 0)
    with database.tenant_of(job) as connection:
        connection.execute(update(seat_table).values(next_at=None))
    answered = ask.ask(job=job, seat=1, epoch=1)

    assert (waited, answered) == (False, True)
    assert (seat.status, seat.rung, seat.failovers) == (SeatStatus.PENDING, 0, 0)


def test_counters_that_were_lost_between_hold_and_departure_are_set_anew_first(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database, redis: Redis, redis_prefix: str
) -> None:
    job = submit(worker, tenant)
    worker.counters.rebuild()
    with database.system() as connection:
        generations.alone(connection)  # so that the call, once held, cannot leave
        asking = threading.Thread(target=ask.ask, kwargs={"job": job, "seat": 0, "epoch": 0})
        asking.start()
        until(lambda: worker.counters.holds.standing_holds(-1), "the call is held")
        for key in redis.scan_iter(match=f"{redis_prefix}money*"):
            redis.delete(key)
        raised = connection.execute(
            update(money_state).values(generation=money_state.c.generation + 1).returning(money_state.c.generation)
        ).scalar_one()
        worker.counters.holds.found(raised)
    asking.join(20)

    (attempt,) = attempts_of(database, job)
    found = standing(worker, day_of(database, tenant))
    assert len(emulator.requests()) == 1
    assert worker.counters.holds.generation() == str(raised)
    assert (found.spent, found.held, found.high) == (emulator.billed_micro_usd(), 0, attempt.bound_micro_usd)


def test_counters_that_are_lost_while_a_call_is_under_way_find_it_in_its_row(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database, redis: Redis, redis_prefix: str
) -> None:
    emulator.order("latency", median_ms=1_500)
    job = submit(worker, tenant)
    asking = threading.Thread(target=ask.ask, kwargs={"job": job, "seat": 0, "epoch": 0})
    asking.start()
    until(lambda: emulator.waiting() == 1, "the call is under way")
    for key in redis.scan_iter(match=f"{redis_prefix}money*"):
        redis.delete(key)
    day = day_of(database, tenant)
    worker.counters.rebuild()
    worker.counters.open([day], worker.counters.holds.generation())
    during = standing(worker, day)
    asking.join(20)

    (attempt,) = attempts_of(database, job)
    after = standing(worker, day)
    assert (during.spent, during.held) == (0, attempt.bound_micro_usd)
    assert (after.spent, after.held) == (emulator.billed_micro_usd(), 0)


def test_an_answer_of_a_lost_holder_corrects_what_was_booked_and_waits_for_its_seat(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("latency", median_ms=1_500)
    job = submit(worker, tenant)
    asking = threading.Thread(target=ask.ask, kwargs={"job": job, "seat": 0, "epoch": 0})
    asking.start()
    until(lambda: emulator.waiting() == 1, "the call is under way")
    with worker.leases._lock:
        worker.leases._held.clear()  # as if the process had been frozen: nobody cuts its call
    lose(database, job)
    reconcile.reconcile()
    written_off = job_of(database, job).spent_micro_usd
    asking.join(20)

    answered = ask.ask(job=job, seat=0, epoch=1)

    cost, (attempt,) = emulator.billed_micro_usd(), attempts_of(database, job)
    assert len(emulator.requests()) == 1
    assert answered is True
    assert written_off == attempt.bound_micro_usd
    assert job_of(database, job).spent_micro_usd == cost
    assert seats_of(database, job)[0].cost_micro_usd == cost
    assert booked(database, tenant) == [
        ("ambiguous", attempt.bound_micro_usd, False),
        ("correction", cost - attempt.bound_micro_usd, False),
        ("adoption", 0, True),
    ]
    worker.counters.open([day_of(database, tenant)], worker.counters.holds.generation())
    assert standing(worker, day_of(database, tenant)).spent == cost
    with database.tenant(tenant.id) as connection:
        assert connection.execute(select(func.count()).select_from(spare_answers)).scalar_one() == 1


def test_a_seat_whose_calls_fates_are_unknown_twice_over_pays_no_third(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, allow_extractive=False, allow_substitution=False)
    emulator.order("faults", match={"persona": "openai"}, fault="reset")
    ask_until_ended(database, job)

    states = [attempt.state for attempt in attempts_of(database, job)]
    assert states.count(AttemptState.AMBIGUOUS) <= 2
    assert seats_of(database, job)[0].status is SeatStatus.FAILED


def test_a_bill_above_its_bound_is_booked_as_it_is_and_stops_the_tenants_admission(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant)
    emulator.order("faults", match={"persona": "openai"}, fault="usage_above_limit")

    ask.ask(job=job, seat=0, epoch=0)

    (attempt,) = attempts_of(database, job)
    with database.tenant(tenant.id) as connection:
        why = tenants.why_stopped(connection, tenant.id)
        types = connection.execute(select(budget_events.c.type)).scalars().all()
    assert attempt.cost_micro_usd > attempt.bound_micro_usd
    assert standing(worker, day_of(database, tenant)).spent == attempt.cost_micro_usd
    assert why is not None
    assert attempt.id in why
    assert types == ["budget.bound_passed"]


def test_what_a_call_costs_counts_in_the_period_in_which_it_was_intended(
    worker: Resources, tenant: Tenant, database: Database
) -> None:
    job = submit(worker, tenant)
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        connection.execute(text("ALTER TABLE attempts ALTER COLUMN day SET DEFAULT '2026-01-31'"))

    ask.ask(job=job, seat=0, epoch=0)

    (attempt,) = attempts_of(database, job)
    with database.tenant(tenant.id) as connection:
        days = connection.execute(select(ledger.c.day)).scalars().all()
    assert [str(day) for day in days] == ["2026-01-31"]
    january = scopes.of_tenant(tenant.id, "month", attempt.day)
    assert standing(worker, january).spent == attempt.cost_micro_usd
    assert standing(worker, day_of(database, tenant)).spent is None


def test_a_hold_whose_process_died_after_the_booking_is_settled_by_the_sweep(
    worker: Resources, tenant: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit(worker, tenant)
    ask.ask(job=job, seat=0, epoch=0)
    day = day_of(database, tenant)
    (attempt,) = attempts_of(database, job)
    claimed = scopes.of_periods(tenant.id, None, attempt.day, {}, None)
    worker.counters.holds.hold("atm_never_written", 700, claimed)
    monkeypatch.setattr(reconcile, "HELD_AT_LEAST_S", -1.0)

    reconcile.reconcile()

    assert standing(worker, day).held == 0
    assert standing(worker, day).spent == attempt.cost_micro_usd
    with database.tenant_of(job) as connection:
        assert connection.execute(select(func.count()).select_from(attempt_table)).scalar_one() == 1
