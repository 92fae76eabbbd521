"""What stands before and after a batch went in: the API's memory, the log that PostgreSQL wrote, and the rows."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import TextClause, text

from ops.drills.batches import memory
from orchestrator.storage.engine import Database

Done = TypeVar("Done")

_WAL: Final = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
_OF_BATCH: Final = text(
    "SELECT count(*) AS lines, count(line.job_id) AS made, count(DISTINCT line.job_id) AS jobs,"
    " count(line.error) AS refused, (SELECT count(*) FROM jobs WHERE batch_id = :batch) AS owned"
    " FROM batch_lines AS line WHERE line.batch_id = :batch"
)
_EVERYTHING: Final = text(
    "SELECT (SELECT count(*) FROM batches) AS batches, (SELECT count(*) FROM batch_lines) AS lines,"
    " (SELECT count(*) FROM jobs) AS jobs, (SELECT count(*) FROM seats) AS seats,"
    " (SELECT count(*) FROM transcripts) AS transcripts, (SELECT count(*) FROM idempotency_keys) AS keys"
)
_LEFT_OPEN: Final = text(
    "SELECT (SELECT count(*) FROM batches WHERE finished_at IS NULL OR unsettled OR open_jobs <> 0) AS batches,"
    " (SELECT count(*) FROM jobs WHERE finished_at IS NULL AND batch_id IS NOT NULL) AS jobs,"
    " (SELECT count(*) FROM seats WHERE status IN ('pending', 'running')) AS seats,"
    " (SELECT count(*) FROM attempts WHERE state IN ('intended', 'sent')) AS calls"
)
# What is measured is reading them, so they need not have been paid for: one job's real analysis stands for each.
_FORGE: Final = text(
    "INSERT INTO results (tenant_id, job_id, analysis, created_at)"
    " SELECT job.tenant_id, job.id, one.analysis, one.created_at FROM jobs AS job, results AS one"
    " WHERE job.batch_id = :batch AND one.job_id = :job ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class Standing:
    """Megabytes of the API before and at its peak, of PostgreSQL's log, and seconds."""

    before_mb: float
    peak_mb: float
    wal_mb: float
    took_s: float

    @property
    def grown_mb(self) -> float:
        return self.peak_mb - self.before_mb

    def __str__(self) -> str:
        api = f"API {self.before_mb:.0f} MB before, {self.peak_mb:.0f} MB at most ({self.grown_mb:+.0f})"
        return f"{self.took_s:.1f} s, {api}, WAL {self.wal_mb:.1f} MB"


@dataclass(frozen=True)
class OfBatch:
    """Rows of a batch. `made`: lines that name a job; `jobs`: how many different ones; `owned`: by what jobs say."""

    lines: int
    made: int
    jobs: int
    refused: int
    owned: int

    def is_whole(self, lines: int, *, refused: int = 0) -> bool:
        """Whether each line is one job of its own, but for the refused."""
        good = lines - refused
        return (self.lines, self.made, self.jobs, self.refused, self.owned) == (lines, good, good, refused, good)


class Gauge:
    """Reads one process and the database beside it."""

    def __init__(self, pid: int, database: Database) -> None:
        self._pid = pid
        self._database = database

    def measured(self, name: str, do: Callable[[], Done]) -> tuple[Standing, Done]:
        """What it took to do this; a line of print."""
        memory.forget_peak(self._pid)
        before_mb, wal = memory.peak_mb(self._pid), self._wal_mb()
        began = time.monotonic()
        done = do()
        took_s = time.monotonic() - began
        found = Standing(before_mb, memory.peak_mb(self._pid), self._wal_mb() - wal, took_s)
        print(f"{name}: {found}", flush=True)
        return found, done

    def _wal_mb(self) -> float:
        with self._database.system() as connection:
            return float(connection.execute(_WAL).scalar_one()) / 1e6


class Rows:
    """What the rows say, of all tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_batch(self, batch: str) -> OfBatch:
        with self._database.system() as connection:
            return OfBatch(**connection.execute(_OF_BATCH, {"batch": batch}).mappings().one())

    def everything(self) -> str:
        """How many of each there are, as JSON."""
        return self._counts(_EVERYTHING)

    def left_open(self) -> str:
        """How many of each have not ended, as JSON."""
        return self._counts(_LEFT_OPEN)

    def forge_results(self, batch: str, job: str) -> None:
        """Have every job of a batch have that job's analysis, however it ended."""
        with self._database.system() as connection:
            connection.execute(_FORGE, {"batch": batch, "job": job})

    def _counts(self, statement: TextClause) -> str:
        with self._database.system() as connection:
            return json.dumps(dict(connection.execute(statement).mappings().one()))
