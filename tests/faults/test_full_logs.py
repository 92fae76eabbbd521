"""A volume for logs that is full: no process minds, no job either."""

from signal import SIGTERM

import httpx
import pytest

from orchestrator.work.jobs import JobStatus
from tests.acceptance.processes import free_port
from tests.faults.town import Town, judged
from tests.integration.workers_in_test import LUNA, UTTERANCES, job_of
from tests.servers import Tenant

WORKERS = ("ask", "synthesis", "delivery", "maintenance", "beat")
JOBS = 4
BODY = {"transcript": {"utterances": UTTERANCES}, "panel": {"models": [LUNA] * 3}}


@pytest.mark.timeout(180)
def test_nobody_needs_room_for_a_log_to_take_jobs_in_end_them_and_stop(town: Town, tenant: Tenant) -> None:
    town.processes.environment["MEETINGMIND_LOG_LEVEL"] = "DEBUG"  # as much to say as can be
    town.emulator.order("faults", match={"persona": "openai"}, fault="500", count=5)
    port = free_port()
    town.processes.start("api", "tests.faults.full_log", "api", "--port", str(port))
    for name in WORKERS:
        town.processes.start(name, "tests.faults.full_log", "workers", name)
    town.processes.await_ready("api", *WORKERS)
    assert not any(town.processes.log(name) for name in ("api", *WORKERS))

    headers = {"Authorization": f"Bearer {tenant.key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as http:
        refused = http.post("/v1/jobs", content=b"{", headers={"Content-Type": "application/json"})
        answers = [http.post("/v1/jobs", json=BODY) for _ in range(JOBS)]
    jobs = [answer.json()["id"] for answer in answers]
    judged(town, jobs, keep_alive=lambda: None)

    assert refused.status_code == 400
    assert {job_of(town.database, job).status for job in jobs} == {JobStatus.SUCCEEDED}
    assert [process.poll() for process in town.processes.running.values()] == [None] * (len(WORKERS) + 1)
    codes = {name: town.processes.stop(name) for name in ("api", *WORKERS)}
    assert codes == dict.fromkeys(WORKERS, 0) | {"api": -SIGTERM}  # uvicorn ends by the signal itself
