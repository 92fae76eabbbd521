"""Machines whose clocks lie, by an hour or a day, forwards or backwards: jobs end as if they did not."""

from datetime import timedelta

import pytest

from orchestrator.work.jobs import JobStatus
from tests.acceptance.processes import until
from tests.faults.town import Town, ended, judged
from tests.integration.workers_in_test import job_of

HOUR_S, DAY_S = 3_600, 86_400
JOBS = 8


@pytest.mark.timeout(240)
@pytest.mark.parametrize("off_s", [HOUR_S, -DAY_S])
def test_workers_whose_clock_is_off_work_as_the_others_do(town: Town, off_s: int) -> None:
    town.emulator.order("latency", median_ms=200)
    for name, profile in (("ask-2", "ask"), ("synthesis", "synthesis"), ("maintenance-2", "maintenance")):
        town.processes.start(name, "tests.faults.lying_clock", str(off_s), profile)
    town.processes.await_ready("ask-2", "synthesis", "maintenance-2")
    assert all("clock.off" in town.processes.log(name) for name in ("ask-2", "synthesis", "maintenance-2"))

    alone = town.submit(jobs=JOBS)  # nobody who is right works on these
    town.until_all_ended(alone, keep_alive=lambda: None)
    for name in ("ask", "maintenance"):
        town.processes.start(name, "workers", name)
    town.processes.await_ready("ask", "maintenance")
    together = town.submit(jobs=JOBS)
    until(lambda: town.emulator.waiting() > 0 or ended(town, together), "calls are under way")
    town.processes.kill("ask")
    town.processes.start("ask", "workers", "ask")
    judged(town, [*alone, *together])

    rows = [job_of(town.database, job) for job in (*alone, *together)]
    assert {row.status for row in rows} == {JobStatus.SUCCEEDED}
    for row in rows:
        assert row.started_at is not None
        assert row.finished_at is not None
        assert timedelta(0) <= row.finished_at - row.started_at < row.deadline_at - row.created_at
        assert abs(row.started_at - row.created_at) < timedelta(minutes=3)
