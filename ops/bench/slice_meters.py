"""What a job costs the machine: CPU by process from /proc, PostgreSQL's and Redis's own counters.

The stack tells nobody where its embedded servers listen, so their addresses are read from the environment of its API
process, which is our own grandchild. Where there is no /proc, or the stack is not ours, these figures are left out.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis import Redis
from sqlalchemy import text

from orchestrator.broker import redis_py_url
from orchestrator.storage.engine import Database, connect

# A backend of PostgreSQL reports what it has counted once it was idle for ten seconds.
# Source: PostgreSQL, src/backend/utils/activity/pgstat.c, PGSTAT_IDLE_INTERVAL.
SETTLE_S: Final = 10.5

PROC: Final = Path("/proc")

_TRANSACTIONS: Final = text(
    "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
)


@dataclass(frozen=True)
class Reading:
    """Everything counted up to one moment. Seconds, transactions, commands."""

    at_s: float
    cpu_s: Mapping[str, float]
    machine_cpu_s: float
    transactions: int
    commands: Mapping[str, int]


@dataclass(frozen=True)
class Use:
    """What was used between two readings."""

    seconds: float
    cpu_ms: Mapping[str, float]
    machine_cpu_s: float
    transactions: float
    commands: Mapping[str, float]

    @property
    def other_cores(self) -> float:
        """How many cores worked for somebody else, on average."""
        return (self.machine_cpu_s - sum(self.cpu_ms.values()) / 1_000) / self.seconds

    def a_job(self, jobs: int, idle: "Use") -> "Use":
        """One job's part, less what the idle product uses in the same time."""
        share = self.seconds / idle.seconds
        return Use(
            seconds=self.seconds / jobs,
            cpu_ms={name: (used - idle.cpu_ms[name] * share) / jobs for name, used in self.cpu_ms.items()},
            machine_cpu_s=(self.machine_cpu_s - idle.machine_cpu_s * share) / jobs,
            transactions=(self.transactions - idle.transactions * share) / jobs,
            commands={name: (made - idle.commands.get(name, 0) * share) / jobs for name, made in self.commands.items()},
        )


class Meters:
    """Reads a stack that runs as our child."""

    def __init__(self, stack: int, emulator: int | None, database: Database, redis: Redis) -> None:
        self.database = database
        self._stack = stack
        self._emulator = emulator
        self._redis = redis

    def redis_bytes(self) -> int:
        """What Redis has allocated."""
        return int(self._redis.info("memory")["used_memory"])

    def read(self) -> Reading:
        with self.database.system() as connection:
            transactions: int = connection.execute(_TRANSACTIONS).scalar_one()
        commands: dict[str, dict[str, int]] = self._redis.info("commandstats")
        return Reading(
            at_s=time.monotonic(),
            cpu_s={
                **_cpu_by_program(self._stack),
                **({} if self._emulator is None else {"emulator": _tree_cpu_s(self._emulator)}),
                "this bench": time.process_time(),
            },
            machine_cpu_s=_machine_cpu_s(),
            transactions=transactions,
            commands={name.removeprefix("cmdstat_"): each["calls"] for name, each in commands.items()},
        )


@contextmanager
def opened(stack: int | None, emulator: int | None) -> Iterator[Meters | None]:
    """The meters of a stack of ours; None if it is not ours or the system has no /proc."""
    if stack is None or not PROC.exists():
        yield None
        return
    environment = _environment_of(programs(stack)["api"])
    database = connect(environment["DATABASE_URL"], pool_size=1, name="meetingmind bench")
    redis = Redis.from_url(redis_py_url(environment["REDIS_URL"]), decode_responses=True)
    try:
        yield Meters(stack, emulator, database, redis)
    finally:
        redis.close()
        database.close()


def used(before: Reading, after: Reading, settled: Reading) -> Use:
    """Between two moments. Transactions are read later, from `settled`, since PostgreSQL counts them late."""
    return Use(
        seconds=after.at_s - before.at_s,
        cpu_ms={name: (after.cpu_s[name] - cpu_s) * 1_000 for name, cpu_s in before.cpu_s.items()},
        machine_cpu_s=after.machine_cpu_s - before.machine_cpu_s,
        transactions=settled.transactions - before.transactions,
        commands={name: made - before.commands.get(name, 0) for name, made in after.commands.items()},
    )


def pace_ms() -> float:
    """How long a fixed piece of Python takes here and now: a shared machine changes its pace from run to run."""
    took = []
    for _ in range(5):
        began_s = time.perf_counter()
        sum(number * number for number in range(300_000))
        took.append((time.perf_counter() - began_s) * 1_000)
    return round(statistics.median(took), 1)


def peak_mb(stack: int) -> dict[str, float]:
    """The most memory that each child of the stack has held so far: VmHWM of proc_pid_status(5), in MB."""
    found = {}
    for name, pid in programs(stack).items():
        lines = (PROC / str(pid) / "status").read_text().splitlines()
        found[name] = next((int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmHWM:")), 0.0)
    return found


def programs(stack: int) -> dict[str, int]:
    """The stack's own children by what they are: ask, synthesis, api, postgres ..."""
    return {_name_of(pid): pid for pid in _children().get(stack, ())}


def _cpu_by_program(stack: int) -> dict[str, float]:
    used: defaultdict[str, float] = defaultdict(float)
    for pid in _children().get(stack, ()):
        used[_name_of(pid)] += _tree_cpu_s(pid)  # two of a kind, as those who ask are, count as one
    return dict(sorted(used.items()))


def _tree_cpu_s(pid: int) -> float:
    """Of a process, what it starts, and what it started and has buried."""
    children = _children()
    waiting, total = [pid], 0
    while waiting:
        one = waiting.pop()
        total += sum(_ticks(one))
        waiting += children.get(one, ())
    return total / os.sysconf("SC_CLK_TCK")


def _children() -> dict[int, list[int]]:
    """Process ids by that of their parent."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            found[int(fields[1])].append(int(folder.name))
    return found


def _ticks(pid: int) -> tuple[int, ...]:
    """utime, stime and those of its buried children: fields 14 to 17 of proc_pid_stat(5)."""
    fields = _stat(pid)
    return tuple(int(each) for each in fields[11:15])


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may itself hold blanks and brackets; none if the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _name_of(pid: int) -> str:
    words = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    if "-m" not in words:
        return (PROC / str(pid) / "comm").read_text().strip()
    module, *rest = words[words.index("-m") + 1 :]
    return rest[0] if module == "workers" else module


def _environment_of(pid: int) -> dict[str, str]:
    pairs = (PROC / str(pid) / "environ").read_bytes().decode("utf-8", "surrogateescape").split("\0")
    return {name: value for name, sign, value in (pair.partition("=") for pair in pairs) if sign}


def _machine_cpu_s() -> float:
    """What all processes together have used: the first line of proc_stat(5) without idle and iowait."""
    user, nice, system, _idle, _wait, irq, softirq, *_ = (
        int(each) for each in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
