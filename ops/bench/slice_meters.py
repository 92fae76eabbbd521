"""What a job costs the machine: CPU by process from /proc, PostgreSQL's and Redis's own counters.

The stack tells nobody where its embedded servers listen, so their addresses are read from the environment of its API
process, which is our own grandchild. Where there is no /proc, or the stack is not ours, these figures are left out.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis import Redis
from sqlalchemy import bindparam, text

from orchestrator.broker import redis_py_url
from orchestrator.storage.engine import Database, connect

# A backend of PostgreSQL reports what it has counted once it was idle for ten seconds.
# Source: PostgreSQL, src/backend/utils/activity/pgstat.c, PGSTAT_IDLE_INTERVAL.
SETTLE_S: Final = 10.5

PROC: Final = Path("/proc")

_TRANSACTIONS: Final = text(
    "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
)

# Medians over jobs, in ms since the row was made. A job's seats differ: its last one decides.
_TIMELINE: Final = text("""
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY published) AS "published",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY intended) AS "last seat's intention",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY sent) AS "last seat's first byte",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY ended) AS "last seat's answer booked",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY closed) AS "panel closed",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY synthesizing) AS "synthesis claimed",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY finished) AS "finished",
           percentile_cont(0.5) WITHIN GROUP (ORDER BY announced) AS "announced"
    FROM (
        SELECT ms(jobs.published_at - jobs.created_at) AS published,
               ms((SELECT max(created_at) FROM attempts WHERE job_id = jobs.id) - jobs.created_at) AS intended,
               ms((SELECT max(sent_at) FROM attempts WHERE job_id = jobs.id) - jobs.created_at) AS sent,
               ms((SELECT max(ended_at) FROM attempts WHERE job_id = jobs.id) - jobs.created_at) AS ended,
               ms(jobs.closed_at - jobs.created_at) AS closed,
               ms((SELECT max(created_at) FROM events WHERE job_id = jobs.id AND type = 'job.synthesizing')
                  - jobs.created_at) AS synthesizing,
               ms(jobs.finished_at - jobs.created_at) AS finished,
               ms((SELECT max(announced_at) FROM events WHERE job_id = jobs.id) - jobs.created_at) AS announced
        FROM jobs WHERE id IN :jobs
    ) AS each_job
""".replace("ms(", "1000 * extract(epoch FROM ")).bindparams(bindparam("jobs", expanding=True))


@dataclass(frozen=True)
class Reading:
    """Everything counted up to one moment. Seconds, transactions, commands."""

    at_s: float
    cpu_s: Mapping[str, float]
    machine_cpu_s: float
    transactions: int
    commands: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rates:
    """What was used between two readings, a second."""

    cpu_s: Mapping[str, float]
    transactions: float
    commands: Mapping[str, float]


class Meters:
    """Reads a stack that runs as our child."""

    def __init__(self, stack: int, others: Mapping[str, int], database: Database, redis: Redis) -> None:
        self._stack = stack
        self._others = dict(others)
        self._database = database
        self._redis = redis

    def read(self) -> Reading:
        with self._database.system() as connection:
            transactions: int = connection.execute(_TRANSACTIONS).scalar_one()
        commands: dict[str, dict[str, int]] = self._redis.info("commandstats")
        return Reading(
            at_s=time.monotonic(),
            cpu_s=_cpu_by_program(self._stack) | {name: _tree_cpu_s(pid) for name, pid in self._others.items()},
            machine_cpu_s=_machine_cpu_s(),
            transactions=transactions,
            commands={name.removeprefix("cmdstat_"): each["calls"] for name, each in commands.items()},
        )

    def timeline(self, jobs: list[str]) -> dict[str, float]:
        """Medians of when each step was written down, in ms after the job's row."""
        with self._database.system() as connection:
            row = connection.execute(_TIMELINE, {"jobs": jobs}).mappings().one()
        return {f"{name}": round(float(ms), 1) for name, ms in row.items() if ms is not None}


@contextmanager
def opened(stack: int | None, others: Mapping[str, int]) -> Iterator[Meters | None]:
    """The meters of a stack of ours; None if it is not ours or the system has no /proc."""
    if stack is None or not PROC.exists():
        yield None
        return
    environment = _environment_of(_programs(stack)["api"])
    database = connect(environment["DATABASE_URL"], pool_size=1, name="meetingmind bench")
    redis = Redis.from_url(redis_py_url(environment["REDIS_URL"]), decode_responses=True)
    try:
        yield Meters(stack, others, database, redis)
    finally:
        redis.close()
        database.close()


def rates(before: Reading, after: Reading) -> Rates:
    seconds = after.at_s - before.at_s
    return Rates(
        cpu_s={name: (after.cpu_s[name] - used) / seconds for name, used in before.cpu_s.items()},
        transactions=(after.transactions - before.transactions) / seconds,
        commands=_each(before.commands, after.commands, seconds),
    )


def _each(before: Mapping[str, int], after: Mapping[str, int], share: float) -> dict[str, float]:
    return {name: (count - before.get(name, 0)) / share for name, count in after.items()}


def _programs(stack: int) -> dict[str, int]:
    """The stack's own children by what they are: ask, synthesis, api, postgres ..."""
    return {_name_of(pid): pid for pid in _children().get(stack, ())}


def _cpu_by_program(stack: int) -> dict[str, float]:
    return {name: _tree_cpu_s(pid) for name, pid in sorted(_programs(stack).items())}


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
        return Path(words[0]).name
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
