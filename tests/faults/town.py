"""A worker of each kind and its provider, as processes that may die, and the judgement over what they leave."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from orchestrator.broker import redis_py_url
from orchestrator.money.holds import Holds
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL
from tests.acceptance.processes import Emulator, Processes, until
from tests.faults import judging
from tests.faults.judging import Call
from tests.integration.workers_in_test import LUNA, dispatch_of, job_of, producer, request

JOBS, SEATS = 4, 2


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

    def until_all_ended(
        self, jobs: list[str], within_s: float = 80.0, keep_alive: Callable[[], object] | None = None
    ) -> None:
        def look() -> bool:
            (keep_alive or self.keep_alive)()
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


def judged(town: Town, jobs: list[str], keep_alive: Callable[[], object] | None = None) -> list[Call]:
    town.until_all_ended(jobs, keep_alive=keep_alive)
    town.until_at_rest()
    calls = town.calls()
    judging.books_agree(calls)
    judging.nothing_is_paid_twice(calls)
    judging.every_job_ended_within_its_bound(town.database)
    return calls


def ended(town: Town, jobs: list[str]) -> bool:
    return all(job_of(town.database, job).status in TERMINAL for job in jobs)
