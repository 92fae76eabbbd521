"""A second call beside a slow one: the first answer ends the seat, the other call is cut, and both are booked."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.storage.tables import attempts
from orchestrator.work.attempts import AttemptState
from orchestrator.work.seats import SeatStatus
from providers.calls import Target
from tasks import ask
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, until
from tests.integration.workers_in_test import LUNA, attempts_of, job_of, opened, request, seats_of
from tests.servers import Tenant

USUAL_S = 0.6


@pytest.fixture
def hedging(settings: Settings, emulator: Emulator) -> Iterator[Resources]:
    """A worker that hedges, and has seen a hundred calls of the usual length."""
    bold = settings.model_copy(update={"hedging": True})
    with opened(bold, **emulator.environment) as held:
        learn(held)
        yield held


def learn(held: Resources) -> None:
    target = Target.parse(LUNA)
    for _ in range(100):
        held.hedges.begin(target)
        held.hedges.answered(target, USUAL_S)


def submit(held: Resources, tenant: Tenant) -> str:
    return _submit(held, tenant, "interactive")


def second_calls(database: Database) -> list[bool]:
    with database.system() as connection:
        return [*connection.execute(select(attempts.c.hedge).order_by(attempts.c.id)).scalars()]


def test_the_second_answer_wins_where_the_first_does_not_come(
    hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={"persona": "openai"}, fault="stall")
    job = submit(hedging, tenant)

    closed = ask.ask(job=job, seat=0, epoch=0)

    (seat,), calls = seats_of(database, job), attempts_of(database, job)
    assert closed is True
    assert (seat.status, (seat.served or "").split("/")[0]) == (SeatStatus.ANSWERED, "aimlapi")
    assert [call.state for call in calls] == [AttemptState.AMBIGUOUS, AttemptState.ANSWERED]
    assert second_calls(database) == [False, True]
    assert job_of(database, job).spent_micro_usd == sum(call.cost_micro_usd for call in calls)
    assert hedging.counters.holds.standing_holds(0) == []


def test_the_first_answer_wins_where_it_comes_after_all(
    hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("latency", median_ms=1_500)
    emulator.order("faults", match={"persona": "aimlapi"}, fault="stall")
    job = submit(hedging, tenant)

    closed = ask.ask(job=job, seat=0, epoch=0)

    (seat,), calls = seats_of(database, job), attempts_of(database, job)
    assert closed is True
    assert (seat.served or "").split("/")[0] == "openai"
    assert [call.state for call in calls] == [AttemptState.ANSWERED, AttemptState.AMBIGUOUS]


def test_a_first_call_that_fails_meanwhile_leaves_the_seat_to_the_second(
    hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("latency", median_ms=1_200)
    emulator.order("faults", match={"persona": "openai"}, fault="close_after_work")
    job = submit(hedging, tenant)

    closed = ask.ask(job=job, seat=0, epoch=0)

    (seat,) = seats_of(database, job)
    assert closed is True
    assert (seat.status, seat.failovers) == (SeatStatus.ANSWERED, 0)
    assert len(emulator.requests()) == 2


def test_a_quick_call_has_no_second(hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database) -> None:
    job = submit(hedging, tenant)

    assert ask.ask(job=job, seat=0, epoch=0) is True

    assert second_calls(database) == [False]


@pytest.mark.parametrize("priority", ["standard", "bulk"])
def test_only_interactive_jobs_are_hedged(
    hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database, priority: str
) -> None:
    emulator.order("latency", median_ms=1_200)
    job = _submit(hedging, tenant, priority)

    assert ask.ask(job=job, seat=0, epoch=0) is True

    assert second_calls(database) == [False]


def test_nobody_hedges_who_was_not_told_to(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    learn(worker)
    emulator.order("latency", median_ms=1_200)
    job = submit(worker, tenant)

    assert ask.ask(job=job, seat=0, epoch=0) is True

    assert second_calls(database) == [False]


def test_a_cancel_cuts_both_calls(hedging: Resources, tenant: Tenant, emulator: Emulator, database: Database) -> None:
    emulator.order("latency", median_ms=20_000)
    job = submit(hedging, tenant)
    asking = threading.Thread(target=ask.ask, kwargs={"job": job, "seat": 0, "epoch": 0})
    asking.start()
    until(lambda: emulator.waiting() == 2, "both calls are under way")

    hedging.dispatch.cancel(tenant.id, job)
    asking.join(10)

    assert not asking.is_alive()
    assert {call.state for call in attempts_of(database, job)} == {AttemptState.AMBIGUOUS}


def _submit(held: Resources, tenant: Tenant, priority: str) -> str:
    return held.dispatch.submit(tenant.id, request(LUNA, priority=priority)).job_id
