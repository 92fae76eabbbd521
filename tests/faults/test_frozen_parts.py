"""A process that stands still while it plays a part that one plays at a time: another plays it within seconds."""

import os
import signal

import pytest
from sqlalchemy import text

from orchestrator.storage.engine import Database
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import SILENT_S
from tests.acceptance.processes import until
from tests.faults.town import Town, judged

PROCESSES = {"synthesis": "synthesis", "maintenance": "maintenance", "maintenance-2": "maintenance"}
ASKING = {"ask": "ask", "ask-2": "ask"}
MANY_JOBS = 40  # more than the window of two small processes holds

_PLAYER = text("""
SELECT substring(application_name FROM '[0-9]+$')::int FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE locktype = 'advisory' AND granted AND objid = :low
""")


def player(database: Database, part: Lock) -> int | None:
    """The process that plays it."""
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        found: int | None = connection.execute(_PLAYER, {"low": part & 0xFFFFFFFF}).scalar_one_or_none()
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("part", [Lock.RECONCILER, Lock.DISPATCHER])
def test_who_stands_still_is_followed_by_another_and_no_job_waits_for_it(town: Town, part: Lock) -> None:
    town.emulator.order("latency", median_ms=300)
    town.processes.environment["MEETINGMIND_ASK_SLOTS"] = "4"
    for name, profile in (PROCESSES | ASKING).items():
        town.processes.start(name, "workers", profile)
    town.processes.await_ready(*PROCESSES, *ASKING)
    frozen = until(lambda: player(town.database, part), "somebody plays the part")

    os.kill(frozen, signal.SIGSTOP)
    jobs = town.submit(jobs=MANY_JOBS)
    alive = next(name for name in ASKING if town.processes.running[name].pid != frozen)
    until(lambda: town.emulator.waiting() > 0, "calls are under way")
    town.processes.kill(alive)
    town.processes.start(alive, "workers", "ask")
    successor = until(
        lambda: (now := player(town.database, part)) != frozen and now, "another plays the part", 3 * SILENT_S
    )
    judged(town, jobs, keep_alive=lambda: None)

    assert successor != frozen
