"""A job over the stored answers of another: the same bytes, no call, no cost, and a job like any other otherwise."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select, update

from orchestrator.analysis.items import Analysis
from orchestrator.dispatch import Dispatch
from orchestrator.errors import (
    AlreadyTerminal,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
    NotReplayable,
    PanelTooSmall,
    QueueFull,
)
from orchestrator.routing.replays import ReplayRequest
from orchestrator.settings import Settings
from orchestrator.storage import budgets, performance, replays, results, tenants
from orchestrator.storage.engine import Database
from orchestrator.storage.money_tables import ledger
from orchestrator.storage.tables import attempts, candidates, events
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from orchestrator.work.sums import Span
from tasks import ask, reconcile, synthesize
from tasks.resources import Resources
from tests.integration.rows import add_job
from tests.integration.workers_in_test import (
    THREE,
    Queues,
    Work,
    dispatch_of,
    end_of,
    events_of,
    job_of,
    opened,
    producer,
    seats_of,
)
from tests.servers import Tenant, new_tenant

ALONE = {"allow_substitution": False, "allow_extractive": False}


def wish(strategy: str = "consensus", **fields: object) -> ReplayRequest:
    return ReplayRequest.model_validate_json(json.dumps({"strategy": strategy, **fields}))


def written(database: Database, job: str) -> bytes:
    """The result as the service writes it."""
    with database.tenant_of(job) as connection:
        found = results.read_result(connection, job)
    assert found is not None
    return Analysis.model_validate(found).model_dump_json().encode()


def ids(result: bytes) -> list[str]:
    document = json.loads(result)
    return [
        one["id"] for kind in ("topics", "decisions", "action_items", "risks", "questions") for one in document[kind]
    ]


def booked(database: Database, *jobs: str) -> int:
    with database.system() as connection:
        asked = attempts.c.job_id.in_(jobs)
        made = connection.execute(select(func.count()).select_from(attempts).where(asked)).scalar_one()
        paid = connection.execute(
            select(func.count()).select_from(ledger).where(ledger.c.job_id.in_(jobs))
        ).scalar_one()
    return made + paid


@pytest.fixture
def at_hand(settings: Settings) -> Iterator[Resources]:
    """A worker of this process, without a provider."""
    with opened(settings) as held:
        yield held


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def queues(at_hand: Resources, redis_prefix: str) -> Queues:
    return Queues(at_hand.redis, redis_prefix)


def finished(database: Database, tenant: Tenant, *, seat_count: int = 2) -> str:
    """A job of built-in models that has succeeded."""
    job = add_job(database, tenant.id, seat_count=seat_count)
    for seat in range(seat_count):
        ask.ask(job=job, seat=seat, epoch=0)
    synthesize.synthesize(job=job)
    assert job_of(database, job).status is JobStatus.SUCCEEDED
    return job


def lose(database: Database, job: str, seat: int, status: SeatStatus = SeatStatus.FAILED) -> None:
    """As if the seat had brought no answer."""
    with database.system() as connection:
        connection.execute(delete(candidates).where(candidates.c.job_id == job, candidates.c.seat == seat))
        lost = {"status": status, "reason": "exhausted", "served": None}
        connection.execute(update(seat_table).where(seat_table.c.job_id == job, seat_table.c.seat == seat).values(lost))


# The same, at no cost


def test_a_replay_has_the_same_bytes_as_often_as_it_is_made_and_asks_and_books_nothing(work: Work) -> None:
    work.start("ask", "synthesis", "delivery")
    job = work.submit(*THREE)
    first = end_of(work.database, job)
    calls, billed = work.emulator.requests(), work.emulator.billed_micro_usd()
    assert (first.status, len(calls)) == (JobStatus.SUCCEEDED, 3)

    asked = [wish(first.strategy_ran or ""), *map(wish, STRATEGIES), wish(seats=[2, 0]), wish("single", seats=[1])]
    made = [[work.dispatch.replay(work.tenant, job, one).job_id for _ in range(2)] for one in asked]
    ended = [[end_of(work.database, one) for one in pair] for pair in made]
    bytes_of = [[written(work.database, one) for one in pair] for pair in made]

    original = written(work.database, job)
    assert bytes_of[0] == [original, original]
    assert ids(original) == ids(bytes_of[0][1]) != []
    assert [(one.status, one.label, one.degradations) for one in ended[0]] == 2 * [
        (JobStatus.SUCCEEDED, first.label, first.degradations)
    ]
    assert [first_time == second_time for first_time, second_time in bytes_of] == [True] * len(asked)
    assert len({pair[0] for pair in bytes_of}) > 3
    assert [pair[0].label for pair in ended[-2:]] == ["consensus of 2 models", f"single model: {THREE[1]}"]
    every = [one for pair in ended for one in pair]
    assert {(one.status, one.spent_micro_usd, one.bound_micro_usd) for one in every} == {(JobStatus.SUCCEEDED, 0, 0)}
    assert (work.emulator.requests(), work.emulator.billed_micro_usd()) == (calls, billed)
    assert booked(work.database, *(one.id for one in every)) == 0


def test_a_seat_that_was_lost_and_answers_that_could_not_be_read_are_part_of_the_same(work: Work) -> None:
    """The third seat's answers are paid for and of no use: the quality of the result counts them, in replays too."""
    work.emulator.order("faults", match={"model": THREE[2].split("/")[1]}, fault="other_schema")
    work.start("ask", "synthesis", "delivery")
    job = work.submit(*THREE, quorum=2, **ALONE)
    first = end_of(work.database, job)
    calls = len(work.emulator.requests())

    again = end_of(work.database, work.dispatch.replay(work.tenant, job, wish()).job_id)
    third = end_of(work.database, work.dispatch.replay(work.tenant, again.id, wish()).job_id)

    assert json.loads(written(work.database, job))["quality"]["components"]["schema"] < 1
    assert written(work.database, job) == written(work.database, again.id) == written(work.database, third.id)
    assert first.label == again.label == third.label == "consensus of 2 of 3 models"
    assert first.degradations == again.degradations == third.degradations != []
    assert (first.quorum, again.quorum) == (2, 2)
    assert len(work.emulator.requests()) == calls


# A job of its own


def test_it_is_a_job_that_names_the_other_and_shows_its_seats_at_no_cost(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant, seat_count=3)
    lose(database, job, 1)
    source = job_of(database, job)

    made = dispatch.replay(tenant.id, job, wish()).job_id
    waiting = job_of(database, made)
    synthesize.synthesize(job=made)
    ended = job_of(database, made)

    assert (waiting.status, waiting.replay_of, waiting.open_seats) == (JobStatus.RUNNING, job, 0)
    assert {name: getattr(ended, name) for name in replays.COPIED} == {
        name: getattr(source, name) for name in replays.COPIED
    }
    assert (ended.strategy_asked, ended.strategy_ran, ended.reference, ended.tags) == (
        "consensus",
        "consensus",
        None,
        [],
    )
    assert ended.strategy_reason == f"as asked, over the stored answers of {job}"
    assert events_of(database, made) == ["job.queued", "job.started", "job.synthesizing", "job.succeeded"]
    for seat, was in zip(seats_of(database, made), seats_of(database, job), strict=True):
        assert (seat.seat, seat.role, seat.status) == (was.seat, was.role, was.status)
        assert (seat.asked, seat.served, seat.reason) == (was.asked, was.served, was.reason)
        assert (seat.attempts, seat.cost_micro_usd, seat.latency_s, seat.usage) == (0, 0, None, {})
    assert ended.may_call is False
    with database.tenant(tenant.id) as connection:
        told = connection.execute(select(events.c.data).where(events.c.job_id == made, events.c.sequence == 2))
        assert told.scalar_one() == {"replay_of": job}


def test_every_column_of_a_job_and_a_seat_is_copied_or_the_replays_own() -> None:
    """Whoever adds one decides: what a result is a function of must be copied, or its replays differ from it."""
    own_of_job = {
        "tenant_id", "id", "version", "status", "replay_of", "may_call",
        "callers", "strategy_asked", "strategy_planned", "strategy_ran", "strategy_reason", "quorum",
        "open_seats", "answered_seats", "label", "degradations", "error", "retries",
        "bound_micro_usd", "expected_micro_usd", "spent_micro_usd",
        "reference", "tags", "metadata",
        "synthesis_epoch", "synthesis_lease_until", "created_at", "dispatched_at", "started_at", "late_at", "closed_at",
        "rung_at", "finished_at", "deadline_at", "batch_id", "paused_at", "erased_at", "webhook", "not_before",
        "scheduled_for",
    }  # fmt: skip
    own_of_seat = {
        "tenant_id", "job_id", "seat", "unreadable",
        "rung", "waited", "failovers", "attempts", "epoch", "claims", "since_epoch",
        "lease_until", "next_at", "published_at", "latency_s", "cost_micro_usd", "usage", "service_tier", "cached",
        "follows", "repair",
    }  # fmt: skip

    assert {*replays.COPIED, *own_of_job} == set(job_table.columns.keys())
    assert {*replays.COPIED_OF_SEATS, *own_of_seat} == set(seat_table.columns.keys())


def test_it_stands_by_itself_when_the_answers_of_the_other_are_erased(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant)
    original = written(database, job)
    made = dispatch.replay(tenant.id, job, wish()).job_id
    for seat in (0, 1):
        lose(database, job, seat)

    synthesize.synthesize(job=made)

    assert written(database, made) == original
    with pytest.raises(NotReplayable, match="has a stored answer"):
        dispatch.replay(tenant.id, job, wish())
    again = dispatch.replay(tenant.id, made, wish()).job_id
    synthesize.synthesize(job=again)
    assert written(database, again) == original


def test_a_replay_whose_ring_was_lost_is_rung_again(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    job = finished(database, tenant)
    made = dispatch.replay(tenant.id, job, wish()).job_id
    assert [message.kwargs["job"] for message in queues.read("synthesis")] == [made]
    queues.drop("synthesis")
    reconcile.reconcile()
    at_once = queues.read("synthesis")
    with database.tenant(tenant.id) as connection:
        earlier = job_table.c.closed_at - func.make_interval(0, 0, 0, 0, 0, 0, 60)
        connection.execute(update(job_table).where(job_table.c.id == made).values(closed_at=earlier))

    reconcile.reconcile()

    assert at_once == []
    assert [message.kwargs["job"] for message in queues.read("synthesis")] == [made]


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.EXPIRED])
def test_a_job_that_ended_badly_is_replayed_over_what_there_is(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources, status: JobStatus
) -> None:
    job = add_job(database, tenant.id, seat_count=2, quorum=2)
    ask.ask(job=job, seat=0, epoch=0)
    lose(database, job, 1, SeatStatus.CANCELED)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(status=status, open_seats=0))

    with pytest.raises(PanelTooSmall):
        dispatch.replay(tenant.id, job, wish())
    made = dispatch.replay(tenant.id, job, wish("single")).job_id
    synthesize.synthesize(job=made)
    ended = job_of(database, made)

    assert (ended.status, ended.quorum, ended.error) == (JobStatus.SUCCEEDED, 1, None)
    assert ended.label is not None
    assert ended.label.endswith(", 1 of 2 seats answered")
    assert json.dumps(ended.degradations).count("seat-lost") == 1


def test_what_cannot_be_replayed_is_refused_and_stores_nothing(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    stranger = new_tenant(database, "globex")
    job, open_job, canceled = finished(database, tenant), add_job(database, tenant.id), add_job(database, tenant.id)
    dispatch.cancel(tenant.id, canceled)

    for whose, of, asked, error in (
        (tenant.id, open_job, wish(), NotReplayable),
        (tenant.id, canceled, wish(), NotReplayable),
        (tenant.id, "job_of_nobody", wish(), NotFound),
        (stranger.id, job, wish(), NotFound),
        (tenant.id, job, wish(seats=[0, 5]), InvalidRequest),
        (tenant.id, job, wish(seats=[0]), PanelTooSmall),
        (tenant.id, job, wish(quorum=3), PanelTooSmall),
    ):
        with pytest.raises(error):
            dispatch.replay(whose, of, asked, idempotency_key="k", digest=b"d")

    with database.system() as connection:
        found = connection.execute(select(job_table.c.id).where(job_table.c.replay_of.is_not(None))).all()
    assert found == []


def test_calls_may_be_allowed_where_the_strategy_makes_none(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant)

    made = dispatch.replay(tenant.id, job, wish("single", allow_calls=True)).job_id
    synthesize.synthesize(job=made)

    assert job_of(database, made).status is JobStatus.SUCCEEDED


def test_two_calls_under_one_key_are_one_replay(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant)

    first, again = (dispatch.replay(tenant.id, job, wish(), idempotency_key="k", digest=b"d") for _ in range(2))

    assert (first.replayed, again.replayed, again.job_id) == (False, True, first.job_id)
    with pytest.raises(IdempotencyMismatch):
        dispatch.replay(tenant.id, job, wish(), idempotency_key="k", digest=b"other")


# Money, queues, ends


def test_neither_an_exhausted_budget_nor_a_stop_keeps_a_replay_out(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant)
    with database.tenant(tenant.id) as connection:
        budgets.put(connection, "tenant", "month", 0)
        tenants.stop(connection, tenant.id, "a bill above its bound")

    made = dispatch.replay(tenant.id, job, wish()).job_id
    synthesize.synthesize(job=made)

    assert written(database, made) == written(database, job)


def test_a_tenant_has_so_many_replays_under_way_and_no_more(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    other = new_tenant(database, "globex")
    job, theirs = finished(database, tenant), finished(database, other)
    made = [dispatch.replay(tenant.id, job, wish(), idempotency_key=str(n)).job_id for n in range(replays.MOST_OPEN)]

    with pytest.raises(QueueFull) as caught:
        dispatch.replay(tenant.id, job, wish())
    known = dispatch.replay(tenant.id, job, wish(), idempotency_key="0")
    guest = dispatch.replay(other.id, theirs, wish())
    synthesize.synthesize(job=made[0])
    next_one = dispatch.replay(tenant.id, job, wish())

    assert caught.value.retry_after_s > 0
    assert (known.job_id, known.replayed) == (made[0], True)
    assert not guest.replayed
    assert not next_one.replayed


def test_a_canceled_replay_stays_so_and_goes_on_when_it_is_told_to_without_asking_anybody(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    job = finished(database, tenant, seat_count=3)
    lose(database, job, 1)
    made = dispatch.replay(tenant.id, job, wish()).job_id
    dispatch.cancel(tenant.id, made)
    synthesize.synthesize(job=made)
    canceled = job_of(database, made)
    queues.drop("synthesis")
    with database.tenant(tenant.id) as connection:
        tenants.stop(connection, tenant.id, "a bill above its bound")

    dispatch.retry(tenant.id, made)
    dispatch.retry(tenant.id, made)
    rung = [message.kwargs["job"] for message in queues.read("synthesis")]
    asked = queues.read("ask.extractive")
    synthesize.synthesize(job=made)

    assert canceled.status is JobStatus.CANCELED
    assert (rung, asked) == ([made], [])
    assert job_of(database, made).status is JobStatus.SUCCEEDED
    assert [seat.status for seat in seats_of(database, made)] == [
        SeatStatus.ANSWERED, SeatStatus.FAILED, SeatStatus.ANSWERED,
    ]  # fmt: skip
    with database.tenant(tenant.id) as connection:
        counted = select(job_table.c.answered_seats).where(job_table.c.id == made)
        assert connection.execute(counted).scalar_one() == 2
    with pytest.raises(AlreadyTerminal):
        dispatch.retry(tenant.id, made)


def test_a_retry_of_the_other_waits_until_the_replay_is_stored(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    """Else a seat that was just opened again would be copied as one that nobody ever asks."""
    job = add_job(database, tenant.id, seat_count=2)
    ask.ask(job=job, seat=0, epoch=0)
    lose(database, job, 1)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(status="failed", open_seats=0))

    with database.tenant(tenant.id) as connection:
        replays.hold(connection, job)
        with database.system() as watching:
            locked = watching.execute(
                select(job_table.c.id).where(job_table.c.id == job).with_for_update(skip_locked=True)
            ).all()
    dispatch.retry(tenant.id, job)

    assert locked == []
    assert job_of(database, job).status is JobStatus.QUEUED
    with pytest.raises(NotReplayable, match="still queued"):
        dispatch.replay(tenant.id, job, wish("single"))


def test_replays_say_nothing_of_how_jobs_and_seats_have_gone(
    database: Database, tenant: Tenant, dispatch: Dispatch, at_hand: Resources
) -> None:
    job = finished(database, tenant)
    day = job_of(database, job).created_at.date()
    span = Span(first=day, last=day)

    def counted() -> tuple[object, object]:
        with database.tenant(tenant.id) as connection:
            return performance.of_jobs(connection, span), performance.answers(connection, span)

    before = counted()
    synthesize.synthesize(job=dispatch.replay(tenant.id, job, wish()).job_id)

    assert counted() == before
