"""Accepted jobs wait in PostgreSQL, few stand in the broker, and turns are fair: rows and queues are the witnesses."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import select, text, update

from orchestrator.dispatch import Dispatch
from orchestrator.errors import Unavailable
from orchestrator.settings import Settings
from orchestrator.storage import backlog, fleet, interventions, seats
from orchestrator.storage.engine import Database
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from orchestrator.storage.tables import jobs, tenants
from orchestrator.storage.tables import seats as seat_table
from orchestrator.work.jobs import JobStatus
from orchestrator.work.lanes import FEWEST_MESSAGES, MESSAGES_PER_SLOT
from tasks import reconcile
from tasks.dispatch import Dispatcher
from tests.acceptance.processes import until
from tests.integration.rows import add_job
from tests.integration.workers_in_test import Queues, dispatch_of, job_of, opened, producer, request, seats_of
from tests.servers import Tenant, new_tenant

SEATS = 2  # of every job here; the window is a multiple of it
WINDOW = FEWEST_MESSAGES


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
    return Dispatcher(role, dispatch, dict, most_of_tenant=1_000)


def submit(dispatch: Dispatch, tenant: Tenant, count: int = 1, **wish: object) -> list[str]:
    asked = {"panel": {"size": SEATS}, **wish}
    return [dispatch.submit(tenant.id, request(**asked)).job_id for _ in range(count)]


def fill_window(dispatch: Dispatch, tenant: Tenant, **wish: object) -> list[str]:
    return submit(dispatch, tenant, WINDOW // SEATS, **wish)


def waits(database: Database) -> list[str]:
    """The jobs that wait for their turn, in the order of their acceptance."""
    with database.system() as connection:
        found = connection.execute(select(jobs.c.id).where(jobs.c.dispatched_at.is_(None)).order_by(jobs.c.id))
        return list(found.scalars())


def standing(queues: Queues, lane: str = "") -> list[str]:
    """The jobs whose asks stand in the broker, once for each, the next one first."""
    found = [message.kwargs["job"] for message in queues.read(f"ask.extractive{lane}")]
    return list(dict.fromkeys(reversed(found)))


def claim_all(database: Database, *ids: str) -> None:
    """As workers would: the asks of these jobs are heard."""
    for job in ids:
        with database.tenant_of(job) as connection:
            for seat in range(SEATS):
                assert seats.claim(connection, job, seat, 0, 30.0) is not None


def test_a_job_goes_at_once_while_there_is_room_and_waits_in_rows_when_there_is_none(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues
) -> None:
    first = fill_window(dispatch, tenant)
    late = submit(dispatch, tenant, 2)

    assert standing(queues) == first
    assert waits(database) == late
    assert [seat.status for seat in seats_of(database, late[0])] == ["pending"] * SEATS


def test_room_is_filled_again_as_asks_are_heard_and_nobody_passes_who_waits(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues, dispatcher: Dispatcher
) -> None:
    first = fill_window(dispatch, tenant)
    late = submit(dispatch, tenant, 2)
    no_room = dispatcher.fill()
    claim_all(database, *first[:1])
    later = submit(dispatch, tenant)  # there is room for it, but others wait

    one_more = dispatcher.fill()

    assert (no_room, one_more) == (True, True)
    assert standing(queues) == [*first, late[0]]
    assert waits(database) == [late[1], *later]


def test_the_last_that_waits_goes_and_then_nothing_waits(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    first = fill_window(dispatch, tenant)
    submit(dispatch, tenant, 3)
    claim_all(database, *first)

    dispatcher.fill()

    assert waits(database) == []
    assert dispatcher.fill() is False


def test_a_crowd_of_one_tenant_does_not_keep_another_waiting(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues, dispatcher: Dispatcher
) -> None:
    other = new_tenant(database, "other")
    first = fill_window(dispatch, tenant)
    submit(dispatch, tenant, 20)
    (guest,) = submit(dispatch, other)
    claim_all(database, *first[:2])

    dispatcher.fill()

    assert guest in standing(queues)
    assert len(standing(queues)) == len(first) + 2


def test_weights_are_shares_of_a_full_lane(
    database: Database, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    heavy = new_tenant(database, "heavy")
    with database.system() as connection:
        connection.execute(update(tenants).where(tenants.c.id == heavy.id).values(weight=3.0))
    gone = fill_window(dispatch, tenant)
    whose = {job: name.id for name in (tenant, heavy) for job in submit(dispatch, name, 24)}
    for _ in range(4):
        claim_all(database, *gone)
        before = set(waits(database))
        dispatcher.fill()
        gone = sorted(before - set(waits(database)))

    served = Counter(whose[job] for job in set(whose) - set(waits(database)))
    assert served == {heavy.id: 24, tenant.id: 8}


def test_lanes_have_rooms_of_their_own(database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues) -> None:
    fill_window(dispatch, tenant, priority="bulk")
    (late,) = submit(dispatch, tenant, priority="bulk")
    (urgent,) = submit(dispatch, tenant, priority="interactive")

    assert waits(database) == [late]
    assert standing(queues, ".interactive") == [urgent]


def test_a_tenant_has_no_more_under_way_than_it_may(
    database: Database, tenant: Tenant, settings: Settings, role: Role, queues: Queues
) -> None:
    other = new_tenant(database, "other")
    made = dispatch_of(database, producer(settings))
    capped = Dispatch(**{**vars(made), "most_of_tenant": 4})
    first = submit(capped, tenant, 5)
    guest = submit(capped, other)
    dispatcher = Dispatcher(role, capped, dict, most_of_tenant=4)

    dispatcher.fill()
    held = waits(database)
    claim_all(database, *first[:1])
    dispatcher.fill()
    while_running = waits(database)
    with database.tenant_of(first[0]) as connection:
        interventions.cancel_open(connection, first[0])
    dispatcher.fill()

    assert held == while_running == first[2:]  # a call under way counts as much as one that stands in the broker
    assert waits(database) == first[3:]
    assert set(standing(queues)) == {*first[:3], *guest}


def test_the_window_follows_the_slots_of_the_workers_that_live(database: Database, tenant: Tenant) -> None:
    def left() -> int:
        with database.tenant(tenant.id) as connection:
            return backlog.room(connection, "standard").left

    assert left() == FEWEST_MESSAGES
    with database.system() as connection:
        for worker, slots in (("one", 8), ("two", 32)):
            fleet.seen(connection, worker, "ask", slots)
        fleet.seen(connection, "three", "synthesis", 100)
    both = left()
    with database.system() as connection:
        fleet.gone(connection, "two")
        connection.execute(text("UPDATE workers SET seen_at = clock_timestamp() - interval '40 s' WHERE id = 'one'"))
    silent = left()
    with database.system() as connection:
        fleet.seen(connection, "one", "ask", 8)

    assert both == MESSAGES_PER_SLOT * 40
    assert silent == FEWEST_MESSAGES
    assert left() == MESSAGES_PER_SLOT * 8


def test_a_worker_that_was_silent_for_long_is_forgotten(database: Database) -> None:
    with database.system() as connection:
        fleet.seen(connection, "lost", "ask", 8)
        connection.execute(text("UPDATE workers SET seen_at = clock_timestamp() - interval '11 min'"))
        fleet.seen(connection, "other", "ask", 8)

        assert connection.execute(text("SELECT id FROM workers")).scalars().all() == ["other"]


def test_a_waiting_job_that_is_canceled_never_goes(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues, dispatcher: Dispatcher
) -> None:
    first = fill_window(dispatch, tenant)
    (late,) = submit(dispatch, tenant)
    dispatch.cancel(tenant.id, late)
    claim_all(database, *first)

    assert dispatcher.fill() is False

    assert late not in standing(queues)
    assert job_of(database, late).status is JobStatus.CANCELED


def test_a_job_that_is_canceled_while_it_is_picked_is_left_out(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    fill_window(dispatch, tenant)
    kept, lost = submit(dispatch, tenant, 2)
    with database.system() as connection:
        picked = backlog.waiting(connection, "standard", 4)
    dispatch.cancel(tenant.id, lost)

    with database.system() as connection:
        bells = backlog.dispatch(connection, picked)
        again = backlog.dispatch(connection, picked)

    assert {job: [bell.seat for bell in of_job] for job, of_job in bells.items()} == {kept: list(range(SEATS))}
    assert again == {}


def test_rounds_of_repair_leave_alone_what_only_waits(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues, settings: Settings
) -> None:
    first = fill_window(dispatch, tenant)
    (late,) = submit(dispatch, tenant)
    with database.system() as connection:
        connection.execute(update(jobs).values(created_at=text("created_at - interval '1 h'")))

    with opened(settings):
        reconcile.reconcile()

    assert standing(queues) == first
    assert waits(database) == [late]


def test_a_waiting_job_expires_at_its_deadline(
    database: Database, tenant: Tenant, dispatch: Dispatch, settings: Settings
) -> None:
    fill_window(dispatch, tenant)
    (late,) = submit(dispatch, tenant)
    with database.system() as connection:
        connection.execute(update(jobs).where(jobs.c.id == late).values(deadline_at=text("clock_timestamp()")))

    with opened(settings):
        reconcile.reconcile()

    assert job_of(database, late).status is JobStatus.EXPIRED
    with database.system() as connection:
        assert backlog.waiting(connection, "standard", 10) == []


def test_what_was_marked_and_not_published_is_published_by_the_reconciler(
    database: Database, tenant: Tenant, dispatch: Dispatch, queues: Queues, settings: Settings
) -> None:
    fill_window(dispatch, tenant)
    (late,) = submit(dispatch, tenant)
    with database.system() as connection:  # a dispatcher that dies right after its commit
        backlog.dispatch(connection, backlog.waiting(connection, "standard", 10))
        ago = text(f"clock_timestamp() - make_interval(secs => {settings.unclaimed_after_s + 1})")
        connection.execute(update(seat_table).where(seat_table.c.job_id == late).values(published_at=ago))

    with opened(settings):
        reconcile.reconcile()

    assert late in standing(queues)


def test_a_broker_that_is_away_costs_no_more_than_a_window(
    database: Database, tenant: Tenant, settings: Settings, role: Role
) -> None:
    nowhere = dispatch_of(database, producer(settings, "redis://127.0.0.1:1/0"))
    submitted = submit(nowhere, tenant, WINDOW // SEATS + 3)

    Dispatcher(role, nowhere, dict, most_of_tenant=1_000).fill()

    assert waits(database) == submitted[WINDOW // SEATS :]


def test_a_followers_head_start_begins_when_its_leader_goes(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.system() as connection:
        connection.execute(update(jobs).values(dispatched_at=None))
        connection.execute(update(seat_table).values(published_at=None))
        connection.execute(update(seat_table).where(seat_table.c.seat == 1).values(follows=0))
        (bells,) = backlog.dispatch(connection, backlog.waiting(connection, "standard", 4)).values()
        due = connection.execute(
            text("SELECT next_at - clock_timestamp() FROM seats WHERE job_id = :job AND seat = 1"), {"job": job}
        ).scalar_one()

    assert [bell.seat for bell in bells] == [0]
    assert seats.HEAD_START_S - 5 < due.total_seconds() <= seats.HEAD_START_S


# The part


def test_one_process_plays_the_part_and_the_next_has_it_when_its_session_ends(
    database_url: str, database: Database
) -> None:
    one, two = (Role(database_url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL) for _ in range(2))
    taken = [one.take(), two.take(), one.take()]
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :low"
        connection.execute(text(held), {"low": Lock.DISPATCHER & 0xFFFFFFFF})

    until(two.take, "the part is free", within_s=10)

    assert taken == [True, False, True]
    with pytest.raises(Unavailable):
        one.wait(0.1)
    assert one.take() is False
    two.give_up()
    until(one.take, "PostgreSQL has seen that the session ended", within_s=10)
    one.give_up()


def test_the_first_job_that_waits_knocks_and_the_next_ones_do_not(
    tenant: Tenant, dispatch: Dispatch, role: Role
) -> None:
    fill_window(dispatch, tenant)
    assert role.take()

    silent = role.wait(0.0)
    submit(dispatch, tenant)
    began = time.monotonic()
    heard = role.wait(30.0)
    took_s = time.monotonic() - began
    submit(dispatch, tenant)

    assert (silent, heard, role.wait(0.0)) == (False, True, False)
    assert took_s < 20.0


def test_the_thread_lets_jobs_go_by_itself_and_gives_its_part_up_when_it_stops(
    database: Database, database_url: str, tenant: Tenant, dispatch: Dispatch, dispatcher: Dispatcher
) -> None:
    first = fill_window(dispatch, tenant)
    late = submit(dispatch, tenant, 3)
    dispatcher.start()
    claim_all(database, *first)

    until(lambda: waits(database) == [], "nothing waits", within_s=20)
    dispatcher.stop()

    assert len(late) == 3
    successor = Role(database_url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL)
    assert successor.take() is True
    successor.give_up()
