"""Jobs that wait for a moment of their own: held in rows until then, and by the lanes and turns of all from then on."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select, text, update

from orchestrator import failpoints
from orchestrator.batches.amending import Amending
from orchestrator.batches.taking import Taking
from orchestrator.dispatch import Dispatch
from orchestrator.errors import InvalidRequest, MaxCostTooLow, Overloaded, QueueFull
from orchestrator.routing.replays import ReplayRequest
from orchestrator.settings import Settings
from orchestrator.storage import backlog, batches, lane_figures, scheduled, timelines
from orchestrator.storage.engine import Database
from orchestrator.storage.lane_figures import Queue
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from orchestrator.storage.tables import events as event_table
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.batches import eta_s
from orchestrator.work.jobs import JobStatus
from orchestrator.work.pace import Pace
from orchestrator.work.schedule import FURTHEST
from orchestrator.work.timeline import StageKind
from tasks import ask, reconcile, synthesize
from tasks.dispatch import Dispatcher
from tests.acceptance.processes import until
from tests.integration.test_admission import live
from tests.integration.test_backlog import SEATS, WINDOW, standing, waits
from tests.integration.test_batches import lines, taken, told
from tests.integration.test_batches import standing as standing_in_bulk
from tests.integration.workers_in_test import LUNA, Queues, dispatch_of, job_of, opened, producer, request, seats_of
from tests.servers import Tenant, new_tenant

HOUR = timedelta(hours=1)
DEADLINE_S = 300.0


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def queues(redis: "Redis", redis_prefix: str) -> Queues:
    return Queues(redis, redis_prefix)


@pytest.fixture
def role(database_url: str) -> Iterator[Role]:
    made = Role(database_url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL)
    yield made
    made.give_up()


@pytest.fixture
def dispatcher(role: Role, dispatch: Dispatch) -> Dispatcher:
    return dispatcher_of(role, dispatch)


@pytest.fixture
def armed(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm(tmp_path)
    yield tmp_path
    failpoints.arm(None)


def dispatcher_of(role: Role, dispatch: Dispatch) -> Dispatcher:
    return Dispatcher(role, dispatch, dict, most_of_tenant=1_000)


def in_(length: timedelta) -> str:
    return (datetime.now(UTC) + length).isoformat()


def submit(dispatch: Dispatch, tenant: Tenant, count: int = 1, **wish: object) -> list[str]:
    asked = {"panel": {"size": SEATS}, "not_before": in_(HOUR), "deadline_s": DEADLINE_S, **wish}
    return [dispatch.submit(tenant.id, request(**asked)).job_id for _ in range(count)]


def come_due(database: Database, *ids: str) -> None:
    """As if their moment had come a second ago: of everybody's jobs, or of those."""
    columns = ("not_before", "scheduled_for")
    values = {name: text("clock_timestamp() - interval '1 s'") for name in columns}
    later = {"deadline_at": text(f"clock_timestamp() + interval '{DEADLINE_S - 1} s'")}
    changed = update(job_table).where(job_table.c.scheduled_for.is_not(None)).values(**values, **later)
    with database.system() as connection:
        connection.execute(changed.where(job_table.c.id.in_(ids)) if ids else changed)


def held(database: Database) -> list[str]:
    with database.system() as connection:
        found = select(job_table.c.id).where(job_table.c.scheduled_for.is_not(None)).order_by(job_table.c.id)
        return list(connection.execute(found).scalars())


def releases(dispatcher: Dispatcher, database: Database) -> bool:
    """A round, and whether it left nobody held; a dispatcher looks for those that are due now and then."""
    dispatcher.fill()
    return not held(database)


def course(database: Database, job: str) -> list[StageKind]:
    with database.tenant_of(job) as connection:
        return [stage.kind for stage in timelines.read(connection, job)]


def test_before_its_moment_a_job_goes_nowhere_and_its_time_counts_from_then(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues, settings: Settings
) -> None:
    (job,) = submit(dispatch, tenant)
    with database.system() as connection:
        connection.execute(update(job_table).values(created_at=text("created_at - interval '1 day'")))

    more = dispatcher.fill()
    with opened(settings):
        reconcile.reconcile()

    row = job_of(database, job)
    assert row.not_before is not None
    assert row.deadline_at - row.not_before == timedelta(seconds=DEADLINE_S)
    assert (more, row.status, held(database)) == (False, JobStatus.QUEUED, [job])
    assert standing(queues) == []
    assert [seat.status for seat in seats_of(database, job)] == ["pending"] * SEATS
    assert course(database, job) == [StageKind.SCHEDULED]
    with database.system() as connection:
        said = connection.execute(select(event_table.c.data).where(event_table.c.job_id == job)).scalar_one()
    assert datetime.fromisoformat(said["not_before"]) == row.not_before.replace(
        microsecond=row.not_before.microsecond // 1_000 * 1_000
    )


def test_once_its_moment_has_come_a_job_goes_and_its_waiting_is_told_apart(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues, settings: Settings
) -> None:
    due, later = submit(dispatch, tenant, 2)
    come_due(database, due)
    with database.system() as connection:  # what it was told is part of what is read
        soon = text("jsonb_build_object('not_before', clock_timestamp() - interval '1 s')")
        connection.execute(
            update(event_table)
            .where(event_table.c.job_id == due)
            .values(data=soon, at=text("clock_timestamp() - interval '1 h'"))
        )

    dispatcher.fill()

    assert standing(queues) == [due]
    assert held(database) == [later]
    assert course(database, due) == [StageKind.SCHEDULED, StageKind.QUEUED]
    with opened(settings):
        for seat in range(SEATS):
            ask.ask(job=due, seat=seat, epoch=0)
        synthesize.synthesize(job=due)
    assert job_of(database, due).status is JobStatus.SUCCEEDED


def test_a_moment_that_comes_wakes_a_dispatcher_that_has_nothing_else_to_do(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues
) -> None:
    """By the real clock: nobody moves a row."""
    moment = datetime.now(UTC) + timedelta(seconds=2)
    (job,) = submit(dispatch, tenant, not_before=moment.isoformat())

    dispatcher.start()
    try:
        until(lambda: standing(queues) == [job], "the job has gone")
    finally:
        dispatcher.stop()

    with database.system() as connection:
        gone_at = connection.execute(select(job_table.c.dispatched_at)).scalar_one()
    assert gone_at >= moment


def test_a_moment_that_has_passed_means_now(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    long_ago, just_now = (
        submit(dispatch, tenant, not_before=moment)[0] for moment in ("0001-01-01T00:00:00+14:00", in_(-HOUR))
    )

    assert standing(queues) == [long_ago, just_now]
    assert {job_of(database, job).not_before for job in (long_ago, just_now)} == {None}
    assert course(database, just_now) == [StageKind.QUEUED]


def test_a_moment_too_far_away_is_refused_before_anything_is_stored(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    for moment in (in_(FURTHEST + HOUR), "9999-12-31T23:59:59-14:00"):
        with pytest.raises(InvalidRequest) as refusal:
            submit(dispatch, tenant, not_before=moment)
        assert refusal.value.pointer == "/not_before"
        with pytest.raises(InvalidRequest):
            dispatch.preview(tenant.id, request(not_before=moment))
    submit(dispatch, tenant, not_before=in_(FURTHEST - HOUR))

    assert len(held(database)) == 1


def test_a_long_queue_of_now_keeps_nobody_out_who_comes_later(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    submit(dispatch, tenant, 30, not_before=None)

    def is_refused() -> bool:
        """What is told of a lane grows old within seconds, for which a machine may stand still."""
        live(database)
        with database.system() as connection:
            pace, queue = (
                Pace(seconds=1, jobs=0.001, asks=0.003),
                Queue(jobs=9_000, weights=2.0, crowds={tenant.id: 9_000}),
            )
            lane_figures.tell(connection, "standard", queue, pace, 1.0)
        try:
            submit(dispatch, tenant, not_before=None)
        except Overloaded:
            return True
        return False

    until(is_refused, "whoever comes now is refused")
    (job,) = submit(dispatch, tenant)

    assert held(database) == [job]
    assert dispatch.preview(tenant.id, request(not_before=in_(HOUR))).refusal is None


def test_what_a_job_may_cost_is_judged_at_once(database: Database, tenant: Tenant, settings: Settings) -> None:
    paying = dispatch_of(database, producer(settings), "openai")

    with pytest.raises(MaxCostTooLow):
        paying.submit(tenant.id, request(LUNA, not_before=in_(HOUR), max_cost_usd="0.000001", allow_extractive=False))

    assert held(database) == []


def test_a_tenant_may_have_only_so_many_waiting_for_their_moments(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    few = Dispatch(**{**vars(dispatch), "most_scheduled": 2})
    first, _ = submit(few, tenant, 2)

    with pytest.raises(QueueFull):
        submit(few, tenant)
    submit(few, tenant, not_before=None)
    submit(few, new_tenant(database, "other"))
    few.cancel(tenant.id, first)
    (third,) = submit(few, tenant)
    come_due(database, third)
    dispatcher.fill()

    assert len(submit(few, tenant)) == 1


def test_a_job_that_is_canceled_while_it_waits_never_goes(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues
) -> None:
    (job,) = submit(dispatch, tenant)

    dispatch.cancel(tenant.id, job)
    come_due(database)
    dispatcher.fill()

    assert job_of(database, job).status is JobStatus.CANCELED
    assert standing(queues) == []
    assert course(database, job)[0] is StageKind.SCHEDULED


def test_a_retry_before_its_moment_goes_at_once_with_the_time_that_it_had(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    (job,) = submit(dispatch, tenant)
    dispatch.cancel(tenant.id, job)

    dispatch.retry(tenant.id, job)

    row = job_of(database, job)
    assert standing(queues) == [job]
    assert held(database) == []
    assert row.not_before is not None
    assert abs(row.deadline_at - row.not_before - timedelta(seconds=DEADLINE_S)) < timedelta(seconds=5)
    assert row.not_before < datetime.now(UTC) + HOUR / 2
    dispatch.cancel(tenant.id, job)
    dispatch.retry(tenant.id, job)  # and as much again
    assert job_of(database, job).deadline_at - row.deadline_at < timedelta(seconds=DEADLINE_S)


def test_a_replay_of_such_a_job_goes_at_once(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, settings: Settings
) -> None:
    (job,) = submit(dispatch, tenant)
    come_due(database)
    dispatcher.fill()
    with opened(settings):
        for seat in range(SEATS):
            ask.ask(job=job, seat=seat, epoch=0)
        synthesize.synthesize(job=job)

    made = dispatch.replay(tenant.id, job, ReplayRequest(strategy="single")).job_id

    assert job_of(database, made).not_before is None
    assert held(database) == []


def test_one_that_came_due_while_nobody_dispatched_expires_at_its_deadline(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues, settings: Settings
) -> None:
    over, due = submit(dispatch, tenant, 2)
    come_due(database)
    with database.system() as connection:
        connection.execute(update(job_table).where(job_table.c.id == over).values(deadline_at=text("now()")))

    with opened(settings):
        reconcile.reconcile()
    dispatcher.fill()

    assert job_of(database, over).status is JobStatus.EXPIRED
    assert standing(queues) == [due]


# Many at once


def test_a_crowd_of_one_moment_goes_by_the_turns_of_its_lane(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues
) -> None:
    other = new_tenant(database, "other")
    crowd = submit(dispatch, tenant, 3 * WINDOW // SEATS)
    (guest,) = submit(dispatch, other, not_before=None, priority="bulk")  # a lane of its own
    come_due(database)
    later = submit(dispatch, other, not_before=None)

    dispatcher.fill()

    assert held(database) == []
    assert len(standing(queues)) == WINDOW // SEATS
    assert set(later) <= set(standing(queues))  # it was there before the crowd was due
    assert set(standing(queues)) - set(later) <= set(crowd)
    assert guest not in waits(database)


def test_steps_are_bounded_and_follow_each_other_without_delay(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    (job,) = submit(dispatch, tenant)
    columns = ", ".join(f'"{column.name}"' for column in job_table.columns if column.name != "id")
    with database.system() as connection:
        copied = f"INSERT INTO jobs (id, {columns}) SELECT 'job_' || lpad(n::text, 26, '0'), {columns}"
        many = {"count": scheduled.STEP, "like": job}
        connection.execute(text(f"{copied} FROM jobs, generate_series(1, :count) AS n WHERE id = :like"), many)
    come_due(database)

    dispatcher.fill()
    after_one = len(held(database))
    dispatcher.fill()

    assert (after_one, held(database)) == (1, [])


def test_two_who_release_at_once_share_the_work(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    submit(dispatch, tenant, 12)
    come_due(database)
    begin = threading.Barrier(2)

    def release(_: int) -> int:
        with database.system() as connection:
            begin.wait()
            return scheduled.release(connection)

    with ThreadPoolExecutor(2) as threads:
        released = list(threads.map(release, range(2)))

    assert sum(released) == 12
    assert held(database) == []


def test_what_a_dispatcher_released_before_it_died_is_dispatched_by_the_next(
    database: Database,
    tenant: Tenant,
    dispatch: Dispatch,
    dispatcher: Dispatcher,
    database_url: str,
    queues: Queues,
    armed: Path,
) -> None:
    jobs = submit(dispatch, tenant, 3)
    come_due(database)
    (armed / "dispatch.released").write_text("raise", "utf-8")
    with pytest.raises(failpoints.Struck):
        dispatcher.fill()
    assert (held(database), standing(queues)) == ([], [])

    role = Role(database_url, lock=Lock.DISPATCHER, name="another", channel=backlog.CHANNEL)
    try:
        dispatcher_of(role, dispatch).fill()
    finally:
        role.give_up()

    assert standing(queues) == jobs


def test_the_indexes_find_what_is_due_and_whose_it_is_without_meeting_others(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    submit(dispatch, tenant)
    with database.system() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        due = "SELECT id FROM jobs WHERE scheduled_for <= statement_timestamp() AND finished_at IS NULL LIMIT 9"
        own = "SELECT FROM jobs WHERE tenant_id = 'x' AND scheduled_for IS NOT NULL AND finished_at IS NULL LIMIT 9"
        for statement, index in ((due, "ix_jobs_scheduled"), (own, "ix_jobs_scheduled_own ")):
            plan = "\n".join(connection.execute(text(f"EXPLAIN {statement}")).scalars())
            assert index in plan


# Batches


def test_a_batch_that_is_resumed_before_the_moment_lets_nobody_go(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues
) -> None:
    amending, batch = Amending(dispatch), taken(Taking(dispatch, told), tenant, *lines(1, 3, not_before=in_(HOUR)))
    before = [job_of(database, job).deadline_at for job in held(database)]

    amending.pause(tenant.id, batch)
    with database.system() as connection:
        connection.execute(update(job_table).values(paused_at=text("paused_at - interval '2 h'")))
    amending.resume(tenant.id, batch)
    dispatcher.fill()
    early = standing_in_bulk(queues)
    after = [job_of(database, job).deadline_at for job in held(database)]
    come_due(database)
    until(lambda: releases(dispatcher, database), "they have been released")

    assert (early, len(before), after) == (set(), 3, before)
    assert len(standing_in_bulk(queues)) == 3


def test_a_moment_that_comes_while_a_batch_is_paused_lets_nobody_go(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, queues: Queues
) -> None:
    amending, batch = Amending(dispatch), taken(Taking(dispatch, told), tenant, *lines(1, 3, not_before=in_(HOUR)))
    amending.pause(tenant.id, batch)
    come_due(database)
    with database.system() as connection:
        ago = text("clock_timestamp() - interval '2 h'")
        connection.execute(update(job_table).values(paused_at=ago, not_before=text("now() - interval '1 h'")))
        before = connection.execute(select(func.max(job_table.c.deadline_at))).scalar_one()

    dispatcher.fill()
    while_paused = standing_in_bulk(queues)
    amending.resume(tenant.id, batch)
    dispatcher.fill()

    assert while_paused == set()
    assert len(standing_in_bulk(queues)) == 3
    with database.system() as connection:
        after = connection.execute(select(func.max(job_table.c.deadline_at))).scalar_one()
    # What it lost to the pause is what came after its moment, not what came before.
    assert HOUR <= after - before < 1.5 * HOUR


def test_a_batch_of_later_lines_is_canceled_at_once_and_nobody_guesses_its_end(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    batch = taken(Taking(dispatch, told), tenant, *lines(1, 2, not_before=in_(HOUR)), *lines(3, 3))
    with database.tenant(tenant.id) as connection:
        tallies = batches.tallies(connection, batch)
    mixed = [(tally.waits, tally.scheduled, tally.jobs) for tally in sorted(tallies, key=lambda one: one.scheduled)]

    Amending(dispatch).cancel(tenant.id, batch)

    assert mixed == [(True, False, 1), (True, True, 2)]
    assert eta_s(tallies, {}) is None
    with database.system() as connection:
        assert set(connection.execute(select(job_table.c.status)).scalars()) == {JobStatus.CANCELED}


def test_a_line_whose_moment_is_too_far_is_a_problem_of_its_own(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    far, near = lines(1, 1, not_before=in_(2 * FURTHEST)), lines(2, 2, not_before=in_(HOUR))
    taking = Taking(dispatch, told)

    problems = taking.check(tenant.id, [*far, *near], set())
    taken(taking, tenant, *far, *near)

    assert [problem["line"] for problem in problems] == [1]
    assert len(held(database)) == 1
