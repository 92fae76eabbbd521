"""The laws of the tenant's feed: no gap, no number twice or changed, the order of commits; whoever dies meanwhile."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from orchestrator.errors import Unavailable
from orchestrator.settings import Settings
from orchestrator.storage import budgets, circuit_news, feed, jobs, seats
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.feed import EventRow
from orchestrator.storage.migrate import downgrade, upgrade
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import events
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.jobs import JobStatus
from providers.calls import Target
from tasks import circuit_news as circuit_telling
from tasks import reconcile
from tasks.resources import Resources
from tests.integration.rows import add_job, intend
from tests.servers import Tenant, new_tenant

WRITERS = 8
JOBS = 12
LUNA = Target(provider="openai", model="gpt-6-luna")
CROSSING = BudgetEvent(
    type="budget.threshold",
    scope="tenant",
    period="month",
    period_start=date(2026, 11, 1),
    threshold=70,
    limit_micro_usd=5_000_000,
    data={"spent_usd": "3.500000"},
)


def whole(database: Database, tenant: str, size: int = 100) -> list[EventRow]:
    """The feed from its beginning, page by page."""
    found: list[EventRow] = []
    while True:
        with database.tenant(tenant) as connection:
            page = feed.page(connection, found[-1].number or 0 if found else 0, size)
        if not page:
            return found
        found += page


def note(database: Database, job: str, count: int = 1) -> None:
    for _ in range(count):
        with database.tenant_of(job) as connection:
            jobs.note(connection, job, "seat.attempted", {"seat": 0})


def note_and_fail(database: Database, job: str) -> None:
    with database.tenant_of(job) as connection:
        jobs.note(connection, job, "seat.attempted", {"seat": 0})
        raise ZeroDivisionError


def numbers(found: Sequence[EventRow]) -> list[int | None]:
    return [event.number for event in found]


def test_each_tenants_events_are_numbered_from_one(database: Database, tenant: Tenant) -> None:
    other = new_tenant(database, "globex")
    for owner in (tenant, other):
        note(database, add_job(database, owner.id), 3)

    mine, theirs = whole(database, tenant.id), whole(database, other.id)

    assert numbers(mine) == numbers(theirs) == [1, 2, 3, 4]
    assert {event.id for event in mine}.isdisjoint(event.id for event in theirs)


def test_a_page_is_ever_the_same_and_what_comes_later_follows(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    note(database, job, 4)
    before = whole(database, tenant.id, size=2)
    note(database, job, 2)

    after = whole(database, tenant.id, size=3)

    assert after[: len(before)] == before
    assert numbers(after) == list(range(1, 8))


def test_a_change_that_is_undone_leaves_no_gap(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with pytest.raises(ZeroDivisionError):
        note_and_fail(database, job)
    note(database, job)

    assert [(event.number, event.sequence) for event in whole(database, tenant.id)] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("most", [1, 2, 100])
def test_a_clock_that_is_set_back_does_not_turn_a_story_round(database: Database, tenant: Tenant, most: int) -> None:
    job, beside = add_job(database, tenant.id), add_job(database, tenant.id)
    note(database, job, 3)
    note(database, beside, 1)
    with database.system() as connection:
        connection.execute(text("UPDATE events SET at = at - interval '1 hour' WHERE sequence = 3"))

    while True:
        with database.tenant(tenant.id) as connection:
            if not feed.number(connection, most):
                break
    found = whole(database, tenant.id)

    assert numbers(found) == list(range(1, 7))
    assert [event.sequence for event in found if event.job_id == job] == [1, 2, 3, 4]
    assert [event.sequence for event in found if event.job_id == beside] == [1, 2]


def test_a_number_is_never_changed(database: Database, tenant: Tenant) -> None:
    add_job(database, tenant.id)
    whole(database, tenant.id)

    for wrong in (events.c.number + 1, None):
        with pytest.raises(DBAPIError, match="has the number 1"), database.system() as connection:
            connection.execute(update(events).values(number=wrong))


def test_jobs_go_on_while_somebody_gives_numbers(database: Database, tenant: Tenant) -> None:
    job, fresh = add_job(database, tenant.id), add_job(database, tenant.id)
    with database.tenant(tenant.id) as giving:
        feed.number(giving)

        note(database, job)  # would fail after `lock_timeout` if it had to wait
        note(database, fresh)
        add_job(database, tenant.id)

    assert numbers(whole(database, tenant.id)) == list(range(1, 6))


def test_numbering_and_announcing_never_wait_for_each_other(database: Database, tenant: Tenant) -> None:
    made = [add_job(database, tenant.id) for _ in range(12)]
    start = threading.Barrier(3)

    def announce(order: Sequence[str]) -> None:
        start.wait(timeout=10)
        for job in order:
            note(database, job, 4)
            with database.tenant_of(job) as connection:
                jobs.unannounced(connection, job)

    def give() -> None:
        start.wait(timeout=10)
        for _ in range(60):
            with database.tenant(tenant.id) as connection:
                feed.number(connection, 7)

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(announce, made[:6]), pool.submit(announce, made[6:]), pool.submit(give)]
        for each in done:
            each.result(timeout=60)

    assert numbers(whole(database, tenant.id)) == list(range(1, 61))


class Writer:
    """Changes jobs, several in a transaction; keeps the events of each transaction whose commit it knows of."""

    def __init__(self, settings: Settings, tenant: str, made: Sequence[str], seed: int) -> None:
        self._database = connect(settings.database_url.get_secret_value(), pool_size=1, name="victim writer")
        self._tenant = tenant
        self._jobs = made
        self._chance = random.Random(seed)
        self.committed: list[list[tuple[str, int]]] = []
        self.lost = 0

    def write(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self.committed.append(self._transaction())
            except ZeroDivisionError:
                continue  # it was undone
            except Unavailable:
                self.lost += 1
        self._database.close()

    def _transaction(self) -> list[tuple[str, int]]:
        written: list[tuple[str, int]] = []
        with self._database.tenant(self._tenant) as connection:
            for job in sorted(self._chance.sample(self._jobs, self._chance.randint(1, 3))):
                change = jobs.note(connection, job, "seat.attempted", {"seat": 0})
                assert change is not None
                written.append((job, change.version))
            if self._chance.random() < 0.1:
                raise ZeroDivisionError
        return written


class Reader:
    """Follows the feed, as a consumer does."""

    def __init__(self, settings: Settings, tenant: str) -> None:
        self._database = connect(settings.database_url.get_secret_value(), pool_size=1, name="victim reader")
        self._tenant = tenant
        self.found: list[EventRow] = []

    def read(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            with suppress(Unavailable):
                self.found += self._page()  # only what was committed: a number that is undone was never given
        self._database.close()

    def _page(self) -> Sequence[EventRow]:
        with self._database.tenant(self._tenant) as connection:
            return feed.page(connection, self.found[-1].number or 0 if self.found else 0, 50)


@contextmanager
def killing(database: Database, seed: int) -> Iterator[list[int]]:
    """Ends sessions of writers and readers at random moments, wherever they are; gives the list of those it ended."""
    chance, ended, over = random.Random(seed), list[int](), threading.Event()

    def strike() -> None:
        while not over.wait(chance.uniform(0.01, 0.08)):
            with database.system() as connection:
                connection.execute(text("RESET ROLE"))
                pids = connection.execute(
                    text("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'victim%' AND state <> 'idle'")
                ).scalars()
                for pid in chance.sample(found := list(pids), min(1, len(found))):
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                    ended.append(pid)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join(10)


def test_eight_writers_and_three_readers_that_are_killed_at_random_make_one_story(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    made = [add_job(database, tenant.id) for _ in range(JOBS)]
    writers = [Writer(settings, tenant.id, made, seed) for seed in range(WRITERS)]
    readers = [Reader(settings, tenant.id) for _ in range(3)]
    stopping = threading.Event()

    with ThreadPoolExecutor(WRITERS + 3) as pool, killing(database, 7) as ended:
        works = [pool.submit(one.write, stopping) for one in writers] + [
            pool.submit(one.read, stopping) for one in readers
        ]
        deadline = time.monotonic() + 60
        while (len(ended) < 60 or sum(len(one.committed) for one in writers) < 400) and time.monotonic() < deadline:
            time.sleep(0.05)
        stopping.set()
        for work in works:
            work.result(timeout=30)
    found = whole(database, tenant.id)

    place = {(event.job_id, event.sequence): event.number or 0 for event in found}
    assert len(ended) >= 60
    assert sum(one.lost for one in writers) > 0
    assert numbers(found) == list(range(1, len(found) + 1))
    assert {event.id for event in found} == _all_ids(database)
    for reader in readers:  # what a reader was given while all this went on is what stands there now
        assert reader.found == found[: len(reader.found)]
    stories = defaultdict(list)
    for event in found:
        stories[event.job_id].append(event.sequence)
    assert all(story == list(range(1, len(story) + 1)) for story in stories.values())
    for writer in writers:  # what one had committed before it began the next stands before it
        spans = [sorted(place[one] for one in transaction) for transaction in writer.committed]
        assert all(earlier[-1] < later[0] for earlier, later in pairwise(spans))


def _all_ids(database: Database) -> set[str]:
    with database.system() as connection:
        return set(connection.execute(select(events.c.id)).scalars())


def test_what_is_announced_of_a_budget_is_an_event_of_its_tenant_once(database: Database, tenant: Tenant) -> None:
    with database.system() as connection:
        new = [budgets.announce_all(connection, [(tenant.id, CROSSING), ("", CROSSING)]) for _ in range(2)]

    mine, platforms = whole(database, tenant.id), whole(database, "")

    assert [len(each) for each in new] == [2, 0]
    assert [(one.number, one.type, one.job_id, one.sequence) for one in mine] == [(1, "budget.threshold", None, None)]
    assert mine[0].data["spent_usd"] == "3.500000"
    assert (mine[0].data["scope"], mine[0].data["period_start"]) == ("tenant", "2026-11-01")
    assert [one.type for one in platforms] == ["budget.threshold"]


def test_what_was_announced_before_there_was_a_feed_is_put_into_it(
    database_url: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)
    with database.system() as connection:
        budgets.announce_all(connection, [(tenant.id, CROSSING)])
    before = whole(database, tenant.id)

    downgrade(database_url, "0014")
    upgrade(database_url)

    after = whole(database, tenant.id)
    assert [(one.id, one.type, one.job_id, one.data) for one in after] == [
        (one.id, one.type, one.job_id, one.data) for one in before
    ]
    assert [one.job_id for one in after] == [job, None]


def test_who_is_behind_is_found_however_many_events_there_are(database: Database, tenant: Tenant) -> None:
    other, third = new_tenant(database, "globex"), new_tenant(database, "initech")
    for owner in (tenant, other, third):
        note(database, add_job(database, owner.id), 5)
    whole(database, other.id)

    with database.system() as connection:
        found = feed.behind(connection, 0.0, 10)
        one, none = feed.behind(connection, 0.0, 1), feed.behind(connection, 3600.0, 10)

    assert sorted(found) == sorted((tenant.id, third.id))
    assert (len(one), none) == (1, [])


def test_what_nobody_reads_is_numbered_by_the_rounds_of_repair(
    database: Database, tenant: Tenant, worker: Resources
) -> None:
    note(database, add_job(database, tenant.id), 5)
    with database.system() as connection:
        connection.execute(update(events).values(at=events.c.at - text("interval '1 minute'")))

    reconcile.reconcile()

    with database.system() as connection:
        given = connection.execute(select(events.c.number).order_by(events.c.number)).scalars().all()
        assert feed.behind(connection, 0.0, 10) == []
    assert [number for number in given if number is not None][:6] == [1, 2, 3, 4, 5, 6]


def _calls(database: Database, tenant: str, target: Target) -> None:
    job = add_job(database, tenant, ladder=(target,))
    with database.tenant_of(job) as connection:
        row = seats.claim(connection, job, 0, 0, 30.0)
        assert row is not None
        intend(connection, f"atm_{job}", Claim(job=job, seat=0, epoch=row.epoch), target=target)


def _circuit_events(database: Database, tenant: str) -> list[tuple[str, object, object]]:
    found = [one for one in whole(database, tenant) if one.type.startswith("provider.")]
    return [(one.type, one.data["provider"], one.data["model"]) for one in found]


def test_a_circuit_is_told_of_to_those_who_use_it_and_to_the_operators_once(database: Database, tenant: Tenant) -> None:
    other, late = new_tenant(database, "globex"), new_tenant(database, "initech")
    _calls(database, tenant.id, LUNA)
    _calls(database, other.id, Target(provider="openai", model="gpt-6.1-terra"))

    with database.system() as connection:
        opened = [circuit_news.opened(connection, LUNA) for _ in range(2)]
        known = circuit_news.known_open(connection)
    _calls(database, late.id, LUNA)
    with database.system() as connection:
        closed = [circuit_news.closed(connection, LUNA) for _ in range(2)]
        left = circuit_news.known_open(connection)

    both = [("provider.opened", "openai", "gpt-6-luna"), ("provider.closed", "openai", "gpt-6-luna")]
    assert (opened, closed) == ([True, False], [True, False])
    assert (set(known), set(left)) == ({LUNA}, set())
    assert _circuit_events(database, tenant.id) == _circuit_events(database, circuit_news.OPERATORS) == both
    assert _circuit_events(database, other.id) == _circuit_events(database, late.id) == []


def test_a_change_of_a_circuit_that_nobody_told_is_told_by_the_next_round(
    database: Database, tenant: Tenant, worker: Resources
) -> None:
    with database.system() as connection:
        circuit_news.opened(connection, LUNA)  # Redis has forgotten it since

    circuit_telling.catch_up()

    assert [kind for kind, *_ in _circuit_events(database, circuit_news.OPERATORS)] == [
        "provider.opened",
        "provider.closed",
    ]


def test_an_ended_job_tells_nothing_more(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {})
        assert jobs.note(connection, job, "seat.attempted", {}) is None

    assert [one.type for one in whole(database, tenant.id)] == ["job.queued", "job.canceled"]
