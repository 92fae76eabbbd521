"""PostgreSQL goes away while an answer that is paid for is on its way: it is booked all the same, and paid once."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.drills.link import Link, postgres_target, postgres_through
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.work.jobs import TERMINAL, JobStatus
from tests.acceptance.processes import Emulator, Processes, closing, until
from tests.faults import judging
from tests.integration.workers_in_test import (
    LUNA,
    dispatch_of,
    job_of,
    producer,
    request,
)
from tests.servers import Tenant

CANARY = "conventional battery"  # of the transcript, and so of what the emulator answers
THINKS_MS = 1_500


@dataclass
class Town:
    """An ask worker whose way to PostgreSQL can be cut; all others have their own."""

    processes: Processes
    emulator: Emulator
    database: Database
    settings: Settings
    tenant: str
    link: Link
    spool: Path

    def submit(self) -> str:
        dispatch = dispatch_of(self.database, producer(self.settings), "openai", "aimlapi")
        return dispatch.submit(self.tenant, request(LUNA, LUNA, deadline_s=120.0)).job_id

    def start_asking(self) -> None:
        url = postgres_through(self.link, self.settings.database_url.get_secret_value())
        self.processes.start("ask", "workers", "ask", DATABASE_URL=url, MEETINGMIND_LEASE_S="60")
        self.processes.await_ready("ask")

    def until_calls_are_under_way(self) -> None:
        until(lambda: self.emulator.waiting() == 2, "two calls are under way")

    def until_both_are_answered(self) -> None:
        until(lambda: self.emulator.waiting() == 0 and len(self.emulator.requests()) == 2, "both were answered")

    def judge(self, job: str) -> None:
        until(lambda: job_of(self.database, job).status in TERMINAL, "the job has ended", 60.0)
        bank = self.emulator._http.get("/_control/bank").json()["by_client_request_id"]
        calls = judging.calls_of(self.database, bank, self.emulator.requests())
        judging.books_agree(calls)
        assert len(calls) == len(self.emulator.requests()) == 2
        assert job_of(self.database, job).status is JobStatus.SUCCEEDED
        assert job_of(self.database, job).label == "consensus of 2 models"


@pytest.fixture
def town(
    tmp_path: Path, environment: dict[str, str], settings: Settings, database: Database, tenant: Tenant
) -> Iterator[Town]:
    target = postgres_target(settings.database_url.get_secret_value())
    with closing(Emulator(tmp_path)) as emulator, Link(target) as link:
        emulator.order("latency", median_ms=THINKS_MS)
        more = {"MEETINGMIND_SPOOL_DIR": str(tmp_path / "spool")}
        processes = Processes(tmp_path, environment | emulator.environment | more)
        for name in ("synthesis", "maintenance", "beat"):
            processes.start(name, "workers", name)
        try:
            yield Town(processes, emulator, database, settings, tenant.id, link, tmp_path / "spool")
        finally:
            for name in [*processes.running]:
                processes.kill(name)


def test_an_answer_waits_in_its_worker_until_postgresql_is_back(town: Town) -> None:
    town.start_asking()
    job = town.submit()
    town.until_calls_are_under_way()

    town.link.cut()
    town.until_both_are_answered()
    until(lambda: town.processes.log("ask").count("money.kept") == 2, "both answers wait")
    town.link.mend()

    town.judge(job)
    assert [*town.spool.glob("*.sealed")] == []


def test_an_answer_whose_worker_is_told_to_end_is_laid_down_sealed_and_booked_by_the_next(town: Town) -> None:
    town.start_asking()
    job = town.submit()
    town.until_calls_are_under_way()

    town.link.cut()
    town.until_both_are_answered()
    until(lambda: town.processes.log("ask").count("money.kept") == 2, "both answers wait")
    town.processes.running["ask"].send_signal(signal.SIGTERM)
    sealed = until(lambda: files if len(files := [*town.spool.glob("*.sealed")]) == 2 else None, "both lie on the disk")
    told = b"".join(file.read_bytes() for file in sealed)
    town.processes.running.pop("ask").wait(30)
    town.link.mend()
    town.start_asking()

    town.judge(job)
    assert CANARY.encode() not in told
    until(lambda: not [*town.spool.glob("*.sealed")], "the files are gone")


def test_an_answer_that_its_worker_could_not_keep_is_booked_at_its_worst_case(town: Town) -> None:
    """The floor below the promises: kill -9 while PostgreSQL is away loses the answer, and says so."""
    town.start_asking()
    job = town.submit()
    town.until_calls_are_under_way()

    town.link.cut()
    town.until_both_are_answered()
    town.processes.kill("ask")
    town.link.mend()
    with town.database.tenant_of(job) as connection:
        connection.exec_driver_sql("UPDATE seats SET lease_until = clock_timestamp() WHERE status = 'running'")
    town.start_asking()

    until(lambda: job_of(town.database, job).status in TERMINAL, "the job has ended", 60.0)
    bank = town.emulator._http.get("/_control/bank").json()["by_client_request_id"]
    calls = judging.calls_of(town.database, bank, town.emulator.requests())
    judging.books_agree(calls)
    judging.nothing_is_paid_twice(calls)
    judging.every_job_ended_within_its_bound(town.database)
