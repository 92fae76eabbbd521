"""Batches by rows: taken in by chunks, held back, let go on, canceled; and one end, whoever ends the last job."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select, update

from orchestrator import failpoints
from orchestrator.batches.amending import Amending
from orchestrator.batches.reprocessing import Reprocessing
from orchestrator.batches.taking import PostedLine, Taking
from orchestrator.dispatch import Dispatch
from orchestrator.errors import (
    AdmissionStopped,
    AlreadyTerminal,
    DomainError,
    IdempotencyMismatch,
    NotFound,
    Overloaded,
)
from orchestrator.settings import Settings
from orchestrator.storage import backlog, batch_results, batch_sources, batches, fleet, lane_figures, tenants
from orchestrator.storage.batch_sources import Which
from orchestrator.storage.batch_tables import batches as batch_table
from orchestrator.storage.batches import BatchRow
from orchestrator.storage.engine import Database
from orchestrator.storage.lane_figures import Queue
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from orchestrator.storage.tables import events as event_table
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.batches import BatchStatus, status
from orchestrator.work.jobs import JobStatus
from orchestrator.work.lanes import Lane
from orchestrator.work.pace import Pace
from providers.calls import JsonObject
from tasks import ask, reconcile, synthesize
from tasks.batches import ABANDONED_AFTER_S
from tasks.dispatch import Dispatcher
from tests.acceptance.processes import until
from tests.integration.workers_in_test import (
    Queues,
    dispatch_of,
    events_of,
    job_of,
    opened,
    producer,
    request,
    seats_of,
)
from tests.servers import Tenant, new_tenant

SEATS = 2


def told(refusal: DomainError) -> JsonObject:
    return {"code": refusal.code, "detail": refusal.message}


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def taking(dispatch: Dispatch) -> Taking:
    return Taking(dispatch, told)


@pytest.fixture
def amending(dispatch: Dispatch) -> Amending:
    return Amending(dispatch)


@pytest.fixture
def queues(redis: "Redis", redis_prefix: str) -> Queues:
    return Queues(redis, redis_prefix)


@pytest.fixture
def dispatcher(database_url: str, dispatch: Dispatch) -> Iterator[Dispatcher]:
    role = Role(database_url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL)
    yield Dispatcher(role, dispatch, dict, most_of_tenant=1_000)
    role.give_up()


@pytest.fixture
def armed(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm(tmp_path)
    yield tmp_path
    failpoints.arm(None)


def lines(first: int, last: int, **fields: object) -> list[PostedLine]:
    """Good lines with those numbers, whose bulk jobs ask two built-in seats each."""
    asked = {"panel": {"size": SEATS}, "priority": "bulk", "deadline_s": 3_600, **fields}
    return [
        PostedLine(
            number=number,
            digest=sha256(str(number).encode()).digest(),
            custom_id=f"c{number}",
            request=request(**asked),
        )
        for number in range(first, last + 1)
    ]


def bad(number: int) -> PostedLine:
    return PostedLine(number=number, digest=b"bad", problem={"code": "malformed-json"})


def taken(taking: Taking, tenant: Tenant, *given: PostedLine, key: str | None = None, atomic: bool = False) -> str:
    """A batch of these lines, each a chunk of its own, taken in to the last."""
    batch = taking.begin(tenant.id, atomic=atomic, first=given[0].request, idempotency_key=key, digest=b"d").batch_id
    for line in given:
        taking.take(tenant.id, batch, [line])
    taking.receive(tenant.id, batch, given[-1].number)
    return batch


def row_of(database: Database, tenant: Tenant, batch: str) -> BatchRow:
    with database.tenant(tenant.id) as connection:
        return batches.read(connection, batch)


def jobs_of(database: Database, batch: str) -> list[str]:
    with database.system() as connection:
        found = select(job_table.c.id).where(job_table.c.batch_id == batch).order_by(job_table.c.id)
        return list(connection.execute(found).scalars())


def news_of(database: Database, batch: str) -> list[JsonObject]:
    with database.system() as connection:
        mine = event_table.c.type == "batch.finished", event_table.c.data["batch_id"].astext == batch
        found = connection.execute(select(event_table.c.data).where(*mine).order_by(event_table.c.at)).scalars()
        return [{name: data[name] for name in ("jobs", "refused", "canceled")} for data in found]


def standing(queues: Queues) -> set[str]:
    return {message.kwargs["job"] for message in queues.read("ask.extractive.bulk")}


def work(job: str) -> None:
    for seat in range(SEATS):
        ask.ask(job=job, seat=seat, epoch=0)
    synthesize.synthesize(job=job)


def test_good_lines_become_jobs_that_wait_and_bad_ones_are_kept_with_their_numbers(
    database: Database, tenant: Tenant, taking: Taking, queues: Queues
) -> None:
    batch = taking.begin(tenant.id, atomic=False, first=None).batch_id
    again = PostedLine(number=4, digest=b"4", custom_id="c1", request=request())
    empty = PostedLine(number=5, digest=b"5", request=request(transcript={"content": " "}))

    taking.take(tenant.id, batch, [*lines(1, 2), bad(3), again, empty])
    taking.receive(tenant.id, batch, 5)

    row = row_of(database, tenant, batch)
    with database.tenant(tenant.id) as connection:
        refused = batches.refused(connection, batch, 0, 10)
    assert (row.lines, row.jobs, row.refused, row.open_jobs, status(row)) == (5, 2, 3, 2, BatchStatus.RUNNING)
    assert [(one.line, one.custom_id, (one.error or {})["code"]) for one in refused] == [
        (3, None, "malformed-json"),
        (4, "c1", "invalid-request"),
        (5, None, "empty-transcript"),
    ]
    for job in jobs_of(database, batch):
        assert events_of(database, job) == ["job.queued"]
        assert job_of(database, job).batch_id == batch
    assert standing(queues) == set()


def stalled(database: Database, lane: Lane) -> None:
    """Workers live and something waits in the lane, and nothing of it has gone of late."""
    with database.system() as connection:
        fleet.seen(connection, "a worker", "ask", 8)
        queue = Queue(jobs=1, weights=1.0, crowds={})
        lane_figures.tell(connection, lane, queue, Pace(seconds=60, jobs=0, asks=0), 1.0)


@pytest.mark.parametrize(("lane", "refused"), [("bulk", 0), ("standard", 2)])
def test_lines_of_a_batch_that_was_let_in_wait_in_the_bulk_lane_while_nothing_goes_and_are_refused_in_others(
    database: Database, tenant: Tenant, taking: Taking, lane: Lane, refused: int
) -> None:
    batch = taking.begin(tenant.id, atomic=False, first=None).batch_id
    taking.take(tenant.id, batch, lines(1, 1, priority=lane))
    stalled(database, lane)

    kept = taking.take(tenant.id, batch, lines(2, 3, priority=lane))
    problems = taking.check(tenant.id, lines(4, 5, priority=lane), set())

    assert [(one.error or {}).get("code") for one in kept if one.job_id is None] == ["overloaded"] * refused
    assert [one["code"] for one in problems] == ["overloaded"] * refused
    with pytest.raises(Overloaded):
        taking.begin(tenant.id, atomic=False, first=lines(6, 6, priority=lane)[0].request)


def test_an_upload_that_a_crash_cut_says_what_it_took_and_the_same_key_finishes_the_rest(
    database: Database, tenant: Tenant, taking: Taking, armed: Path
) -> None:
    def hand_in() -> str:
        begun = taking.begin(tenant.id, atomic=False, first=None, idempotency_key="k", digest=b"d")
        for first in (1, 3, 5):
            taking.take(tenant.id, begun.batch_id, lines(first, first + 1))
        taking.receive(tenant.id, begun.batch_id, 6)
        return begun.batch_id

    (armed / "batch.taken").write_text("raise")
    with pytest.raises(failpoints.Struck):
        hand_in()
    known = taking.begin(tenant.id, atomic=False, first=None, idempotency_key="k", digest=b"d")
    left = row_of(database, tenant, known.batch_id)
    batch = hand_in()
    once = jobs_of(database, batch)
    hand_in()

    assert known.known
    assert (left.lines, left.jobs, status(left)) == (2, 2, BatchStatus.RECEIVING)
    assert batch == known.batch_id
    assert len(once) == 6
    assert jobs_of(database, batch) == once
    assert row_of(database, tenant, batch).jobs == 6


def test_two_who_bring_the_same_lines_under_one_key_at_once_double_nothing(
    database: Database, tenant: Tenant, taking: Taking
) -> None:
    start = threading.Barrier(2)

    def hand_in(_: int) -> str:
        start.wait(10)
        begun = taking.begin(tenant.id, atomic=False, first=None, idempotency_key="k", digest=b"d")
        for line in lines(1, 12):
            taking.take(tenant.id, begun.batch_id, [line])
        taking.receive(tenant.id, begun.batch_id, 12)
        return begun.batch_id

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(hand_in, range(2))

    assert one == other
    assert len(jobs_of(database, one)) == 12
    assert row_of(database, tenant, one).open_jobs == 12


@pytest.mark.parametrize(
    "other",
    [[*lines(1, 1), bad(2)], lines(1, 3)],
    ids=["another line", "more lines"],
)
def test_a_key_that_is_used_with_other_lines_is_refused(
    database: Database, tenant: Tenant, taking: Taking, other: Sequence[PostedLine]
) -> None:
    batch = taken(taking, tenant, *lines(1, 2), key="k")

    with pytest.raises(IdempotencyMismatch):
        taking.take(tenant.id, batch, other)

    assert row_of(database, tenant, batch).jobs == 2


def test_a_key_that_is_used_with_fewer_lines_or_other_defaults_is_refused(tenant: Tenant, taking: Taking) -> None:
    batch = taken(taking, tenant, *lines(1, 2), key="k")

    with pytest.raises(IdempotencyMismatch):
        taking.receive(tenant.id, batch, 1)
    with pytest.raises(IdempotencyMismatch):
        taking.begin(tenant.id, atomic=False, first=None, idempotency_key="k", digest=b"other")


def test_a_batch_is_its_tenants_alone(database: Database, tenant: Tenant, taking: Taking, amending: Amending) -> None:
    batch, other = taken(taking, tenant, *lines(1, 1)), new_tenant(database, "other")

    for change in (amending.pause, amending.resume, amending.cancel, amending.retry):
        with pytest.raises(NotFound):
            change(other.id, batch)
    with database.tenant(other.id) as connection:
        assert batches.page(connection, None, 10) == []
        assert batch_results.page(connection, batch, 0, 10) == []


def test_jobs_of_a_paused_batch_are_not_let_go_close_no_lane_and_do_not_expire(
    database: Database,
    tenant: Tenant,
    taking: Taking,
    amending: Amending,
    dispatcher: Dispatcher,
    queues: Queues,
    settings: Settings,
) -> None:
    batch = taken(taking, tenant, *lines(1, 3))
    amending.pause(tenant.id, batch)

    waits = dispatcher.fill()
    with database.system() as connection:
        counted = lane_figures.count(connection, "bulk")
        connection.execute(update(job_table).values(deadline_at=datetime.now(UTC) - timedelta(hours=1)))
    with database.tenant(tenant.id) as connection:
        line = lane_figures.line(connection, "bulk", 1_000)
    with opened(settings):
        reconcile.reconcile()

    assert waits is False
    assert standing(queues) == set()
    assert (counted.jobs, line.waits, line.own_in_all) == (0, False, 0)
    assert status(row_of(database, tenant, batch)) is BatchStatus.PAUSED
    assert {job_of(database, job).status for job in jobs_of(database, batch)} == {JobStatus.QUEUED}


def test_a_resumed_batch_goes_on_with_as_much_time_as_it_had(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, dispatcher: Dispatcher, queues: Queues
) -> None:
    batch = taken(taking, tenant, *lines(1, 3))
    before = [job_of(database, job).deadline_at for job in jobs_of(database, batch)]
    amending.pause(tenant.id, batch)
    with database.system() as connection:
        longer = job_table.c.paused_at - timedelta(hours=2)
        connection.execute(update(job_table).values(paused_at=longer))

    amending.resume(tenant.id, batch)
    dispatcher.fill()

    after = [job_of(database, job).deadline_at for job in jobs_of(database, batch)]
    assert all(late - early >= timedelta(hours=2) for early, late in zip(before, after, strict=True))
    assert standing(queues) == set(jobs_of(database, batch))
    assert status(row_of(database, tenant, batch)) is BatchStatus.RUNNING


def test_lines_that_come_while_a_batch_is_paused_are_held_back_too(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, dispatcher: Dispatcher, queues: Queues
) -> None:
    batch = taking.begin(tenant.id, atomic=False, first=None).batch_id
    taking.take(tenant.id, batch, lines(1, 1))
    amending.pause(tenant.id, batch)
    taking.take(tenant.id, batch, lines(2, 2))
    taking.receive(tenant.id, batch, 2)

    dispatcher.fill()
    held = standing(queues)
    amending.resume(tenant.id, batch)
    dispatcher.fill()

    assert held == set()
    assert standing(queues) == set(jobs_of(database, batch))


def test_a_pause_between_the_look_and_the_mark_of_the_dispatcher_keeps_the_job(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending
) -> None:
    batch = taken(taking, tenant, *lines(1, 2))
    first, second = jobs_of(database, batch)
    with database.system() as connection:
        found = backlog.waiting(connection, "bulk", 10)
        with database.system() as other:  # as a pause that commits in between
            other.execute(update(job_table).where(job_table.c.id == first).values(paused_at=func.clock_timestamp()))

        bells = backlog.dispatch(connection, found)

    assert {job.job for job in found} == {first, second}
    assert set(bells) == {second}
    with database.system() as connection:
        marked = select(seat_table.c.job_id).where(seat_table.c.published_at.is_not(None)).distinct()
        assert list(connection.execute(marked).scalars()) == [second]


def test_pauses_and_resumes_that_race_the_dispatcher_leave_every_job_gone_or_waiting(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, dispatcher: Dispatcher, queues: Queues
) -> None:
    batch = taken(taking, tenant, *lines(1, 8))
    stop = threading.Event()

    def fill() -> None:
        while not stop.is_set():
            dispatcher.fill()

    filling = threading.Thread(target=fill)
    filling.start()
    for _ in range(15):
        amending.pause(tenant.id, batch)
        with database.system() as connection:
            waits = select(func.count()).where(job_table.c.dispatched_at.is_(None), job_table.c.paused_at.is_(None))
            held = connection.execute(waits.select_from(job_table)).scalar_one()
        assert held == 0
        amending.resume(tenant.id, batch)
    until(lambda: standing(queues) == set(jobs_of(database, batch)), "all of its jobs go in the end")
    stop.set()
    filling.join(10)

    with database.system() as connection:
        assert connection.execute(select(func.count()).where(job_table.c.paused_at.is_not(None))).scalar_one() == 0


def test_a_canceled_batch_has_every_job_canceled_and_one_end(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, dispatcher: Dispatcher
) -> None:
    some = taken(taking, tenant, *lines(1, 3))
    dispatcher.fill()
    with database.tenant(tenant.id) as connection:
        batches.change(connection, some, received_at=None)
    taking.take(tenant.id, some, lines(4, 30))

    amending.cancel(tenant.id, some)
    once = row_of(database, tenant, some)
    amending.cancel(tenant.id, some)

    assert {job_of(database, job).status for job in jobs_of(database, some)} == {JobStatus.CANCELED}
    assert all(seat.status == "canceled" for job in jobs_of(database, some) for seat in seats_of(database, job))
    assert (once.open_jobs, status(once)) == (0, BatchStatus.CANCELED)
    assert row_of(database, tenant, some) == once
    assert news_of(database, some) == [{"jobs": 30, "refused": 0, "canceled": True}]
    with pytest.raises(AlreadyTerminal):
        amending.pause(tenant.id, some)


def test_a_cancel_whose_process_died_is_carried_out_by_the_reconciler(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, armed: Path, settings: Settings
) -> None:
    batch = taken(taking, tenant, *lines(1, 3))
    (armed / "batch.stepped").write_text("raise")

    with pytest.raises(failpoints.Struck):
        amending.cancel(tenant.id, batch)
    left = row_of(database, tenant, batch)
    with opened(settings):
        reconcile.reconcile()

    assert (status(left), left.unsettled) == (BatchStatus.CANCELING, True)
    ended = row_of(database, tenant, batch)
    assert (status(ended), ended.unsettled) == (BatchStatus.CANCELED, False)


def test_jobs_of_an_atomic_batch_wait_for_nothing_until_its_last_line_is_in(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending, dispatcher: Dispatcher, queues: Queues
) -> None:
    batch = taking.begin(tenant.id, atomic=True, first=None).batch_id
    taking.take(tenant.id, batch, lines(1, 2))
    dispatcher.fill()
    before = standing(queues)

    taking.receive(tenant.id, batch, 2)
    amending.settle(tenant.id, batch)
    dispatcher.fill()

    assert before == set()
    assert standing(queues) == set(jobs_of(database, batch))


def test_a_check_tells_all_problems_and_stores_nothing(database: Database, tenant: Tenant, taking: Taking) -> None:
    double = PostedLine(number=3, digest=b"3", custom_id="c1", request=request())

    found = taking.check(tenant.id, [*lines(1, 1), bad(2), double], set())

    assert [(one["line"], one["code"]) for one in found] == [(2, "malformed-json"), (3, "invalid-request")]
    with database.system() as connection:
        assert connection.execute(select(func.count()).select_from(job_table)).scalar_one() == 0


def test_uploads_that_were_left_are_closed_after_a_day(
    database: Database, tenant: Tenant, taking: Taking, settings: Settings
) -> None:
    plain, whole = (taking.begin(tenant.id, atomic=atomic, first=None).batch_id for atomic in (False, True))
    for batch in (plain, whole):
        taking.take(tenant.id, batch, lines(1, 1))
    with database.system() as connection:
        long_ago = datetime.now(UTC) - timedelta(seconds=2 * ABANDONED_AFTER_S)
        connection.execute(update(batch_table).values(touched_at=long_ago))

    with opened(settings):
        reconcile.reconcile()

    assert status(row_of(database, tenant, plain)) is BatchStatus.RUNNING
    assert status(row_of(database, tenant, whole)) is BatchStatus.CANCELED


def test_a_batch_finishes_once_however_many_end_its_last_jobs_at_once(
    database: Database, tenant: Tenant, taking: Taking, settings: Settings
) -> None:
    batch = taken(taking, tenant, *lines(1, 12))
    ids = jobs_of(database, batch)
    start = threading.Barrier(4)

    def end(some: Sequence[str]) -> None:
        start.wait(10)
        for job in some:
            work(job)

    with opened(settings), ThreadPoolExecutor(4) as pool:
        list(pool.map(end, (ids[:6], ids[6:], ids[::2], ids[1::2])))

    row = row_of(database, tenant, batch)
    assert {job_of(database, job).status for job in ids} == {JobStatus.SUCCEEDED}
    assert (row.open_jobs, status(row)) == (0, BatchStatus.FINISHED)
    assert news_of(database, batch) == [{"jobs": 12, "refused": 0, "canceled": False}]


def test_a_batch_without_a_good_line_finishes_with_its_last_one(
    database: Database, tenant: Tenant, taking: Taking
) -> None:
    batch = taken(taking, tenant, bad(1), bad(2))

    assert status(row_of(database, tenant, batch)) is BatchStatus.FINISHED
    assert news_of(database, batch) == [{"jobs": 0, "refused": 2, "canceled": False}]


def test_jobs_that_end_while_lines_come_in_do_not_end_the_batch(
    database: Database, tenant: Tenant, taking: Taking, settings: Settings
) -> None:
    batch = taking.begin(tenant.id, atomic=False, first=None).batch_id
    taking.take(tenant.id, batch, lines(1, 1))
    with opened(settings):
        work(*jobs_of(database, batch))
    early = row_of(database, tenant, batch)

    taking.receive(tenant.id, batch, 1)

    assert (early.open_jobs, status(early)) == (0, BatchStatus.RECEIVING)
    assert status(row_of(database, tenant, batch)) is BatchStatus.FINISHED
    assert len(news_of(database, batch)) == 1


def test_a_retry_has_all_that_ended_badly_go_on_and_the_batch_ends_anew_once(
    database: Database,
    tenant: Tenant,
    taking: Taking,
    amending: Amending,
    settings: Settings,
    dispatcher: Dispatcher,
    queues: Queues,
) -> None:
    batch = taken(taking, tenant, *lines(1, 3))
    good, *others = jobs_of(database, batch)
    with opened(settings):
        work(good)
    amending.cancel(tenant.id, batch)

    amending.retry(tenant.id, batch)
    amending.retry(tenant.id, batch)
    again = row_of(database, tenant, batch)
    dispatcher.fill()
    gone = standing(queues)
    with opened(settings):
        for job in others:
            for seat in seats_of(database, job):
                ask.ask(job=job, seat=seat.seat, epoch=seat.epoch)
            synthesize.synthesize(job=job)

    assert (again.open_jobs, status(again)) == (2, BatchStatus.RUNNING)
    assert gone == set(others)
    assert {job_of(database, job).status for job in (good, *others)} == {JobStatus.SUCCEEDED}
    assert [one["canceled"] for one in news_of(database, batch)] == [True, False]


def test_a_retry_that_is_refused_changes_nothing_and_tells_no_end_anew(
    database: Database, tenant: Tenant, taking: Taking, amending: Amending
) -> None:
    batch = taken(taking, tenant, *lines(1, 2))
    amending.cancel(tenant.id, batch)
    with database.system() as connection:
        tenants.stop(connection, tenant.id, "a bill is odd")

    with pytest.raises(AdmissionStopped):
        amending.retry(tenant.id, batch)

    assert status(row_of(database, tenant, batch)) is BatchStatus.CANCELED
    assert len(news_of(database, batch)) == 1


def test_results_come_in_order_and_end_before_the_first_that_has_not(
    database: Database, tenant: Tenant, taking: Taking, settings: Settings, dispatch: Dispatch
) -> None:
    batch = taken(taking, tenant, lines(1, 1)[0], bad(2), *lines(3, 5))
    first, third, fourth, fifth = jobs_of(database, batch)
    with opened(settings):
        work(first)
        work(third)
        work(fifth)

    with database.tenant(tenant.id) as connection:
        some = batch_results.page(connection, batch, 0, 10)
    dispatch.cancel(tenant.id, fourth)
    with database.tenant(tenant.id) as connection:
        rest = batch_results.page(connection, batch, 3, 10)
        one = batch_results.page(connection, batch, 0, 1)

    assert [(row.line, row.custom_id, row.job_id, row.status) for row in some] == [
        (1, "c1", first, "succeeded"),
        (2, None, None, "refused"),
        (3, "c3", third, "succeeded"),
    ]
    assert [bool(row.result) for row in some] == [True, False, True]
    assert some[1].error == {"code": "malformed-json"}
    assert [(row.line, row.status) for row in rest] == [(4, "canceled"), (5, "succeeded")]
    assert one == some[:1]


def test_stored_meetings_are_analysed_anew_each_once_with_what_was_said_of_them(
    database: Database, tenant: Tenant, taking: Taking, dispatch: Dispatch
) -> None:
    told_of = {"meeting": {"title": "Battery", "type": "planning"}, "tags": ["weekly"], "reference": "crm-1"}
    old = job_of(database, dispatch.submit(tenant.id, request(**told_of)).job_id)
    same = {**told_of, "transcript": {"transcript_id": old.transcript_id}}
    dispatch.submit(tenant.id, request(**same))
    other = job_of(database, dispatch.submit(tenant.id, request(tags=["weekly"])).job_id)
    dispatch.submit(tenant.id, request(tags=["monthly"]))
    source = Reprocessing(database, Which(tag="weekly"), {"strategy": "single", "priority": "bulk"}, told)
    batch = taking.begin(tenant.id, atomic=False, first=None).batch_id

    source.require_some(tenant.id)
    while found := source.next_lines(tenant.id, batch, 1):
        taking.take(tenant.id, batch, found)
    taking.receive(tenant.id, batch, 10)

    made = [job_of(database, job) for job in jobs_of(database, batch)]
    assert [job.transcript_id for job in made] == [old.transcript_id, other.transcript_id]
    assert {(job.strategy_asked, job.priority) for job in made} == {("single", "bulk")}
    assert (made[0].reference, made[0].tags, made[0].context["title"]) == ("crm-1", ["weekly"], "Battery")
    assert made[0].context["type"] == "planning"
    with database.tenant(tenant.id) as connection:
        assert batch_sources.meetings(connection, Which(tag="never"), 10) == 0
        assert [row.custom_id for row in batch_results.page(connection, batch, 0, 10)] == []


def test_a_job_that_leaves_a_batchs_end_is_counted_again(
    database: Database, tenant: Tenant, taking: Taking, dispatch: Dispatch
) -> None:
    batch = taken(taking, tenant, *lines(1, 1))
    (job,) = jobs_of(database, batch)
    dispatch.cancel(tenant.id, job)
    ended = row_of(database, tenant, batch)

    dispatch.retry(tenant.id, job)

    again = row_of(database, tenant, batch)
    assert (ended.open_jobs, status(ended)) == (0, BatchStatus.FINISHED)
    assert (again.open_jobs, status(again)) == (1, BatchStatus.RUNNING)
