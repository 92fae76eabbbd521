"""Every place of the product at which a crash would matter, struck under load in each way; the books are judged after.

The walk is one, so that processes are started once: what a place breaks must not hinder the next.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from ops.drills.link import Link, postgres_target, postgres_through
from orchestrator.failpoints import Place, Struck, arm, reach
from orchestrator.settings import Settings
from orchestrator.storage import migrate
from orchestrator.storage.engine import Database
from tests.acceptance.processes import Processes, until
from tests.faults.town import Town, judged
from tests.faults.walk import FROZEN_S, USUAL_MS, Walk, telephone
from tests.servers import Tenant

AT_WORK: tuple[Place, ...] = tuple(place for place in get_args(Place) if place != "migrate.midway")
# Where the process lives on with what it has begun; at the others an exception ends it like a kill.
RAISED_AT: tuple[Place, ...] = (
    "api.committed",
    "dispatch.marked",
    "attempt.before_intended",
    "attempt.intended",
    "attempt.held",
    "attempt.sent",
    "attempt.answered",
    "attempt.booked",
    "late.closed",
    "synthesis.claimed",
    "synthesis.asked",
    "synthesis.written",
    "reconcile.midway",
)
# Where a process holds something that others may take meanwhile.
FROZEN_AT: tuple[Place, ...] = (
    "dispatch.marked",
    "attempt.before_intended",
    "attempt.held",
    "attempt.sent",
    "attempt.answered",
    "synthesis.claimed",
    "reconcile.midway",
)
# Where a transaction is about to begin or is open.
CUT_AT: tuple[Place, ...] = ("dispatch.marked", "attempt.intended", "attempt.answered", "synthesis.claimed")


@pytest.fixture
def walk(town: Town, tenant: Tenant) -> Iterator[Walk]:
    town.emulator.order("latency", median_ms=USUAL_MS)
    made = Walk(town, tenant.key)
    try:
        yield made
    finally:
        made.wake()


@pytest.mark.timeout(600)
def test_a_process_may_die_at_every_place(walk: Walk) -> None:
    walk.start()

    for place in AT_WORK:
        walk.strike(place, "kill")
    judged(walk.town, walk.jobs, keep_alive=walk.keep_alive)

    assert walk.town.deaths == len(AT_WORK)


@pytest.mark.timeout(600)
def test_what_nobody_expects_may_be_raised_where_a_process_lives_on(walk: Walk) -> None:
    walk.start()

    for place in RAISED_AT:
        walk.strike(place, "raise")
    judged(walk.town, walk.jobs, keep_alive=walk.keep_alive)


@pytest.mark.timeout(300)
def test_a_process_may_freeze_for_longer_than_its_lease(walk: Walk) -> None:
    walk.start()

    for place in FROZEN_AT:
        walk.strike(place, "freeze")
        until(walk.frozen, f"a process is frozen at {place}")
        ends_at = time.monotonic() + FROZEN_S
        until(lambda ends_at=ends_at: time.monotonic() >= ends_at, "its leases are over")  # type: ignore[misc]
        walk.wake()
    judged(walk.town, walk.jobs, keep_alive=walk.keep_alive)

    assert walk.town.deaths == 0


@pytest.mark.timeout(300)
def test_the_way_to_postgresql_may_be_cut_in_the_midst(walk: Walk, settings: Settings) -> None:
    url = settings.database_url.get_secret_value()
    with Link(postgres_target(url)) as link, telephone(link.cut) as number:
        walk.town.processes.environment["DATABASE_URL"] = postgres_through(link, url)
        walk.start()
        for place in CUT_AT:
            walk.strike(place, f"cut {number}")
            until(lambda: not link.manner.accepts, f"the link is cut at {place}")
            ends_at = time.monotonic() + 1.0
            until(lambda ends_at=ends_at: time.monotonic() >= ends_at, "it stays so for a second")  # type: ignore[misc]
            link.mend()
        judged(walk.town, walk.jobs, keep_alive=walk.keep_alive)


def test_a_migration_that_dies_midway_has_changed_nothing_and_runs_again(
    tmp_path: Path, environment: dict[str, str], settings: Settings, database: Database
) -> None:
    url = settings.database_url.get_secret_value()
    newest = _revision(database)
    migrate.downgrade(url, "-1")
    before = _revision(database)
    (tmp_path / "migrate.midway").touch()
    processes = Processes(tmp_path, environment | {"MEETINGMIND_FAILPOINTS": str(tmp_path)})

    processes.start("first", "workers", "migrate")
    killed = processes.running.pop("first").wait(100)
    between = _revision(database)
    processes.start("second", "workers", "migrate")
    done = processes.running.pop("second").wait(100)

    assert (killed, done) == (-9, 0)
    assert before == between != newest
    assert _revision(database) == newest


def test_a_place_is_struck_once_and_only_where_it_is_armed(tmp_path: Path) -> None:
    reach("attempt.sent")
    arm(tmp_path)
    try:
        (tmp_path / "attempt.sent").write_text("raise")
        reach("attempt.booked")
        with pytest.raises(Struck):
            reach("attempt.sent")
        reach("attempt.sent")
    finally:
        arm(None)

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - what is there, not its paths


def _revision(database: Database) -> str:
    with database.system() as connection:
        connection.exec_driver_sql("SET LOCAL role NONE")
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
