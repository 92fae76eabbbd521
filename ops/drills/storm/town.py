"""The whole product as processes that may die at any moment, on stores of its own, with the emulator as its providers.

Everything runs on loopback and sockets, in a folder that is thrown away, with an environment of its own: no key, server
or setting of the user's gets in. Faults strike processes that were started here, by their ids.
"""

import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from ops.drills.storm.disks import Disks, Hit
from ops.drills.storm.links import Links
from ops.drills.storm.plan import POSTGRES, REDIS, SYNCS, Fault, Kind
from ops.drills.storm.recovery import Away
from ops.drills.storm.residents import Death, Residents
from orchestrator.broker import redis_py_url
from orchestrator.money.holds import Holds
from orchestrator.settings import inherited_environment
from orchestrator.storage.engine import connect
from orchestrator.storage.migrate import upgrade
from orchestrator.tenancy.keys import ensure_key, generate
from providers.http import Http, open_http
from workers import folders, servers
from workers.children import Program
from workers.errors import CannotStart
from workers.folders import Folders
from workers.supervision import StopRequests

CHECKOUT: Final = Path(__file__).resolve().parents[3]
EMULATOR: Final = "emulator"
PREFIX: Final = "storm:"
PEPPER: Final = "a pepper for storms alone"
CONTROL_S: Final = 30.0  # for the emulator's own books, which grow long
INHERITED: Final = ("PATH", "HOME", "TMPDIR")

STOPS: Final[dict[Kind, signal.Signals]] = {
    Kind.POSTGRES_FAST: signal.SIGINT,
    Kind.POSTGRES_IMMEDIATE: signal.SIGQUIT,
    Kind.POSTGRES_KILL: signal.SIGKILL,
    Kind.REDIS_KILL: signal.SIGKILL,
    Kind.REDIS_EMPTY: signal.SIGKILL,
}


@dataclass(frozen=True)
class Layout:
    """How the town is built.

    Args:
        processes: name of each of our processes -> its profile, or `api`.
        settings: what its environment says beside the addresses of stores and providers.
        latency_ms: the median of the time that a provider takes.
        linked: whether our processes reach their stores by links, which can then be lost.
        modules: profile -> the module that is run in place of `workers`, for runs with teeth.
    """

    processes: Mapping[str, str]
    settings: Mapping[str, str]
    latency_ms: float
    seed: int
    linked: bool = False
    modules: Mapping[str, str] = field(default_factory=dict)


def processes(asks: int) -> dict[str, str]:
    """Two of whatever must go on while one is away; one of what only repeats itself, and the API."""
    counts = {"ask": asks, "synthesis": 2, "maintenance": 2, "delivery": 1, "beat": 1, "api": 1}
    return {f"{kind}-{place}": kind for kind, count in counts.items() for place in range(1, count + 1)}


class Town:
    """Made by `town`; for the main thread alone, see `residents`."""

    def __init__(self, place: Folders, layout: Layout, requests: StopRequests) -> None:
        self.api_url = f"http://127.0.0.1:{_free_port()}"
        self.key = generate("test")
        self._away: list[Away] = []
        self._layout = layout
        self._place = place
        self._residents = Residents(place, requests, self._returned)
        self._emulator_url = f"http://127.0.0.1:{_free_port()}"
        self._links = Links(layout.seed)
        self._disks = Disks(self._residents.pid, self._residents.log, self._redis)
        self._gone: tuple[str, datetime] | None = None  # PostgreSQL, how and since when
        self._stack = ExitStack()

    def begin(self) -> None:
        """Raises CannotStart, Interrupted."""
        postgres, valkey = servers.postgres(self._place), servers.valkey(self._place)
        self._redis_url = redis_py_url(valkey.url)
        self._disks.database_url = postgres.url.replace("+psycopg", "", 1)  # as the driver itself has it
        self.emulator = self._stack.enter_context(closing(open_http(self._emulator_url, {}, CONTROL_S)))
        self._residents.add(POSTGRES, postgres.program)
        self._residents.add(REDIS, valkey.program)
        self._residents.add(EMULATOR, self._emulator())
        self._residents.await_ready()
        upgrade(postgres.url)
        ensure_key(postgres.url, PEPPER, self.key, tenant_name="storm", key_name="storm")
        self.database = self._stack.enter_context(closing(connect(postgres.url, pool_size=4, name="storm")))
        environment = self._environment(*self._addresses(postgres.url, valkey.url))
        for name, profile in self._layout.processes.items():
            self._residents.add(name, self._program(name, profile, environment))
        self._residents.await_ready()

    def end(self) -> None:
        """Nothing is left. Safe after a failed begin."""
        try:
            self._residents.end()
        finally:
            self._stack.close()

    @property
    def deaths(self) -> tuple[Death, ...]:
        return tuple(self._residents.deaths)

    @property
    def away(self) -> list[Away]:
        """When our processes could not reach PostgreSQL, and why."""
        return [*self._away, *self._disks.away]

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(self._disks.hits)

    def serves(self, name: str) -> bool:
        """Whether this process is up."""
        return self._residents.serves(name)

    def standing_holds(self) -> list[str]:
        """Calls whose hold is neither settled nor released. Raises RedisError."""
        with self._redis() as redis:
            return Holds(redis, PREFIX).standing_holds(-1)

    def strike(self, fault: Fault) -> datetime:
        """Let it happen; returns when, by the clock that PostgreSQL reads too."""
        if fault.kind in SYNCS:
            return self._disks.strike(fault)
        at = datetime.now(UTC)
        match fault.kind:
            case Kind.KILL:
                self._residents.kill(fault.victim)
            case Kind.FREEZE:
                self._residents.freeze(fault.victim, fault.for_s)
            case Kind.FLUSH:
                with suppress(RedisError), self._redis() as redis:
                    redis.flushall()
            case Kind.LINK:
                self._links.lose(fault, at)
            case _:
                self._stop_store(fault)
        return at

    def tend(self) -> None:
        """What a supervisor does, and whatever is due: to be called all the time. Raises Interrupted."""
        self._residents.tend()
        self._mend()
        self._disks.tend()

    def calm(self) -> None:
        """No fault lasts any longer."""
        self._residents.calm()
        self._mend(all_of_them=True)

    def _stop_store(self, fault: Fault) -> None:
        if not self._residents.stop(fault.victim, STOPS[fault.kind], fault.for_s):
            return
        if fault.victim == POSTGRES:
            self._gone = (str(fault.kind), datetime.now(UTC))
        if fault.kind is Kind.REDIS_EMPTY:
            shutil.rmtree(self._place.data / "valkey", ignore_errors=True)
            (self._place.data / "valkey").mkdir(mode=0o700)

    def _returned(self, name: str) -> None:
        if name == POSTGRES and self._gone is not None:
            self._away.append(Away(*self._gone, until=datetime.now(UTC)))
            self._gone = None

    def _mend(self, *, all_of_them: bool = False) -> None:
        for store, loss in self._links.mend(all_of_them=all_of_them):
            if store == POSTGRES:
                self._away.append(Away(loss.how, loss.since, datetime.now(UTC)))

    def _redis(self) -> Redis:
        return Redis.from_url(self._redis_url, socket_timeout=5.0)

    def _addresses(self, database_url: str, redis_url: str) -> tuple[str, str]:
        """As our processes are told them; the town itself goes straight."""
        if not self._layout.linked:
            return database_url, redis_url
        return self._links.lay(database_url, redis_url, self._stack)

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        return {
            **_bare_environment(),
            "OPENAI_API_KEY": "emulated-openai-key",
            "OPENAI_BASE_URL": f"{self._emulator_url}/v1",
            "AIMLAPI_API_KEY": "emulated-aimlapi-key",
            "AIMLAPI_BASE_URL": f"{self._emulator_url}/aimlapi/v1",
            "AI_MONTHLY_BUDGET": "1000000000",  # what is on trial here is not how budgets refuse
            "MEETINGMIND_KEY_PEPPER": PEPPER,
            "MEETINGMIND_REDIS_PREFIX": PREFIX,
            "MEETINGMIND_SPOOL_DIR": str(self._place.spool),
            "MEETINGMIND_TASK_EVENTS": "false",
            **self._layout.settings,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }

    def _program(self, name: str, profile: str, environment: Mapping[str, str]) -> Program:
        ready = self._place.runtime / f"{name}.ready"
        module = "api" if profile == "api" else self._layout.modules.get(profile, "workers")
        words = ("--port", self.api_url.rpartition(":")[2]) if profile == "api" else (profile,)
        return Program(
            name=name,
            argv=(sys.executable, "-P", "-m", module, *words),
            environment={**environment, "MEETINGMIND_READY_FILE": str(ready)},
            is_ready=lambda _pid: ready.exists(),
            prepare=lambda: ready.unlink(missing_ok=True),
            stop_signal=signal.SIGKILL,  # at the end nothing of theirs matters any more
        )

    def _emulator(self) -> Program:
        port, latency = self._emulator_url.rpartition(":")[2], f"{self._layout.latency_ms:g}"
        words = ("--port", port, "--latency-ms", latency, "--seed", str(self._layout.seed))
        return Program(
            name=EMULATOR,
            argv=(sys.executable, "-P", "-m", "providers.emulator", *words),
            environment=_bare_environment(),
            is_ready=lambda _pid: _answers(self.emulator),
        )


@contextmanager
def town(layout: Layout, logs: Path | None = None) -> Iterator[Town]:
    """Build it, and end all of it whatever happens. `logs`: a folder to which what the processes said is copied.

    Raises:
        CannotStart: something did not come up; the end of its log has been written to standard error.
        Interrupted: the user asked to stop.
    """
    with (
        TemporaryDirectory(prefix="mm-storm-", ignore_cleanup_errors=True) as top,
        folders.held(Path(top) / "data") as place,
        StopRequests() as requests,
    ):
        there = Town(place, layout, requests)
        try:
            there.begin()
            yield there
        except CannotStart as error:
            if error.log is not None and error.log.exists():
                sys.stderr.write(error.log.read_text("utf-8", "replace")[-3_000:])
            raise
        finally:
            there.end()
            if logs is not None:
                shutil.copytree(place.logs, logs, dirs_exist_ok=True)


def _bare_environment() -> dict[str, str]:
    given = inherited_environment()
    kept = {name: given[name] for name in INHERITED if name in given}
    return kept | {"PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}


def _answers(http: Http) -> bool:
    try:
        return http.get("/_control/clock").status == 200
    except (ConnectionError, TimeoutError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
