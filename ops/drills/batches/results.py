"""Ten thousand results read back: streamed, broken off, gone on with; memory of the API and of its client.

The batch is the largest that was taken in. Its jobs were canceled, so one job's real analysis is written to the rows of
each: what is measured is the reading.
"""

import os
from collections.abc import Iterator
from itertools import islice
from typing import Final, Protocol

from api.batch_schemas import ResultLine
from api.client import Client
from ops.drills.batches import memory
from ops.drills.batches.standing import Gauge, Rows
from providers.calls import JsonObject

FLAT_MB: Final = 32.0
MODEL: Final = "extractive/cue-rules"
WAIT_S: Final = 60.0


class Judge(Protocol):
    """Takes a promise and whether it was kept."""

    def __call__(self, what: str, *, kept: bool) -> None: ...


def read_back(client: Client, gauge: Gauge, rows: Rows, judge: Judge) -> None:
    """Read all of it twice: at one go, and in three."""
    batch = max(client.batches(limit=100).data, key=lambda one: one.lines)
    rows.forge_results(batch.id, _job_with_a_result(client, batch.id))
    memory.forget_peak(os.getpid())
    before_mb = memory.peak_mb(os.getpid())
    found, (lines, size) = gauge.measured("all results", lambda: _read(client.batch_results(batch.id)))
    broken, (again, _) = gauge.measured(
        "all results, in three parts", lambda: _read(_in_parts(client, batch.id, batch.lines))
    )
    own_mb = memory.peak_mb(os.getpid()) - before_mb
    print(f"  {len(lines)} results, {size / 1e6:.0f} MB, {len(lines) / found.took_s:.0f} a second")
    wanted = [*range(1, batch.lines + 1)]
    judge(f"results: all in order, each once ({len(lines)})", kept=lines == wanted)
    judge("results: the same when they are gone on with", kept=again == wanted)
    for name, grown_mb in (("the API", found.grown_mb), ("the API again", broken.grown_mb), ("the client", own_mb)):
        judge(f"results: memory of {name} is flat ({grown_mb:+.0f} MB)", kept=grown_mb <= FLAT_MB)


def _job_with_a_result(client: Client, batch: str) -> str:
    """One of the batch's meetings, analysed for nothing."""
    job = client.jobs(batch_id=batch, limit=1).data[0]
    meeting: JsonObject = {"transcript_id": job.transcript_id}
    asked: JsonObject = {"transcript": meeting, "panel": {"models": [MODEL]}, "strategy": "single"}
    return client.wait(client.submit(asked).id, WAIT_S).id


def _in_parts(client: Client, batch: str, lines: int) -> Iterator[ResultLine]:
    """Twice it is left in the middle of a stream, and gone on with behind the last line."""
    after = 0
    for part in (lines // 3, lines // 3, lines):
        for result in islice(client.batch_results(batch, after), part):
            after = result.line
            yield result


def _read(results: Iterator[ResultLine]) -> tuple[list[int], int]:
    """The numbers of lines, and about how many bytes they have with their analyses."""
    numbers, size = [], 0
    for result in results:
        numbers.append(result.line)
        size += len(result.model_dump_json())
    return numbers, size
