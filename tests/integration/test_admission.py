"""Who may join a queue: what the dispatcher counts and sees is what a submit goes by. Rows are the witnesses."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, text, update

from orchestrator.dispatch import Dispatch
from orchestrator.errors import Overloaded, QueueFull
from orchestrator.settings import Settings
from orchestrator.storage import backlog, fleet, lane_figures
from orchestrator.storage.engine import Database
from orchestrator.storage.lane_figures import FEW, Queue
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from orchestrator.storage.tables import jobs, tenants
from orchestrator.work.lanes import Lane
from orchestrator.work.pace import Pace
from orchestrator.work.queueing import Line
from tasks.dispatch import Dispatcher
from tasks.lane_watch import LaneWatch
from tests.integration.test_backlog import claim_all, fill_window, submit, waits
from tests.integration.workers_in_test import dispatch_of, producer, request
from tests.servers import Tenant, new_tenant

SLOTS = 8


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


@pytest.fixture
def role(database_url: str) -> Iterator[Role]:
    made = Role(database_url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL)
    yield made
    made.give_up()


@pytest.fixture
def dispatcher(role: Role, dispatch: Dispatch) -> Dispatcher:
    return Dispatcher(role, dispatch, dict, most_of_tenant=1_000)


def with_most(dispatch: Dispatch, most_waiting: int) -> Dispatch:
    return Dispatch(**{**vars(dispatch), "most_waiting": most_waiting})


def live(database: Database, *, profile: str = "ask", slots: int = SLOTS) -> None:
    with database.system() as connection:
        fleet.seen(connection, f"a worker of {profile}", profile, slots)


def fill(dispatch: Dispatch, tenant: Tenant, count: int) -> list[str]:
    """The window of the workers that live is full, and so many jobs wait behind it."""
    gone = submit(dispatch, tenant, 3 * SLOTS // 2)
    return [*gone, *submit(dispatch, tenant, count)]


def told(database: Database, lane: Lane, jobs: int, *, weights: float = 1.0, jobs_per_s: float = 1.0) -> None:
    """As if the dispatcher had counted that many."""
    with database.system() as connection:
        queue = Queue(jobs=jobs, weights=weights, crowds={})
        lane_figures.tell(connection, lane, queue, Pace(seconds=1, jobs=jobs_per_s, asks=3 * jobs_per_s), 1.0)


def line_of(database: Database, tenant: Tenant, lane: Lane = "standard", most: int = 50_000) -> Line:
    with database.tenant(tenant.id) as connection:
        return lane_figures.line(connection, lane, most)


def let_wait(database: Database, like: str, count: int) -> None:
    """Copies of that job, in its lane, as the rows of jobs that wait."""
    columns = [column.name for column in jobs.columns if column.name not in {"id", "dispatched_at"}]
    names = ", ".join(f'"{name}"' for name in columns)
    with database.system() as connection:
        connection.execute(
            text(
                f"INSERT INTO jobs (id, {names}) SELECT 'job_' || lpad(n::text, 26, '0'), {names}"  # noqa: S608 - ours
                " FROM jobs, generate_series(1, :count) AS n WHERE id = :like"
            ),
            {"like": like, "count": count},
        )


def test_a_submit_finds_what_the_dispatcher_counted_and_saw(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    other = new_tenant(database, "other")
    live(database)
    fill(dispatch, tenant, 5)
    submit(dispatch, other, 2)
    dispatcher.fill()

    mine, theirs = line_of(database, tenant), line_of(database, other)

    assert (mine.waits, mine.standing, mine.slots, mine.jobs, mine.weights) == (True, 3 * SLOTS, SLOTS, 7, 2.0)
    assert (mine.own, mine.own_in_all, theirs.own, theirs.own_in_all) == (5, 5, 2, 2)
    assert mine.asks_per_s == pytest.approx(SLOTS / 5)  # nobody has seen any go: a guess of five seconds for each


def test_how_fast_jobs_go_is_what_went_from_round_to_round(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    live(database)
    fill(dispatch, tenant, 4)
    now_s = [0.0]
    watch = LaneWatch(database, lambda: now_s[0])
    with database.system() as connection:
        room = backlog.room(connection, "standard")
        going = backlog.waiting(connection, "standard", 2)[:2]
    watch.saw("standard", room, (), {})
    watch.tell({"standard": True})
    for _ in range(100):
        now_s[0] += 0.5
        watch.saw("standard", room, going, {"extractive/cue-rules": 1.5, "extractive/central-sentences": 1.5})
    watch.tell({"standard": True})

    found = line_of(database, tenant)

    assert found.jobs_per_s == pytest.approx(4.0, rel=0.05)
    assert found.asks_per_s == pytest.approx(8.0, rel=0.05)


def test_figures_end_with_the_queue_so_that_a_new_one_is_not_judged_by_them(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, role: Role
) -> None:
    live(database)
    gone = fill(dispatch, tenant, 2)
    dispatcher.fill()
    before = line_of(database, tenant).jobs
    claim_all(database, *gone[:-2])
    dispatcher.fill()
    dispatcher.fill()

    told(database, "bulk", 99_999)  # of a dispatcher that died with a full queue
    Dispatcher(role, dispatch, dict, most_of_tenant=1_000).fill()

    assert before == 2
    with database.system() as connection:
        assert connection.execute(text("SELECT count(*) FROM lanes")).scalar_one() == 0
    assert line_of(database, tenant).waits is False


def test_a_lane_that_is_too_slow_for_a_newcomer_is_closed_and_nothing_is_stored(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    live(database)
    fill(dispatch, tenant, 1)
    told(database, "standard", 10_000, jobs_per_s=0.001)

    with pytest.raises(Overloaded) as refused:
        dispatch.submit(tenant.id, request(deadline_s=86_400.0))

    assert 1 <= refused.value.retry_after_s <= 600
    assert len(waits(database)) == 1


def test_a_crowd_closes_its_lane_for_itself_and_not_for_others(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    other = new_tenant(database, "other")
    live(database)
    let_wait(database, fill(dispatch, tenant, 1)[-1], 1_000)
    dispatcher.fill()  # the guess is 1.6 asks a second: a thousand jobs take more than a quarter of an hour

    with pytest.raises(Overloaded):
        submit(dispatch, tenant, deadline_s=86_400.0)

    (guest,) = submit(dispatch, other)
    assert guest in waits(database)


def test_a_job_that_would_expire_before_its_turn_is_refused_and_one_with_time_is_not(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    live(database)
    fill(dispatch, tenant, 40)
    live(database)  # on a slow machine forty submits take longer than a worker counts without a word from it
    told(database, "standard", 40)

    with pytest.raises(Overloaded, match="deadline"):
        submit(dispatch, tenant, deadline_s=50.0)

    assert submit(dispatch, tenant, deadline_s=120.0)


def test_without_workers_jobs_are_taken_in_and_wait(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    fill_window(dispatch, tenant)
    submit(dispatch, tenant)
    told(database, "interactive", 100_000, jobs_per_s=0.001)

    assert submit(dispatch, tenant, 5, priority="interactive", deadline_s=30.0)


def test_a_tenant_has_no_more_jobs_waiting_than_it_may_in_all_lanes_together(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    other = new_tenant(database, "other")
    small = with_most(dispatch, 3)
    fill_window(small, tenant)
    fill_window(small, tenant, priority="bulk")
    submit(small, tenant, 2)
    submit(small, tenant, priority="bulk")

    with pytest.raises(QueueFull) as refused:
        submit(small, tenant, priority="interactive")

    assert 1 <= refused.value.retry_after_s <= 600
    assert submit(small, other)


def test_the_same_key_finds_its_job_though_no_new_one_is_taken_in(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    first = dispatch.submit(tenant.id, request(), idempotency_key="k", digest=b"d")
    fill_window(dispatch, tenant)
    submit(dispatch, tenant)

    again = with_most(dispatch, 1).submit(tenant.id, request(), idempotency_key="k", digest=b"d")

    assert (again.job_id, again.replayed) == (first.job_id, True)


def test_a_plan_tells_that_it_would_be_refused_now(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    fill_window(dispatch, tenant)
    submit(dispatch, tenant)

    found = with_most(dispatch, 1).preview(tenant.id, request())

    assert isinstance(found.refusal, QueueFull)
    assert found.plan.seats


@pytest.mark.parametrize("counted", [True, False])
def test_a_crowds_own_jobs_are_known_beyond_what_a_submit_counts(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher, *, counted: bool
) -> None:
    fill_window(dispatch, tenant)
    let_wait(database, submit(dispatch, tenant)[0], 2 * FEW)
    if counted:
        dispatcher.fill()

    assert line_of(database, tenant).own == line_of(database, tenant).own_in_all == 2 * FEW + 1
    assert line_of(database, tenant, most=FEW + 50).own >= FEW + 50


def test_figures_that_nobody_renews_are_not_gone_by(database: Database, tenant: Tenant, dispatch: Dispatch) -> None:
    live(database)
    fill(dispatch, tenant, 1)
    told(database, "standard", 10_000, jobs_per_s=0.001)
    with database.system() as connection:
        connection.execute(text("UPDATE lanes SET told_at = told_at - interval '31 s'"))

    assert line_of(database, tenant).jobs is None
    assert submit(dispatch, tenant)


def test_a_submit_is_told_numbers_of_the_queue_and_no_other_row(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    other = new_tenant(database, "other")
    fill_window(dispatch, other)
    submit(dispatch, other, 2)
    with database.system() as connection:
        connection.execute(update(tenants).where(tenants.c.id == tenant.id).values(weight=2.5))

    found = line_of(database, tenant)

    assert (found.waits, found.own, found.weight) == (True, 0, 2.5)
    with database.tenant(tenant.id) as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0


@pytest.mark.parametrize("look", [lane_figures.line, lambda connection, lane, _: backlog.room(connection, lane)])
def test_slots_that_serve_one_lane_alone_count_there_alone(
    database: Database, tenant: Tenant, dispatch: Dispatch, look: "Callable[..., Line]"
) -> None:
    live(database)
    live(database, profile="ask-interactive", slots=3)
    live(database, profile="synthesis", slots=50)
    for lane in ("interactive", "standard"):
        submit(dispatch, tenant, 20, priority=lane)

    def slots(lane: Lane) -> int:
        with database.tenant(tenant.id) as connection:
            return look(connection, lane, 1_000).slots

    assert (slots("interactive"), slots("standard")) == (SLOTS + 3, SLOTS)
