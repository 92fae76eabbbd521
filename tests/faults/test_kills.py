"""Kills at each place of a paid call: what the provider billed, what was booked, and that no seat pays twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from redis import Redis

from orchestrator.broker import redis_py_url
from orchestrator.failpoints import Place
from orchestrator.money.holds import Holds
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL
from tests.acceptance.processes import Emulator, Processes, closing, until
from tests.faults import judging
from tests.faults.judging import Call
from tests.integration.workers_in_test import LUNA, dispatch_of, job_of, producer, request
from tests.servers import Tenant

JOBS, SEATS, KILLS = 4, 2, 3
BEGAN_TO_ANSWER_MS = 300


@dataclass
class Town:
    """A worker of each kind, started again whenever it dies, whose providers are the emulator."""

    processes: Processes
    emulator: Emulator
    database: Database
    settings: Settings
    tenant: str
    failpoints: Path
    deaths: int = 0

    def submit(self, jobs: int = JOBS, seats: int = SEATS) -> list[str]:
        dispatch = dispatch_of(self.database, producer(self.settings), "openai", "aimlapi")
        wish = request(*[LUNA] * seats, allow_extractive=False, deadline_s=90.0)
        return [dispatch.submit(self.tenant, wish).job_id for _ in range(jobs)]

    def start(self, *without: str) -> None:
        for name in ("synthesis", "maintenance", "beat", "ask"):
            if name not in without:
                self.processes.start(name, "workers", name)

    def keep_alive(self) -> None:
        """What a supervisor does."""
        process = self.processes.running["ask"]
        if process.poll() is not None:
            self.deaths += 1
            self.processes.start("ask", "workers", "ask")

    def until_all_ended(self, jobs: list[str], within_s: float = 80.0) -> None:
        def look() -> bool:
            self.keep_alive()
            return all(job_of(self.database, job).status in TERMINAL for job in jobs)

        until(look, "all jobs have ended", within_s)

    def until_at_rest(self) -> None:
        """Nothing is held, and no call is left as under way: the reconciler has been."""
        with Redis.from_url(redis_py_url(self.settings.redis_url.get_secret_value())) as redis:
            holds = Holds(redis, self.settings.redis_prefix)
            until(lambda: not holds.standing_holds(-1) and not self._open_calls(), "all holds are settled", 40.0)

    def calls(self) -> list[Call]:
        bank = self.emulator._http.get("/_control/bank").json()["by_client_request_id"]
        return judging.calls_of(self.database, bank, self.emulator.requests())

    def _open_calls(self) -> list[Call]:
        return [call for call in self.calls() if call.state in {AttemptState.INTENDED, AttemptState.SENT}]


@pytest.fixture
def town(
    tmp_path: Path, environment: dict[str, str], settings: Settings, database: Database, tenant: Tenant
) -> Iterator[Town]:
    failpoints = tmp_path / "failpoints"
    failpoints.mkdir()
    with closing(Emulator(tmp_path)) as emulator:
        named = {"MEETINGMIND_FAILPOINTS": str(failpoints), "MEETINGMIND_SPOOL_DIR": str(tmp_path / "spool")}
        processes = Processes(tmp_path, environment | emulator.environment | named)
        try:
            yield Town(processes, emulator, database, settings, tenant.id, failpoints)
        finally:
            for name in [*processes.running]:
                processes.kill(name)


def judged(town: Town, jobs: list[str]) -> list[Call]:
    town.until_all_ended(jobs)
    town.until_at_rest()
    calls = town.calls()
    judging.books_agree(calls)
    judging.nothing_is_paid_twice(calls)
    judging.every_job_ended_within_its_bound(town.database)
    return calls


@pytest.mark.parametrize("place", get_args(Place))
def test_a_worker_that_dies_at_a_place_of_the_call_leaves_books_that_agree(town: Town, place: Place) -> None:
    jobs = town.submit()
    (town.failpoints / place).touch()
    town.start()

    until(lambda: not (town.failpoints / place).exists(), f"a worker died at {place}")
    calls = judged(town, jobs)

    assert town.deaths == 1
    # Only between the commit of "sent" and the commit of the answer can a call's fate be unknown.
    unknown = [call for call in calls if call.state is AttemptState.AMBIGUOUS]
    assert bool(unknown) or place not in {"attempt.sent", "attempt.answered"}


def test_workers_that_die_again_and_again_in_the_midst_of_answers_leave_books_that_agree(town: Town) -> None:
    town.emulator.order("latency", median_ms=BEGAN_TO_ANSWER_MS)
    jobs = town.submit(jobs=6)
    town.start()

    for _ in range(KILLS):
        until(lambda: town.emulator.waiting() > 0 or ended(town, jobs), "calls are under way")
        town.processes.running["ask"].kill()
        town.processes.running["ask"].wait()
        town.keep_alive()
    judged(town, jobs)

    assert town.deaths == KILLS


def ended(town: Town, jobs: list[str]) -> bool:
    return all(job_of(town.database, job).status in TERMINAL for job in jobs)


def test_without_leases_the_checker_finds_seats_that_pay_twice(town: Town) -> None:
    """The run has teeth: the same checker must fail where the mechanism is switched off."""
    town.emulator.order("latency", median_ms=1_000)
    town.start("ask")
    for name in ("ask", "ask-2"):
        town.processes.start(name, "tests.faults.workers_without_leases")
    town.processes.await_ready("ask", "ask-2")
    jobs = town.submit()

    town.until_all_ended(jobs)
    calls = town.calls()

    with pytest.raises(AssertionError):
        judging.nothing_is_paid_twice(calls)
