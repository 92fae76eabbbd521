"""An answer of no use is asked for once more by the same model, with its own attempt, hold and booking."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from celery.exceptions import Retry
from sqlalchemy import update

from orchestrator.storage.engine import Database
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.seats import Reason, SeatStatus
from providers.calls import JsonObject
from tasks import ask
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, until
from tests.integration.workers_in_test import LUNA, attempts_of, events_of, job_of, request, seats_of
from tests.servers import Tenant

ANSWERED = AttemptState.ANSWERED


@pytest.fixture(autouse=True)
def books(database: Database, emulator: Emulator, tenant: Tenant) -> Iterator[None]:
    """After each test: the bank is the ledger, and so are the sums of seats and jobs."""
    yield
    with database.tenant(tenant.id) as connection:
        sums = [
            connection.exec_driver_sql(f"SELECT coalesce(sum({column}), 0) FROM {table}").scalar_one()  # noqa: S608 - our own names
            for table, column in (
                ("ledger", "cost_micro_usd"),
                ("attempts", "cost_micro_usd"),
                ("seats", "cost_micro_usd"),
                ("jobs", "spent_micro_usd"),
            )
        ]
    assert sums == [emulator.billed_micro_usd()] * 4


def submit(worker: Resources, tenant: Tenant, **fields: object) -> str:
    return worker.dispatch.submit(tenant.id, request(LUNA, **fields)).job_id


def asked(job: str, epoch: int) -> bool | None:
    """One ask of the only seat; None where it went on."""
    with suppress(Retry):
        return bool(ask.ask(job=job, seat=0, epoch=epoch))
    return None


def failed_over(database: Database, job: str) -> list[JsonObject]:
    with database.tenant_of(job) as connection:
        rows = connection.exec_driver_sql("SELECT data FROM events WHERE type = 'seat.failed_over' ORDER BY sequence")
        return [*rows.scalars()]


def test_the_second_answer_is_taken_and_both_are_booked(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_schema", count=1)
    job = submit(worker, tenant)

    first = asked(job, 0)
    (waiting,) = seats_of(database, job)
    second = asked(job, 1)

    (seat,), calls = seats_of(database, job), attempts_of(database, job)
    assert (first, second) == (None, True)
    assert waiting.repair is not None
    assert waiting.repair.answer == '{"answer":[1,"two",null]}'
    assert waiting.repair.problems[0] == "language is missing"
    assert (waiting.status, waiting.rung) == (SeatStatus.PENDING, 0)
    assert (seat.status, seat.served, seat.failovers, seat.attempts) == (SeatStatus.ANSWERED, LUNA, 0, 2)
    assert seat.repair is None
    assert [(call.state, call.target, call.error is None) for call in calls] == [
        (ANSWERED, LUNA, False),
        (ANSWERED, LUNA, True),
    ]
    assert all(call.cost_micro_usd > 0 for call in calls)
    [told] = failed_over(database, job)
    assert (told["from"], told["to"], told["because"], told["repair"]) == (LUNA, LUNA, "bad_reply", True)


def test_the_repair_shows_the_same_beginning_and_says_more(
    worker: Resources, tenant: Tenant, emulator: Emulator
) -> None:
    emulator.order("faults", match={}, fault="other_schema", count=1)
    job = submit(worker, tenant)

    asked(job, 0)
    asked(job, 1)

    plain, mending = emulator.requests()
    assert plain["prompt_digest"] != mending["prompt_digest"]
    assert plain["prompt_tokens"] + 50 < mending["prompt_tokens"] < plain["prompt_tokens"] + 400


def test_the_first_answers_hold_is_settled_before_the_repair_is_held(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_schema", count=1)
    job = submit(worker, tenant, allow_substitution=False)  # its bound holds two calls to this model and no more

    asked(job, 0)
    held = worker.counters.holds.standing_holds(-1)
    done = asked(job, 1)

    assert (held, done) == ([], True)
    assert [call.state for call in attempts_of(database, job)] == [ANSWERED, ANSWERED]


def test_after_two_answers_of_no_use_the_next_rung_is_asked_and_shown_nothing_of_them(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={"persona": "openai"}, fault="other_schema")
    job = submit(worker, tenant)

    ends = [asked(job, epoch) for epoch in range(3)]

    (seat,), calls = seats_of(database, job), attempts_of(database, job)
    assert ends == [None, None, True]
    assert [call.target for call in calls] == [LUNA, LUNA, seat.served]
    assert seat.served != LUNA
    assert [call.error is None for call in calls] == [False, False, True]
    tokens = [one["prompt_tokens"] for one in emulator.requests()]
    assert tokens[2] == tokens[0] < tokens[1]
    assert [one["repair"] for one in failed_over(database, job)] == [True, False]


def test_no_second_repair_is_made_at_another_rung(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_schema")
    job = submit(worker, tenant)

    for epoch in range(8):
        asked(job, epoch)

    targets = [call.target for call in attempts_of(database, job)]
    assert targets[:2] == [LUNA, LUNA]
    assert len(set(targets)) == len(targets) - 1
    assert [one["repair"] for one in failed_over(database, job)].count(True) == 1
    assert seats_of(database, job)[0].status is SeatStatus.ANSWERED  # a built-in model, in the end


@pytest.mark.parametrize("fault", ["length", "empty"])
def test_an_answer_that_would_be_cut_off_again_is_not_mended(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database, fault: str
) -> None:
    emulator.order("faults", match={"persona": "openai"}, fault=fault, count=1)
    job = submit(worker, tenant)

    asked(job, 0)

    assert seats_of(database, job)[0].rung == 1
    assert [one["repair"] for one in failed_over(database, job)] == [False]
    asked(job, 1)


def test_no_repair_is_made_that_the_rest_of_the_bound_does_not_cover(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_schema", count=1)
    job = submit(worker, tenant, allow_substitution=False)
    leave_one_call(database, tenant, job)

    ended = asked(job, 0)

    (seat,), (call,) = seats_of(database, job), attempts_of(database, job)
    assert ended is True
    assert (call.state, call.error is None) == (ANSWERED, False)
    assert (seat.status, seat.reason, seat.repair) == (SeatStatus.FAILED, Reason.EXHAUSTED, None)
    assert failed_over(database, job) == []


def test_a_repair_that_finds_no_place_is_still_one_when_it_is_asked_again(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_schema", count=1)
    job = submit(worker, tenant)
    asked(job, 0)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(seat_table).values(waited=False))
    emulator.order("faults", match={}, fault="429", count=1, args={"retry_after": "0"})

    asked(job, 1)
    held_back = seats_of(database, job)[0]
    until(lambda: asked(job, 2), "its wait is over, and it has answered")

    assert (held_back.rung, held_back.repair is not None) == (0, True)
    assert [call.state for call in attempts_of(database, job)] == [ANSWERED, AttemptState.REFUSED, ANSWERED]
    tokens = [one["prompt_tokens"] for one in emulator.requests() if one["status"] == 200]
    assert tokens[0] < tokens[1]


def test_an_answer_in_another_language_is_asked_for_once_more(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_language", count=1)
    job = submit(worker, tenant)

    first = asked(job, 0)
    (waiting,) = seats_of(database, job)
    second = asked(job, 1)

    assert (first, second) == (None, True)
    assert waiting.repair is not None
    assert waiting.repair.problems == ("its texts are written in French (fr); English (en) was asked for",)
    assert languages(database, job) == ["en"]


def test_a_model_that_keeps_to_its_language_is_heard_and_its_answer_marked(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_language")
    job = submit(worker, tenant, meeting={"language": "en"})

    ends = [asked(job, 0), asked(job, 1)]

    assert ends == [None, True]
    assert languages(database, job) == ["fr"]
    assert len(attempts_of(database, job)) == 2
    assert events_of(database, job).count("seat.answered") == 1


def test_a_policy_that_saves_takes_an_answer_in_another_language_and_marks_it(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_language")
    job = submit(worker, tenant, policy="aggressive")

    assert asked(job, 0) is True
    assert languages(database, job) == ["fr"]


def test_an_answer_in_another_language_is_kept_where_nothing_is_left_to_mend_it(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    emulator.order("faults", match={}, fault="other_language")
    job = submit(worker, tenant, allow_substitution=False)
    leave_one_call(database, tenant, job)

    assert asked(job, 0) is True
    assert languages(database, job) == ["fr"]


def leave_one_call(database: Database, tenant: Tenant, job: str) -> None:
    """The bound is the worst case of one call: what that really cost leaves too little for a longer prompt."""
    needed = job_of(database, job).bound_micro_usd // 2
    with database.tenant(tenant.id) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(bound_micro_usd=needed))


def languages(database: Database, job: str) -> list[str]:
    with database.tenant_of(job) as connection:
        rows = connection.exec_driver_sql("SELECT document ->> 'language' FROM candidates ORDER BY seat")
        return [*rows.scalars()]
