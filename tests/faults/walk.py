"""A walk through the failpoints: the whole product at work, struck at one place after the other, judged once at rest.

Each place has what makes the product come by it; most come by themselves when a job is posted.
"""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Final
from uuid import uuid4

import httpx
from redis import Redis
from sqlalchemy import select

from orchestrator import names, queues
from orchestrator.broker import redis_py_url
from orchestrator.failpoints import Place
from orchestrator.storage.tables import jobs
from orchestrator.work.jobs import TERMINAL
from tests.acceptance.processes import free_port, until
from tests.faults.town import Town
from tests.integration.workers_in_test import LUNA, SEAL, THREE, UTTERANCES, job_of, producer

PROCESSES: Final = {"ask": "ask", "ask-2": "ask"} | {
    name: name for name in ("synthesis", "delivery", "maintenance", "beat")
}
REACHED_WITHIN_S: Final = 40.0
USUAL_MS: Final = 100
FROZEN_S: Final = 3.0  # longer than a lease of these tests

Post = Callable[["Walk"], None]


@dataclass
class Walk:
    """The town with its door; `jobs` are those that were answered with 202, each once, whatever broke meanwhile."""

    town: Town
    key: str
    port: int = field(default_factory=free_port)
    jobs: list[str] = field(default_factory=list)
    waking: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        self.town.processes.environment["MEETINGMIND_ASK_SLOTS"] = "2"
        for name in (*PROCESSES, "api"):
            self._start(name)
        self.town.processes.await_ready(*PROCESSES, "api")

    def strike(self, place: Place, order: str) -> None:
        """Have the place be struck by whoever comes by next, and see that somebody does."""
        armed = self.town.failpoints / place
        armed.write_text(order, "utf-8")
        PROVOKED.get(place, post_a_pair)(self)
        until(lambda: self.keep_alive() or not armed.exists(), f"{place} is reached", REACHED_WITHIN_S)

    def post(self, *models: str, **fields: object) -> str:
        """The id of a new job: asked again under one key until somebody answers."""
        body = {"transcript": {"utterances": UTTERANCES}, "panel": {"models": list(models)}, "deadline_s": 120} | fields
        key = uuid4().hex
        answer = until(lambda: self._ask("/v1/jobs", json=body, headers={"Idempotency-Key": key}), "a job is taken in")
        job: str = answer.json()["id"]
        self.jobs.append(job)
        return job

    def tell(self, job: str, what: str) -> None:
        until(lambda: self._ask(f"/v1/jobs/{job}/{what}"), f"{job} has been told: {what}")

    def erase(self, job: str) -> None:
        until(lambda: self._ask(f"/v1/jobs/{job}", method="DELETE"), f"{job} has been erased")

    def requeue(self, jobs: list[str]) -> None:
        asked = {"json": {"job_ids": jobs}, "headers": {"Idempotency-Key": uuid4().hex}}
        until(lambda: self._ask("/v1/dead-letters/requeue", **asked), "jobs have been requeued")

    def replay(self, job: str) -> None:
        """Have another be made over its answers; it counts among the jobs, once it has been answered."""
        until(lambda: self.keep_alive() or job_of(self.town.database, job).status in TERMINAL, f"{job} has ended")
        asked = {"json": {"strategy": "single"}, "headers": {"Idempotency-Key": uuid4().hex}}
        answer = until(lambda: self._ask(f"/v1/jobs/{job}/replay", **asked), "a replay is taken in")
        self.jobs.append(answer.json()["id"])

    def hand_in(self, count: int) -> None:
        """A batch of so many jobs, handed in again under one key until somebody answers for the whole of it."""
        asked = {"transcript": {"utterances": UTTERANCES}, "panel": {"models": [LUNA, LUNA]}, "deadline_s": 120}
        headers = {"Idempotency-Key": uuid4().hex}
        answer = until(
            lambda: self._ask("/v1/batches", json={"jobs": [asked] * count}, headers=headers), "a batch is taken in"
        )
        with self.town.database.system() as connection:
            found = select(jobs.c.id).where(jobs.c.batch_id == answer.json()["id"])
            self.jobs.extend(connection.execute(found).scalars())

    def redis(self) -> "Redis":
        return Redis.from_url(redis_py_url(self.town.settings.redis_url.get_secret_value()))

    def keep_alive(self) -> bool:
        """What a supervisor does. Always False, so that a wait goes on."""
        for name, process in self.town.processes.running.items():
            if process.poll() is not None:
                self.town.deaths += 1
                self._start(name)
        return False

    def wake(self) -> None:
        """Let those go on that have been frozen."""
        for process in self.town.processes.running.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)

    def frozen(self) -> list[int]:
        found = [process.pid for process in self.town.processes.running.values()]
        return [pid for pid in found if _state(pid) == "T"]

    def _start(self, name: str) -> None:
        if name == "api":
            # It has a way of its own to PostgreSQL: jobs are posted while that of the workers is cut.
            url = self.town.settings.database_url.get_secret_value()
            self.town.processes.start("api", "api", "--port", str(self.port), DATABASE_URL=url)
        else:
            self.town.processes.start(name, "workers", PROCESSES[name])

    def _ask(self, path: str, /, **given: object) -> httpx.Response | None:
        """Args: given, as httpx has it; `method` is POST unless it is another."""
        self.keep_alive()
        headers = {"Authorization": f"Bearer {self.key}"} | dict(given.pop("headers", {}))  # type: ignore[call-overload]
        try:
            answer = httpx.request(
                str(given.pop("method", "POST")),
                f"http://127.0.0.1:{self.port}{path}",
                headers=headers,
                timeout=10.0,
                trust_env=False,
                **given,  # type: ignore[arg-type]
            )
        except httpx.TransportError:
            return None
        return answer if answer.status_code < 500 else None


@contextmanager
def telephone(strike: Callable[[], None]) -> Iterator[str]:
    """An address that a place calls when it is told to `cut`; the call ends when `strike` has returned."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = door.accept()
                    with caller:
                        strike()

        Thread(target=answer, daemon=True).start()
        yield f"127.0.0.1:{door.getsockname()[1]}"


def post_a_pair(walk: Walk) -> None:
    for _ in range(2):
        walk.post(LUNA, LUNA)


def post_a_crowd(walk: Walk) -> None:
    """More than the window takes, in the time that a slow provider leaves, so that some wait."""
    walk.town.emulator.order("latency", median_ms=5_000)
    for _ in range(12):
        walk.post(LUNA, LUNA)
    walk.town.emulator.order("latency", median_ms=USUAL_MS)


def post_for_later(walk: Walk) -> None:
    """By then it has long been taken in."""
    walk.post(LUNA, LUNA, not_before=(datetime.now(UTC) + timedelta(seconds=8)).isoformat())


def post_a_slow_one(walk: Walk) -> None:
    """Its third model is late."""
    *quick, slow = THREE
    walk.town.emulator.order("latency", model=slow.split("/")[1], median_ms=30_000)
    job = walk.post(*quick, slow, priority="interactive", allow_substitution=False)
    until(lambda: walk.keep_alive() or _is_late(walk, job), "the third is late", REACHED_WITHIN_S)
    walk.town.emulator.order("latency", model=slow.split("/")[1], median_ms=100)


def post_one_that_fails_over(walk: Walk) -> None:
    walk.town.emulator.order("faults", match={"persona": "openai"}, fault="503", count=2)
    post_a_pair(walk)


def post_one_that_must_be_mended(walk: Walk) -> None:
    walk.town.emulator.order("faults", match={"persona": "openai"}, fault="other_schema", count=2)
    post_a_pair(walk)


def post_one_with_a_lead(walk: Walk) -> None:
    walk.post(*THREE[:2], strategy="hierarchical", policy="quality")


def post_and_lose_the_asks(walk: Walk) -> None:
    post_a_crowd(walk)
    with walk.redis() as redis:
        redis.delete(f"{walk.town.settings.redis_prefix}{queues.of_provider('openai')}")


def post_after_a_flush(walk: Walk) -> None:
    with walk.redis() as redis:
        redis.flushall()
    post_a_pair(walk)


def cancel_one(walk: Walk) -> None:
    walk.tell(walk.post(LUNA, LUNA), "cancel")


def retry_one(walk: Walk) -> None:
    job = walk.post(LUNA, LUNA)
    walk.tell(job, "cancel")
    walk.tell(job, "retry")


def requeue_some(walk: Walk) -> None:
    jobs = [walk.post(LUNA, LUNA) for _ in range(2)]
    for job in jobs:
        walk.tell(job, "cancel")
    walk.requeue(jobs)


def erase_one(walk: Walk) -> None:
    walk.erase(walk.post(LUNA, LUNA))


def replay_one(walk: Walk) -> None:
    walk.replay(walk.post("extractive/cue-rules"))


def hand_in_some(walk: Walk) -> None:
    walk.hand_in(3)


def post_one_that_is_told(walk: Walk) -> None:
    """To a receiver that does not exist, which is written down like any other."""
    walk.post("extractive/cue-rules", webhook={"url": "https://nobody.invalid/hooks"})


def send_a_newer_message(walk: Walk) -> None:
    job = walk.post("extractive/cue-rules")
    said = SEAL.on(names.ASK, {"job": job, "seat": 0, "epoch": 0, "schema": names.MESSAGE_SCHEMA + 1})
    producer(walk.town.settings).send_task(names.ASK, kwargs=said, queue=queues.of_provider("extractive"))


PROVOKED: Final[dict[Place, Post]] = {
    "dispatch.released": post_for_later,
    "dispatch.marked": post_a_crowd,
    "dispatch.published": post_a_crowd,
    "late.closed": post_a_slow_one,
    "attempt.useless": post_one_that_must_be_mended,
    "synthesis.asked": post_one_with_a_lead,
    "seat.moved": post_one_that_fails_over,
    "reconcile.found": post_and_lose_the_asks,
    "reconcile.midway": post_and_lose_the_asks,
    "counters.raised": post_after_a_flush,
    "cancel.committed": cancel_one,
    "retry.committed": retry_one,
    "erase.committed": erase_one,
    "replay.committed": replay_one,
    "requeue.midway": requeue_some,
    "message.kept": send_a_newer_message,
    "hook.posted": post_one_that_is_told,
    "batch.begun": hand_in_some,
    "batch.taken": hand_in_some,
    "batch.stepped": hand_in_some,
}


def _is_late(walk: Walk, job: str) -> bool:
    armed = walk.town.failpoints / "late.closed"
    return not armed.exists() or job_of(walk.town.database, job).open_seats == 0


def _state(pid: int) -> str:
    """The letter that /proc has for a process' state."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""
