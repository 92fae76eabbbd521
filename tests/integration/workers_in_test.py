"""What the broker's tests stand on: workers as processes, their provider's books, raw messages, a broker to be killed.

Run as a module it is one worker that listens to the queues it is told and logs what its tasks return; it can leave out
the cure for broker restarts: `python -P -m tests.integration.workers_in_test [--uncured] QUEUE ...`.
"""

import base64
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from celery import Celery, signals
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import select

from orchestrator import broker, logs
from orchestrator.canvas import Canvas
from orchestrator.dispatch import Dispatch
from orchestrator.routing.request import AnalysisRequest
from orchestrator.seal import Seal
from orchestrator.settings import Settings, from_environment, provider_keys
from orchestrator.storage import attempts, jobs, seats
from orchestrator.storage.attempts import AttemptRow
from orchestrator.storage.engine import Database
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from orchestrator.storage.tables import events
from orchestrator.work.jobs import TERMINAL
from providers import catalog as catalogs
from providers.catalog import Catalog
from tasks import resources
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, Processes, until
from tests.servers import PEPPER
from workers import app, children, folders, lifecycle, servers
from workers.profiles import Kind

CATALOG = catalogs.load()
SEAL = Seal(PEPPER)
LUNA = "openai/gpt-6-luna"
THREE = (LUNA, "openai/gpt-6.1-terra", "openai/gpt-5.6-luna")
OF_CALLS = ("circuit", "limit", "permits", "looked", "looking", "messages", "money")
UTTERANCES = [
    {"id": "u1", "speaker": "Ann", "start_s": 0, "end_s": 2, "text": "Let us decide on the battery today."},
    {"id": "u2", "speaker": "Bob", "start_s": 2, "end_s": 5, "text": "We will use the conventional battery."},
    {"id": "u3", "speaker": "Ann", "start_s": 5, "end_s": 8, "text": "Bob, please send the cost report by Friday."},
]


def request(*models: str, **fields: Any) -> AnalysisRequest:
    """A request for these models, or for those that the house picks."""
    wish = {"panel": {"models": list(models)}} if models else {}
    return AnalysisRequest.model_validate_json(json.dumps({"transcript": {"utterances": UTTERANCES}, **wish, **fields}))


# Publishing


def producer(settings: Settings, redis_url: str | None = None) -> Celery:
    """The application as the API has it."""
    url = redis_url or settings.redis_url.get_secret_value()
    return broker.build(url, settings.redis_prefix, CATALOG, task_events=False, produces_only=True)


def dispatch_of(database: Database, celery: Celery, *reachable: str) -> Dispatch:
    return Dispatch(
        database=database,
        canvas=Canvas(celery, SEAL),
        catalog=CATALOG,
        reachable=frozenset(reachable),
        now=lambda: datetime.now(UTC),
    )


LONG_LEASE_S = 300.0


@contextmanager
def opened(settings: Settings, **providers: str) -> Iterator[Resources]:
    """The resources of a worker, in this process: tasks may be called as functions.

    `providers` are the keys and addresses of providers, as the environment would have them. No machine stands still for
    as long as the leases are: nobody is there who would take over a seat that was lost.
    """
    with opened_with(CATALOG, settings.model_copy(update={"lease_s": LONG_LEASE_S}), providers) as held:
        yield held


@contextmanager
def opened_with(catalog: Catalog, settings: Settings, providers: dict[str, str]) -> Iterator[Resources]:
    """The same in a house with another catalog."""
    celery = app.build(settings, catalog)
    held = lifecycle.open_resources(celery, settings, catalog, provider_keys(catalog, providers), process="test")
    resources.install(held)
    try:
        yield held
    finally:
        resources.remove()


# Messages as they stand in Redis


@dataclass(frozen=True)
class Message:
    """A task message. `raw` is the whole envelope, `options` Celery's own part of the body (chain, chord ...)."""

    raw: bytes

    @property
    def envelope(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.raw)
        return read

    @property
    def headers(self) -> dict[str, Any]:
        headers: dict[str, Any] = self.envelope["headers"]
        return headers

    @property
    def body(self) -> list[Any]:
        parts: list[Any] = json.loads(base64.b64decode(self.envelope["body"]))
        return parts

    @property
    def kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = self.body[1]
        return kwargs

    @property
    def chord(self) -> dict[str, Any]:
        chord: dict[str, Any] = self.body[2]["chord"]
        return chord

    def copy(self, *, body: object = None, **headers: Any) -> bytes:
        """The same message as another delivery, with a changed body or header."""
        envelope = self.envelope
        envelope["headers"] |= headers
        envelope["properties"]["delivery_tag"] = str(uuid4())
        if body is not None:
            envelope["body"] = base64.b64encode(json.dumps(body).encode()).decode()
        return json.dumps(envelope).encode()


@dataclass(frozen=True)
class Queues:
    """The lists that kombu keeps, one per queue."""

    redis: "Redis"
    prefix: str

    def read(self, queue: str) -> list[Message]:
        """What waits in a queue, the next one last."""
        found: Any = self.redis.lrange(f"{self.prefix}{queue}", 0, -1)
        return [Message(raw) for raw in found]

    def push(self, queue: str, *raw: bytes) -> None:
        self.redis.lpush(f"{self.prefix}{queue}", *raw)

    def drop(self, queue: str) -> None:
        self.redis.delete(f"{self.prefix}{queue}")

    def left(self) -> set[str]:
        """Every key of this house but what its gate and its budgets remember, without the prefix."""
        keys = (key.decode().removeprefix(self.prefix) for key in self.redis.scan_iter(match=f"{self.prefix}*"))
        return {key for key in keys if not key.startswith(OF_CALLS)}

    def are_empty(self) -> bool:
        """Whether no message stands in a queue or in the hands of a worker: only the names of the queues are left."""
        return all(key.startswith("_kombu.binding") for key in self.left())


# Rows


def job_of(database: Database, job: str) -> JobRow:
    with database.tenant_of(job) as connection:
        return jobs.read(connection, job)


def seats_of(database: Database, job: str) -> list[SeatRow]:
    with database.tenant_of(job) as connection:
        return seats.of_job(connection, job)


def attempts_of(database: Database, job: str) -> list[AttemptRow]:
    with database.tenant_of(job) as connection:
        return list(attempts.of_job(connection, job))


def events_of(database: Database, job: str) -> list[str]:
    with database.tenant_of(job) as connection:
        found = connection.execute(select(events.c.type).where(events.c.job_id == job).order_by(events.c.sequence))
        return list(found.scalars())


def end_of(database: Database, job: str) -> JobRow:
    """The job once it has ended."""
    return until(lambda: row if (row := job_of(database, job)).status in TERMINAL else None, f"{job} has ended")


# Servers that a test may break


class Broker:
    """A Valkey of the test's own, at one address for as long as the test runs."""

    def __init__(self, place: folders.Folders) -> None:
        self._place = place
        self._server = servers.valkey(place)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self._server.url

    def start(self) -> None:
        process = children.start(self._server.program, self._place)
        self._process = process
        until(lambda: self._server.program.is_ready(process.pid), "the broker serves")

    def stop(self, sign: signal.Signals) -> None:
        """End it by this signal and wait until it is gone. Nothing happens to one that does not run."""
        if self._process is not None:
            self._process.send_signal(sign)
            self._process.wait(20)
            self._process = None


@contextmanager
def broker_of_our_own(folder: Path) -> Iterator[Broker]:
    """Not yet started."""
    with folders.held(folder) as place:
        own = Broker(place)
        try:
            yield own
        finally:
            own.stop(signal.SIGTERM)


# Workers as processes


@dataclass
class Work:
    """Everything that a test of whole workers needs. No worker runs yet."""

    processes: Processes
    emulator: Emulator
    database: Database
    dispatch: Dispatch
    queues: Queues
    tenant: str

    def submit(self, *models: str, **fields: Any) -> str:
        return self.dispatch.submit(self.tenant, request(*models, **fields)).job_id

    def start(self, *profiles: str) -> None:
        for profile in profiles:
            self.processes.start(profile, "workers", profile)
        self.processes.await_ready(*profiles)

    def listen(self, *queues: str, cured: bool = True) -> None:
        """One worker that hears these queues alone."""
        flags = () if cured else ("--uncured",)
        self.processes.start("worker", "tests.integration.workers_in_test", *flags, *queues)
        self.processes.await_ready("worker")

    def returned(self) -> list[str]:
        """What the tasks of the listening worker have returned so far, written as Python writes it."""
        return re.findall(r'"returned": "(.*?)"', self.processes.log("worker"))

    def pid(self, name: str) -> int:
        process = self.processes.running[name]
        assert process.poll() is None, self.processes.log(name)[-3000:]
        return process.pid


@contextmanager
def at_work(
    folder: Path, environment: dict[str, str], settings: Settings, emulator: Emulator, database: Database, tenant: str
) -> Iterator[Work]:
    """`environment` and `settings` must name the same stores."""
    emulator.order("reset")
    processes = Processes(folder, environment | emulator.environment)
    url = broker.redis_py_url(settings.redis_url.get_secret_value())
    with Redis.from_url(url) as redis:
        try:
            yield Work(
                processes=processes,
                emulator=emulator,
                database=database,
                dispatch=dispatch_of(database, producer(settings), "openai", "aimlapi"),
                queues=Queues(redis, settings.redis_prefix),
                tenant=tenant,
            )
        finally:
            for name in [*processes.running]:
                processes.kill(name)  # a warm shutdown takes a second, and nothing here depends on one


def elsewhere(settings: Settings, redis_url: str) -> Settings:
    """The same settings with another broker."""
    return settings.model_copy(update={"redis_url": SecretStr(redis_url)})


def main(arguments: list[str]) -> int:
    """A worker on the queues that are named."""
    settings = from_environment()
    logs.configure(process="test", level=settings.log_level, form=settings.log_format)
    build = _uncured if arguments[0] == "--uncured" else app.build
    celery = build(settings, CATALOG)
    kind = Kind(profile="ask", queues=tuple(name for name in arguments if not name.startswith("--")), slots=16)
    lifecycle.attach(celery, settings, CATALOG, provider_keys(CATALOG), kind)
    signals.task_postrun.connect(_tell, weak=False)
    worker = celery.Worker(
        pool_cls="threads",
        concurrency=kind.slots,
        queues=list(kind.queues),
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _tell(*, retval: object, **_: object) -> None:
    structlog.get_logger().info("test.returned", returned=repr(retval))


def _uncured(settings: Settings, catalog: catalogs.Catalog) -> Celery:
    """As `workers.app` builds it, without `broker.survive_broker_restarts`; the tasks are imported with this module."""
    return broker.build(settings.redis_url.get_secret_value(), settings.redis_prefix, catalog, task_events=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
