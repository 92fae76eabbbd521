"""The disks of the two stores, which refuse a synced write, and what each store makes of it.

PostgreSQL has to panic and recover from its log: to go on would be a lie, since the kernel may have dropped what it
could not write. Redis takes no writes until a sync has worked. Both are asked by their own word: PostgreSQL's log, and
Redis' INFO.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from ops.drills.storm import failing_syncs
from ops.drills.storm.failing_syncs import Spoiled
from ops.drills.storm.plan import POSTGRES, SYNCS, Fault, Kind
from ops.drills.storm.recovery import Away

Admin: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

CALLS: Final[dict[Kind, str]] = {Kind.LOG_SYNC: "fdatasync", Kind.DATA_SYNC: "fsync", Kind.REDIS_SYNC: "fdatasync"}
# A checkpoint first syncs a handful of small files of its own, and only then what has been written since the last one.
INTO_CHECKPOINT: Final = 8
RECOVERS_WITHIN_S: Final = 60.0
POLL_S: Final = 0.1
_AT: Final = r"^(?P<at>\S+ \S+) UTC \[\d+\] "
_PANIC: Final = re.compile(_AT + r"PANIC:  ", re.MULTILINE)
_EMPTY: Final = re.compile(_AT + r"LOG:  all server processes terminated; reinitializing$", re.MULTILINE)
_READY: Final = re.compile(_AT + r"LOG:  database system is ready to accept connections$", re.MULTILINE)


@dataclass(frozen=True)
class Hit:
    """A strike, and what came of it.

    Args:
        calls: how many synced writes failed; 0: none was made in time.
        panicked: whether PostgreSQL did; Redis never does.
        away: when nobody could use the store, or Redis took no writes; None: it has not come back.
        log_from: where in PostgreSQL's log its own account of it begins.
    """

    kind: Kind
    at: datetime
    calls: int
    panicked: bool = False
    away: Away | None = None
    log_from: int = 0


class Disks:
    """For the main thread. `pid_of` and `log_of` know the stores by their names, `redis` opens a client of it."""

    def __init__(
        self, pid_of: Callable[[str], int | None], log_of: Callable[[str], Path], redis: Callable[[], Redis]
    ) -> None:
        self.database_url = ""
        self.hits: list[Hit] = []
        self._pid_of, self._log_of, self._redis = pid_of, log_of, redis

    @property
    def away(self) -> list[Away]:
        """When PostgreSQL was."""
        return [hit.away for hit in self.hits if hit.away is not None and SYNCS[hit.kind] == POSTGRES]

    def strike(self, fault: Fault) -> datetime:
        """Let a synced write fail, and wait for that; returns when it did."""
        log_from = self._log_of(POSTGRES).stat().st_size
        done = self._spoil(fault, CALLS[fault.kind], self._log_of(f"strace-{fault.victim}"))
        hit = Hit(fault.kind, done.at or datetime.now(UTC), done.calls, log_from=log_from)
        self.hits.append(hit)
        return hit.at

    def tend(self) -> None:
        """See what has become of the last strike of each store: to be called all the time."""
        for place, hit in enumerate(self.hits):
            if hit.calls and hit.away is None:
                self.hits[place] = self._of_postgres(hit) if SYNCS[hit.kind] == POSTGRES else self._of_redis(hit)

    def _spoil(self, fault: Fault, call: str, record: Path) -> Spoiled:
        pid = self._pid_of(fault.victim)
        if pid is None:
            return Spoiled(None, 0)
        if fault.victim == POSTGRES:
            with closing(self._admitted()) as admin:
                if fault.kind is Kind.DATA_SYNC:
                    return self._spoil_checkpoint(admin, call, record)
        return failing_syncs.spoil(failing_syncs.family(pid), call, record)

    def _admitted(self) -> Admin:
        """A connection, once PostgreSQL has recovered from the last strike: on a busy machine that takes a while."""
        ends_at = time.monotonic() + RECOVERS_WITHIN_S
        while True:
            try:
                return psycopg.connect(self.database_url, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > ends_at:
                    raise
                time.sleep(POLL_S)

    def _spoil_checkpoint(self, admin: Admin, call: str, record: Path) -> Spoiled:
        """Of the checkpointer alone, which is told to sync everything now; whoever tells it is thrown out."""
        found = admin.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchall()
        pids = [int(str(pid)) for (pid,) in found]
        return failing_syncs.spoil(
            pids, call, record, nth=INTO_CHECKPOINT, provoke=lambda: admin.pgconn.send_query(b"CHECKPOINT")
        )

    def _of_postgres(self, hit: Hit) -> Hit:
        with self._log_of(POSTGRES).open("rb") as log:
            log.seek(hit.log_from)
            return told(hit, log.read().decode("utf-8", "replace"))

    def _of_redis(self, hit: Hit) -> Hit:
        with suppress(RedisError), self._redis() as redis:
            if redis.info("persistence")["aof_last_write_status"] == "ok":
                return replace(hit, away=Away(str(hit.kind), hit.at, datetime.now(UTC)))
        return hit


def told(hit: Hit, log: str) -> Hit:
    """What PostgreSQL's log says from the strike on. It is away once none of its processes is left."""
    panic = _PANIC.search(log)
    if panic is None:
        return hit
    hit = replace(hit, panicked=True)
    ready = _READY.search(log, panic.end())
    if ready is None:
        return hit
    gone = _EMPTY.search(log, panic.end(), ready.start()) or panic
    return replace(hit, away=Away(str(hit.kind), _time(gone), _time(ready)))


def lies(hits: Sequence[Hit]) -> Iterator[str]:
    """Where a store went on although its disk had failed, or stayed away for good; and where nothing was struck."""
    for hit in hits:
        if not hit.calls:
            yield f"{hit.kind}: nothing was synced, so nothing was struck"
        elif SYNCS[hit.kind] == POSTGRES and not hit.panicked:
            yield f"{hit.kind}: {hit.calls} syncs failed, and PostgreSQL went on"
        elif hit.away is None:
            yield f"{hit.kind}: {SYNCS[hit.kind]} did not come back"


def _time(line: re.Match[str]) -> datetime:
    return datetime.strptime(line["at"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
