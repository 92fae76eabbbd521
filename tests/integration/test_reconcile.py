"""The rounds that set standing jobs going again: each case by rows, judged by rows and by what stands in the queues."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select, update

from orchestrator.errors import Unavailable
from orchestrator.settings import Settings
from orchestrator.standing import asks_in
from orchestrator.storage import intentions, interventions, jobs, seats
from orchestrator.storage.engine import Database
from orchestrator.storage.intentions import Leave
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts as attempt_table
from orchestrator.storage.tables import events
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import MAX_CLAIMS_WITHOUT_OUTCOME, Ask, Reason, SeatStatus
from providers.calls import Target
from tasks import reconcile
from tests.integration.rows import add_job, intend
from tests.integration.workers_in_test import Queues, attempts_of, events_of, job_of, opened, seats_of
from tests.servers import Tenant

ASKS = "ask.extractive"
BOUND_MICRO_USD = 700
LONG_AGO_S = 3_600.0


@pytest.fixture(autouse=True)
def _in_a_worker(settings: Settings) -> Iterator[None]:
    with opened(settings):
        yield


@pytest.fixture
def queues(redis: "Redis", redis_prefix: str) -> Queues:
    return Queues(redis, redis_prefix)


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def set_seat(database: Database, job: str, seat: int = 0, **values: object) -> None:
    with database.tenant_of(job) as connection:
        connection.execute(
            update(seat_table).where(seat_table.c.job_id == job, seat_table.c.seat == seat).values(**values)
        )


def set_job(database: Database, job: str, **values: object) -> None:
    with database.tenant_of(job) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(**values))


def claim(database: Database, job: str, seat: int = 0, lease_s: float = 30.0) -> Claim:
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, seat, seats.of_job(connection, job)[seat].epoch, lease_s)
        assert row is not None
        return Claim(job=job, seat=seat, epoch=row.epoch)


def hold_attempt(database: Database, held: Claim, *, sent: bool) -> None:
    """An attempt of this claim, as its holder would have left it."""
    name = f"atm_{held.job}_{held.seat}_{held.epoch}"
    target = Target(provider="extractive", model="cue-rules")
    with database.tenant_of(held.job) as connection:
        intend(connection, name, held, target=target, bound_micro_usd=BOUND_MICRO_USD)
        if sent:
            assert intentions.send(connection, name, held, generation=None) is Leave.GRANTED


def close_panel(database: Database, job: str, closed_s_ago: float) -> None:
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {})
        for seat in seats.of_job(connection, job):
            seats.claim(connection, job, seat.seat, seat.epoch, 30.0)
            seats.fail(connection, Claim(job=job, seat=seat.seat, epoch=1), Reason.EXHAUSTED)
            jobs.count_out(connection, job, "seat.failed", {"seat": seat.seat})
    set_job(database, job, closed_at=ago(closed_s_ago))


def asked(queues: Queues) -> list[tuple[str, int]]:
    return sorted((message.kwargs["job"], message.kwargs["seat"]) for message in queues.read(ASKS))


# An ask that nobody heard


def test_an_unheard_ask_is_published_again_and_not_too_early(
    database: Database, tenant: Tenant, queues: Queues, settings: Settings
) -> None:
    job = add_job(database, tenant.id)
    set_seat(database, job, 0, published_at=ago(settings.unclaimed_after_s + 0.1))
    set_seat(database, job, 1, published_at=ago(settings.unclaimed_after_s - 60.0))

    reconcile.reconcile()
    first = asked(queues)
    reconcile.reconcile()

    assert first == asked(queues) == [(job, 0)]


def test_an_ask_that_waits_long_in_a_full_queue_is_not_published_again_and_one_that_has_left_it_is(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id)
    for seat in (0, 1):
        set_seat(database, job, seat, published_at=ago(LONG_AGO_S))
    reconcile.reconcile()  # nothing stood in the queue: both are published
    for seat in (0, 1):
        set_seat(database, job, seat, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()
    waited = asked(queues)
    queues.redis.rpop(f"{queues.prefix}{ASKS}")
    reconcile.reconcile()

    assert waited == asked(queues) == [(job, 0), (job, 1)]


def test_a_message_of_an_earlier_epoch_does_not_stand_for_a_later_one(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, published_at=ago(LONG_AGO_S))
    reconcile.reconcile()
    held = claim(database, job)
    with database.tenant_of(job) as connection:
        seats.put_back(connection, held, rung=0, wait_s=0.0, moved=False)
    set_seat(database, job, published_at=ago(LONG_AGO_S), next_at=None)

    reconcile.reconcile()

    assert [message.kwargs["epoch"] for message in queues.read(ASKS)] == [held.epoch, 0]


def test_what_is_no_ask_is_passed_over_where_asks_are_looked_for(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, published_at=ago(LONG_AGO_S))
    reconcile.reconcile()
    (stands,) = queues.redis.lrange(f"{queues.prefix}{ASKS}", 0, -1)
    body = base64.b64encode(b'[[], {"job": "job_x", "seat": "first"}, {}]').decode()
    queues.push(ASKS, b"\xff", b"{}", b'{"body": "%%%"}', b'{"body": "e30="}', json.dumps({"body": body}).encode())

    standing = asks_in(queues.redis, f"{queues.prefix}{ASKS}")

    assert standing == {Ask(job, 0, 0)}
    assert queues.redis.lindex(f"{queues.prefix}{ASKS}", -1) == stands


def test_asks_that_wait_long_in_a_full_queue_leave_room_for_seats_that_need_help(
    database: Database, tenant: Tenant, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "BATCH", 2)
    crowd = [add_job(database, tenant.id) for _ in range(3)]
    for job in crowd:
        for seat in (0, 1):
            set_seat(database, job, seat, published_at=ago(LONG_AGO_S))
    for _ in crowd:
        reconcile.reconcile()
    for job in crowd:
        for seat in (0, 1):
            set_seat(database, job, seat, published_at=ago(LONG_AGO_S))
    dead = add_job(database, tenant.id, seat_count=1)
    claim(database, dead, lease_s=-1.0)
    stood = asked(queues)

    reconcile.reconcile()

    assert len(stood) == 6
    assert asked(queues) == sorted([*stood, (dead, 0)])


def test_a_repeated_ask_rings_the_same_body_if_it_closes_the_panel(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()

    body = queues.read(ASKS)[0].chord["kwargs"]["tasks"]
    assert [task["task"] for task in body] == ["meetingmind.synthesize", "meetingmind.deliver"]
    assert [(task["kwargs"]["job"], task["kwargs"].keys()) for task in body] == [(job, {"job", "schema", "seal"})] * 2


def test_a_seat_that_waits_is_published_when_it_is_due_once(database: Database, tenant: Tenant, queues: Queues) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    held = claim(database, job)
    with database.tenant_of(job) as connection:
        seats.put_back(connection, held, rung=0, wait_s=600.0, moved=False)

    reconcile.reconcile()
    before = asked(queues)
    set_seat(database, job, next_at=ago(0.0), published_at=ago(1.0))
    reconcile.reconcile()
    reconcile.reconcile()

    assert before == []
    assert asked(queues) == [(job, 0)]


def test_a_seat_that_waits_long_is_not_published_before_its_time(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, published_at=ago(LONG_AGO_S), next_at=ago(-600.0))

    reconcile.reconcile()

    assert asked(queues) == []


def test_a_seat_whose_own_message_to_the_next_provider_was_lost_is_published_there(
    database: Database, tenant: Tenant, queues: Queues, settings: Settings
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, ladder=["openai/gpt-6-luna", "aimlapi/openai/gpt-6-luna"], published_at=ago(LONG_AGO_S))
    held = claim(database, job)
    with database.tenant_of(job) as connection:
        seats.put_back(connection, held, rung=1, wait_s=0.0, moved=True)
    set_seat(database, job, published_at=ago(-60.0))  # just now, however slow this machine is

    reconcile.reconcile()
    at_once = queues.read("ask.aimlapi")
    set_seat(database, job, published_at=ago(settings.unclaimed_after_s + 0.1))
    reconcile.reconcile()

    assert at_once == []
    assert len(queues.read("ask.aimlapi")) == 1
    assert queues.read("ask.openai") == []


# A running seat whose holder is gone


@pytest.mark.parametrize(
    ("sent", "state", "cost_micro_usd"),
    [(False, AttemptState.REFUSED, 0), (True, AttemptState.AMBIGUOUS, BOUND_MICRO_USD)],
)
def test_a_lost_holders_attempt_is_written_off_and_its_seat_asked_again(
    database: Database, tenant: Tenant, queues: Queues, *, sent: bool, state: AttemptState, cost_micro_usd: int
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    held = claim(database, job)
    hold_attempt(database, held, sent=sent)
    set_seat(database, job, lease_until=ago(0.1))

    reconcile.reconcile()

    left, seat = attempts_of(database, job), seats_of(database, job)[0]
    assert [(attempt.state, attempt.cost_micro_usd) for attempt in left] == [(state, cost_micro_usd)]
    assert (seat.status, seat.cost_micro_usd) == (SeatStatus.PENDING, cost_micro_usd)
    assert job_of(database, job).spent_micro_usd == cost_micro_usd
    assert asked(queues) == [(job, 0)]


def test_a_live_lease_is_left_alone(database: Database, tenant: Tenant, queues: Queues) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    claim(database, job)
    set_seat(database, job, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()

    assert seats_of(database, job)[0].status is SeatStatus.RUNNING
    assert asked(queues) == []


def test_a_seat_that_loses_its_holder_for_the_third_time_is_poison_and_the_closed_panel_rings(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.RUNNING, "job.started", {})

    ends = []
    for _ in range(MAX_CLAIMS_WITHOUT_OUTCOME):
        claim(database, job)
        set_seat(database, job, lease_until=ago(0.1))
        reconcile.reconcile()
        ends.append(seats_of(database, job)[0].status)

    assert ends == [SeatStatus.PENDING, SeatStatus.PENDING, SeatStatus.FAILED]
    assert seats_of(database, job)[0].reason == Reason.POISON
    assert job_of(database, job).open_seats == 0
    assert len(asked(queues)) == 2
    assert [message.kwargs["job"] for message in queues.read("synthesis")] == [job]


def test_a_poisoned_seat_leaves_the_others_to_work(database: Database, tenant: Tenant, queues: Queues) -> None:
    job = add_job(database, tenant.id)
    claim(database, job)
    set_seat(database, job, lease_until=ago(0.1), claims=MAX_CLAIMS_WITHOUT_OUTCOME)

    reconcile.reconcile()

    assert [seat.status for seat in seats_of(database, job)] == [SeatStatus.FAILED, SeatStatus.PENDING]
    assert job_of(database, job).open_seats == 1
    assert queues.read("synthesis") == []


def test_progress_forgives_the_claims_that_came_to_nothing(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    for _ in range(MAX_CLAIMS_WITHOUT_OUTCOME - 1):
        claim(database, job)
        set_seat(database, job, lease_until=ago(0.1))
        reconcile.reconcile()
    held = claim(database, job)
    with database.tenant_of(job) as connection:
        seats.put_back(connection, held, rung=1, wait_s=0.0, moved=True)

    claim(database, job)
    set_seat(database, job, lease_until=ago(0.1))
    reconcile.reconcile()

    assert seats_of(database, job)[0].status is SeatStatus.PENDING


# Closed panels, deadlines, news


@pytest.mark.parametrize(("closed_s_ago", "rings"), [(reconcile.RING_AGAIN_AFTER_S - 60, 0), (LONG_AGO_S, 1)])
def test_a_closed_panel_that_nobody_took_up_is_rung_once_in_a_while(
    database: Database, tenant: Tenant, queues: Queues, closed_s_ago: float, rings: int
) -> None:
    job = add_job(database, tenant.id)
    close_panel(database, job, closed_s_ago)

    reconcile.reconcile()
    reconcile.reconcile()

    assert [message.kwargs["job"] for message in queues.read("synthesis")] == [job] * rings


def test_a_synthesis_is_rung_again_only_when_its_lease_has_run_out(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    held, lost = add_job(database, tenant.id), add_job(database, tenant.id)
    for job, lease_s in ((held, 60.0), (lost, -1.0)):
        close_panel(database, job, LONG_AGO_S)
        with database.tenant_of(job) as connection:
            jobs.claim_synthesis(connection, job, lease_s)

    reconcile.reconcile()

    assert [message.kwargs["job"] for message in queues.read("synthesis")] == [lost]


def test_a_job_past_its_deadline_expires_with_its_seats_and_tells_so(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id, deadline_s=-0.1)
    claim(database, job, 0)
    set_seat(database, job, 1, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()

    ended = job_of(database, job)
    assert ended.status is JobStatus.EXPIRED
    assert ended.finished_at is not None
    assert ended.error is not None
    assert [seat.status for seat in seats_of(database, job)] == [SeatStatus.CANCELED] * 2
    assert events_of(database, job)[-1] == "job.expired"
    assert [message.kwargs["job"] for message in queues.read("delivery")] == [job]
    assert asked(queues) == []


@pytest.mark.parametrize(("seconds", "deliveries"), [(reconcile.RING_AGAIN_AFTER_S - 60, 0), (LONG_AGO_S, 1)])
def test_news_that_nobody_announced_are_delivered_after_a_while(
    database: Database, tenant: Tenant, queues: Queues, seconds: float, deliveries: int
) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.FAILED, "job.failed", {}, finished_at=ago(seconds))
        connection.execute(update(events).where(events.c.job_id == job).values(at=ago(seconds)))

    reconcile.reconcile()

    assert [message.kwargs["job"] for message in queues.read("delivery")] == [job] * deliveries


def test_news_that_are_being_announced_are_not_announced_again(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    job = add_job(database, tenant.id)
    set_job(database, job, status=JobStatus.CANCELED, finished_at=ago(LONG_AGO_S))
    with database.tenant_of(job) as connection:
        connection.execute(update(events).where(events.c.job_id == job).values(at=ago(LONG_AGO_S)))

    for _ in range(3):
        reconcile.reconcile()

    assert len(queues.read("delivery")) == 1


@pytest.mark.parametrize(
    ("sent", "state", "cost"), [(True, AttemptState.AMBIGUOUS, BOUND_MICRO_USD), (False, AttemptState.REFUSED, 0)]
)
def test_a_call_that_a_dead_process_left_in_a_canceled_job_is_written_off_once(
    database: Database, tenant: Tenant, *, sent: bool, state: AttemptState, cost: int
) -> None:
    job = add_job(database, tenant.id)
    hold_attempt(database, claim(database, job), sent=sent)
    with database.tenant_of(job) as connection:
        interventions.cancel_open(connection, job)
        jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {}, finished_at=ago(1))
    reconcile.reconcile()
    early = [attempt.state for attempt in attempts_of(database, job)]
    with database.system() as connection:
        connection.execute(update(attempt_table).values(created_at=ago(LONG_AGO_S)))

    for _ in range(2):
        reconcile.reconcile()

    assert early == [AttemptState.SENT if sent else AttemptState.INTENDED]
    assert [(one.state, one.cost_micro_usd) for one in attempts_of(database, job)] == [(state, cost)]
    assert job_of(database, job).spent_micro_usd == cost


def test_a_call_of_a_live_seat_is_not_written_off_however_long_it_takes(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    hold_attempt(database, claim(database, job), sent=True)
    with database.system() as connection:
        connection.execute(update(attempt_table).values(created_at=ago(LONG_AGO_S)))

    reconcile.reconcile()

    assert [attempt.state for attempt in attempts_of(database, job)] == [AttemptState.SENT]


def test_nothing_is_done_for_jobs_that_have_ended(database: Database, tenant: Tenant, queues: Queues) -> None:
    for end in (JobStatus.FAILED, JobStatus.CANCELED, JobStatus.EXPIRED):
        job = add_job(database, tenant.id, deadline_s=-0.1)
        claim(database, job, 0)
        with database.tenant_of(job) as connection:
            jobs.move(connection, job, end, "job.failed", {}, finished_at=ago(LONG_AGO_S), open_seats=0)
            connection.execute(update(events).where(events.c.job_id == job).values(announced_at=ago(0.0)))
        set_job(database, job, closed_at=ago(LONG_AGO_S))
        set_seat(database, job, 0, lease_until=ago(LONG_AGO_S))
        set_seat(database, job, 1, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()

    with database.system() as connection:
        versions = connection.execute(select(job_table.c.version)).scalars().all()
    assert versions == [2, 2, 2]
    assert [queues.read(name) for name in (ASKS, "synthesis", "delivery")] == [[], [], []]


# Rounds


def test_a_row_that_cannot_be_handled_does_not_stop_the_others(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    broken, unknown, sound = (add_job(database, tenant.id, seat_count=1) for _ in range(3))
    set_seat(database, broken, published_at=ago(LONG_AGO_S + 2), ladder=["nonsense"])
    set_seat(database, unknown, published_at=ago(LONG_AGO_S + 1), ladder=["nobody/no-model"])
    set_seat(database, sound, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()

    assert asked(queues) == [(unknown, 0), (sound, 0)]


def test_seats_whose_provider_is_gone_are_asked_elsewhere_and_do_not_fill_the_batches_for_ever(
    database: Database, tenant: Tenant, queues: Queues
) -> None:
    broken = add_job(database, tenant.id, seat_count=reconcile.BATCH)
    for seat in range(reconcile.BATCH):
        set_seat(database, broken, seat, published_at=ago(LONG_AGO_S + 1), ladder=["nobody/no-model"])
    sound = add_job(database, tenant.id, seat_count=1)
    set_seat(database, sound, published_at=ago(LONG_AGO_S))

    reconcile.reconcile()
    reconcile.reconcile()

    # A slow machine may be a round late and ask some a second time: what counts is that nobody is left out.
    assert set(asked(queues)) == {(broken, seat) for seat in range(reconcile.BATCH)} | {(sound, 0)}


def test_a_round_that_is_out_of_time_leaves_the_rest_to_the_next(
    database: Database, tenant: Tenant, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add_job(database, tenant.id, seat_count=1)
    set_seat(database, job, published_at=ago(LONG_AGO_S))

    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "ROUND_S", 0.0)
        reconcile.reconcile()
    out_of_time = asked(queues)
    reconcile.reconcile()

    assert (out_of_time, asked(queues)) == ([], [(job, 0)])


def test_a_round_ends_when_the_part_is_lost(database: Database, tenant: Tenant, queues: Queues) -> None:
    ids = [add_job(database, tenant.id, seat_count=1) for _ in range(3)]
    for job in ids:
        set_seat(database, job, published_at=ago(LONG_AGO_S))
    kept: list[None] = []

    def keep() -> None:
        if kept:
            raise Unavailable("The part was lost.")
        kept.append(None)

    with pytest.raises(Unavailable):
        reconcile.reconcile(keep)

    assert len(asked(queues)) == 1
