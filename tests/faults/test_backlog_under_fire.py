"""Jobs that wait while those who let them go are killed: all end, none is paid twice, and Redis never holds many."""

import pytest
from redis import Redis
from sqlalchemy import func, select

from orchestrator.broker import redis_py_url
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.lanes import FEWEST_MESSAGES
from tests.acceptance.processes import until
from tests.faults.town import SEATS, Town, ended, judged

JOBS = 24  # three times what the window takes: two slots, and the least there is
ROUNDS = 3


def waits(town: Town) -> int:
    with town.database.system() as connection:
        statement = select(func.count()).where(job_table.c.dispatched_at.is_(None), job_table.c.finished_at.is_(None))
        return int(connection.execute(statement).scalar_one())


def standing(town: Town) -> int:
    with Redis.from_url(redis_py_url(town.settings.redis_url.get_secret_value())) as redis:
        return int(redis.llen(f"{town.settings.redis_prefix}ask.openai"))


@pytest.mark.timeout(240)
def test_whoever_lets_jobs_go_may_die_and_they_all_end(town: Town) -> None:
    town.processes.environment["MEETINGMIND_ASK_SLOTS"] = "2"
    town.emulator.order("latency", median_ms=200)
    jobs = town.submit(jobs=JOBS)
    began_with, most = waits(town), standing(town)
    town.start()

    for name in ["maintenance", "ask"] * ROUNDS:
        left = waits(town)
        until(lambda left=left: waits(town) < left or left == 0, "a job went")  # type: ignore[misc]
        most = max(most, standing(town))
        town.processes.running[name].kill()
        town.processes.running[name].wait()
        town.processes.start(name, "workers", name)
    judged(town, jobs)

    assert began_with == JOBS - FEWEST_MESSAGES // SEATS
    # The slots of a killed worker count for half a minute more, and what it had in hand is asked again.
    assert most <= 2 * (FEWEST_MESSAGES + SEATS) < JOBS * SEATS
    assert waits(town) == 0


def test_without_the_dispatcher_what_waits_waits_for_ever(town: Town) -> None:
    """The run has teeth: what is in the window ends, and the rest stays."""
    jobs = town.submit(jobs=JOBS)
    window = jobs[: FEWEST_MESSAGES // SEATS]
    town.start("ask", "maintenance")
    for name in ("ask", "maintenance"):
        town.processes.start(name, "tests.faults.workers_without_dispatcher", name)

    until(lambda: ended(town, window), "the window has ended", 60.0)

    assert waits(town) == JOBS - len(window)
    assert not ended(town, jobs)
