"""A seat's call through the gate: what is held back, what is waited for, and that every permit comes home."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery.exceptions import Retry

from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from providers.calls import Target
from providers.errors import Overloaded
from providers.gate.passes import CircuitState, Pass
from tasks import ask, look_after
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, until
from tests.integration.workers_in_test import LUNA, attempts_of, request, seats_of
from tests.servers import Tenant
from workers.lifecycle import START_PERMITS

TARGET = Target.parse(LUNA)
PERMIT_S = 60.0


@pytest.fixture
def job(worker: Resources, tenant: Tenant) -> str:
    return worker.dispatch.submit(tenant.id, request(LUNA)).job_id


def enter(worker: Resources, call_id: str) -> Pass:
    return worker.gate.enter(TARGET, worker.key_names["openai"], call_id, tokens=1, ttl_s=PERMIT_S)


def break_circuit(worker: Resources) -> None:
    for number in range(20):
        if state(worker) is CircuitState.OPEN:
            return
        worker.gate.leave(enter(worker, f"broken-{number}"), Overloaded("x", provider="openai"))
    raise AssertionError("twenty faults opened no circuit")


def state(worker: Resources) -> CircuitState | None:
    return next((one.state for one in worker.gate.states().circuits if one.target == TARGET), None)


def in_flight(worker: Resources) -> int:
    return sum(limit.in_flight for limit in worker.gate.states().limits)


def test_an_answered_call_gives_its_permit_back_and_counts_for_its_target(worker: Resources, job: str) -> None:
    assert ask.ask(job=job, seat=0, epoch=0) is True

    (reading,) = worker.gate.states().circuits
    assert (reading.target, reading.successes, reading.failures) == (TARGET, 1, 0)
    assert in_flight(worker) == 0


def test_an_open_circuit_sends_the_seat_on_without_a_call(
    worker: Resources, job: str, emulator: Emulator, database: Database
) -> None:
    break_circuit(worker)

    with pytest.raises(Retry):
        ask.ask(job=job, seat=0, epoch=0)

    (attempt,) = attempts_of(database, job)
    (seat,) = seats_of(database, job)
    assert emulator.requests() == []
    assert (attempt.state, attempt.cost_micro_usd, attempt.sent_at) == (AttemptState.REFUSED, 0, None)
    assert attempt.error is not None
    assert attempt.error["code"] == "circuit_open"
    assert (seat.rung, seat.failovers) == (1, 1)
    assert in_flight(worker) == 0


def test_a_full_house_is_waited_for_if_a_place_comes_free_in_a_moment(
    worker: Resources, job: str, database: Database
) -> None:
    guests = [enter(worker, f"guest-{number}") for number in range(START_PERMITS)]
    leaving = threading.Timer(0.7, worker.gate.leave, (guests[0], Overloaded("x", provider="openai")))
    leaving.start()

    answered = ask.ask(job=job, seat=0, epoch=0)
    leaving.join()

    assert answered is True
    assert [attempt.state for attempt in attempts_of(database, job)] == [AttemptState.ANSWERED]
    assert in_flight(worker) == START_PERMITS - 1


def test_a_full_house_that_stays_full_sends_the_seat_on_or_lets_it_wait_in_its_row(
    worker: Resources, job: str, emulator: Emulator, database: Database
) -> None:
    for number in range(START_PERMITS):
        enter(worker, f"guest-{number}")

    assert ask.ask(job=job, seat=0, epoch=0) is False

    (attempt,) = attempts_of(database, job)
    assert attempt.error is not None
    assert attempt.error["code"] == "saturated"
    assert emulator.requests() == []


def test_a_canceled_call_gives_its_permit_back(worker: Resources, job: str, tenant: Tenant, emulator: Emulator) -> None:
    emulator.order("latency", median_ms=20_000)
    asking = threading.Thread(target=ask.ask, kwargs={"job": job, "seat": 0, "epoch": 0})
    asking.start()
    until(lambda: emulator.waiting() == 1, "the call waits for its answer")
    held = in_flight(worker)

    worker.dispatch.cancel(tenant.id, job)
    asking.join(10)

    assert held == 1
    assert in_flight(worker) == 0


def test_jobs_in_a_hurry_open_no_circuit_for_the_others(worker: Resources, tenant: Tenant, emulator: Emulator) -> None:
    emulator.order("latency", median_ms=20_000)
    hasty = [worker.dispatch.submit(tenant.id, request(LUNA, LUNA, deadline_s=3.5)).job_id for _ in range(4)]

    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask.ask, job=job, seat=seat, epoch=0) for job in hasty for seat in (0, 1)]

    assert {type(one.exception()) for one in asked} <= {Retry, type(None)}
    assert state(worker) is CircuitState.CLOSED
    assert in_flight(worker) == 0


def test_a_free_look_that_finds_the_provider_awake_lets_the_next_call_try(worker: Resources, job: str) -> None:
    break_circuit(worker)

    look_after.look_after()

    assert state(worker) is CircuitState.HALF_OPEN
    assert ask.ask(job=job, seat=0, epoch=0) is True


def test_a_free_look_that_finds_the_provider_asleep_changes_nothing(worker: Resources, emulator: Emulator) -> None:
    emulator.order("faults", match={"persona": "openai", "endpoint": "models"}, fault="503")
    break_circuit(worker)

    look_after.look_after()

    assert state(worker) is CircuitState.OPEN
