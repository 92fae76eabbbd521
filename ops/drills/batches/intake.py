"""How large batches go in: whole, slow, silent, cut off, all or none. Measured: memory, time, rows, WAL.

Promises: the API's memory grows no more for ten times the bytes, whatever the sender does and whatever its lines are;
each good line becomes one job and each bad one its error, in its place, however often it is sent under one key; of a
batch that is all or none and has a bad line nothing is stored; a sender that falls silent holds no place for ever; and
what is canceled or left behind has ended whole: no job, seat or call of it is open any more.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from api.batch_intake import JSON
from api.batch_schemas import ENDED, BatchView
from api.client import Client
from ops.bench import slice_meters
from ops.bench.slice_rig import Rig
from ops.drills.batches import books, jobs, results, sending
from ops.drills.batches.course import told
from ops.drills.batches.others import Others
from ops.drills.batches.sending import Sender, Sent, Upload
from ops.drills.batches.standing import Gauge, Rows, Standing

THINKS_S: Final = 60.0  # a model, so that few jobs end while thousands are taken in
FLAT_MB: Final = 32.0  # what an allocator may keep back; a tenth of the largest batch is hardly less
SLOW_BYTES_PER_S: Final = 100_000.0
SILENT_S: Final = 90.0  # within which a sender that says nothing is told so
ENDING_S: Final = 300.0
AT_REST_S: Final = 60.0  # within which the calls of canceled jobs are cut and booked
SHOWN: Final = 50  # bad lines of a batch of all or none that are told


@dataclass(frozen=True)
class Order:
    """What is asked for: jobs and their MiB together."""

    corpus: Path
    jobs: int
    megabytes: int


@dataclass(frozen=True)
class Bench:
    """Everything that a scenario needs; its verdicts are added to `verdicts`."""

    order: Order
    file: Path
    client: Client
    sender: Sender
    gauge: Gauge
    rows: Rows
    verdicts: list[tuple[str, bool]]

    def lines(self, share: int = 1) -> Iterator[bytes]:
        """One of so many parts of the jobs."""
        return jobs.read(self.file, self.count(share))

    def count(self, share: int = 1) -> int:
        return max(jobs.EVERY, self.order.jobs // share)

    def newest(self) -> BatchView:
        return self.client.batches(limit=1).data[0]

    def wait_for(self, is_so: Callable[[BatchView], bool]) -> None:
        """Until the newest batch has lines and is so, for as long as one may be waited for."""
        until = time.monotonic() + SILENT_S
        while time.monotonic() < until and not ((newest := self.newest()).lines and is_so(newest)):
            time.sleep(0.05)

    def judge(self, what: str, *, kept: bool) -> None:
        self.verdicts.append((what, kept))


def drill(rig: Rig, order: Order) -> bool:
    """All scenarios, their figures, and a verdict for each promise."""
    with (
        slice_meters.opened(rig.product.pid, None) as meters,
        TemporaryDirectory(prefix="meetingmind-intake-") as place,
    ):
        if meters is None or rig.product.pid is None:
            print("batches: intake is measured on a stack of its own, on a system that has /proc.")
            return False
        file = Path(place) / "jobs.ndjson"
        jobs.write(file, order.corpus, order.jobs, order.megabytes * 1024 * 1024)
        print(f"{order.jobs} jobs, {file.stat().st_size / 1e6:.1f} MB; load of others: {os.getloadavg()[0]:.1f}")
        gauge = Gauge(slice_meters.programs(rig.product.pid)["api"], meters.database)
        with closing(Client(rig.product.url, rig.product.key)) as client:
            bench = Bench(order, file, client, Sender(rig.product), gauge, Rows(meters.database), [])
            _scenarios(bench, Others(rig.product))
        if rig.emulator is not None:
            account = books.read(meters.database, rig.emulator, 2 * THINKS_S)
            print("\n".join((*account.told(), *account.broken)))
            bench.judge("no call is paid twice, and the bank is the ledger", kept=not account.broken)
        return told(bench.verdicts)


def _scenarios(bench: Bench, others: Others) -> None:
    bench.sender.whole(sending.blocks(bench.lines(100)), Upload())  # imports, pools and caches are there from now on
    tenth = _with_bad_lines(bench, 10, "a tenth, 1 % bad")
    with others:
        whole = _with_bad_lines(bench, 1, "the whole, 1 % bad")
    print(f"  reads of others meanwhile: {others.told()}")
    _is_flat(bench, "ten times the bytes", whole.grown_mb - tenth.grown_mb)
    _all_or_none(bench, "all or none, NDJSON", Upload(atomic=True), sending.blocks)
    _all_or_none(bench, "all or none, JSON", Upload(atomic=True, media=JSON), _as_document)
    _hopeless(bench)
    _slow(bench)
    _silent(bench)
    _cut_and_sent_again(bench)
    _cut_without_a_key(bench)
    _end_all(bench)
    results.read_back(bench.client, bench.gauge, bench.rows, bench.judge)


def _with_bad_lines(bench: Bench, share: int, name: str) -> Standing:
    count = bench.count(share)
    found, sent = bench.gauge.measured(name, lambda: _send(bench, jobs.spoiled(bench.lines(share)), Upload()))
    bad, batch = jobs.bad(count), str(sent.body.get("id"))
    told_bad = {error.line: error.error.get("code") for error in bench.client.batch_errors(batch)}
    rows = bench.rows.of_batch(batch)
    print(f"  {count} lines, {1e3 * sent.took_s / count:.1f} ms a line; {rows}")
    bench.judge(f"{name}: answered 202", kept=sent.status == 202)
    bench.judge(f"{name}: each bad line is told in its place ({len(told_bad)})", kept=told_bad == bad)
    bench.judge(f"{name}: each good line is one job ({rows.jobs})", kept=rows.is_whole(count, refused=len(bad)))
    _cancel(bench, batch, name)
    _is_flat(bench, name, found.grown_mb)
    return found


def _all_or_none(bench: Bench, name: str, how: Upload, form: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
    """The last line of all is bad."""

    def lines() -> Iterator[bytes]:
        yield from islice(bench.lines(), bench.count() - 1)
        yield b'{"transcript": {"content": "  "}}\n'

    before = bench.rows.everything()
    found, sent = bench.gauge.measured(name, lambda: bench.sender.whole(form(lines()), how))
    named = sent.body.get("lines")
    wrong = [one.get("line") for one in named if isinstance(one, dict)] if isinstance(named, list) else []
    bench.judge(
        f"{name}: the one bad line is told ({sent.status}, {wrong})",
        kept=(sent.status, wrong) == (422, [bench.count()]),
    )
    bench.judge(f"{name}: nothing is stored", kept=bench.rows.everything() == before)
    _is_flat(bench, name, found.grown_mb)


def _hopeless(bench: Bench) -> None:
    name = "all or none, every line bad in fifty places"
    before = bench.rows.everything()
    lines = sending.blocks(jobs.hopeless(bench.count(), 50))
    found, sent = bench.gauge.measured(name, lambda: bench.sender.whole(lines, Upload(atomic=True)))
    shown = sent.body.get("lines")
    kept = sent.status == 422 and isinstance(shown, list) and len(shown) == SHOWN
    bench.judge(
        f"{name}: the first {SHOWN} are told", kept=kept and f"{bench.count()} lines" in str(sent.body.get("detail"))
    )
    bench.judge(f"{name}: nothing is stored", kept=bench.rows.everything() == before)
    _is_flat(bench, name, found.grown_mb)


def _slow(bench: Bench) -> None:
    name, count = "a slow sender", bench.count(100)
    pieces = sending.paced(bench.lines(100), SLOW_BYTES_PER_S)
    found, sent = bench.gauge.measured(name, lambda: bench.sender.whole(pieces, Upload()))
    bench.judge(f"{name}: each line is one job", kept=bench.rows.of_batch(str(sent.body.get("id"))).is_whole(count))
    _is_flat(bench, name, found.grown_mb)


def _silent(bench: Bench) -> None:
    name, count = "a sender that falls silent", bench.count(100)
    pieces = sending.blocks(bench.lines(100))
    found, sent = bench.gauge.measured(name, lambda: bench.sender.silent(pieces, Upload()))
    newest = bench.newest()
    bench.judge(
        f"{name}: is told so ({sent.status} after {sent.took_s:.0f} s)",
        kept=sent.status == 408 and sent.took_s < SILENT_S,
    )
    bench.judge(f"{name}: what came is a batch ({newest.lines} lines)", kept=newest.received_at is not None)
    bench.judge(
        f"{name}: of jobs, each once",
        kept=bench.rows.of_batch(newest.id).is_whole(newest.lines) and newest.lines <= count,
    )
    _is_flat(bench, name, found.grown_mb)


def _cut_and_sent_again(bench: Bench) -> None:
    name, count, how = "cut off and sent again", bench.count(10), Upload(key="cut and sent again")
    half = sending.blocks(islice(bench.lines(10), count // 2))
    bench.sender.cut(half, how, lambda: bench.wait_for(lambda newest: newest.status == "receiving"))
    cut_at = bench.newest()
    found, sent = bench.gauge.measured(name, lambda: _send(bench, bench.lines(10), how))
    rows = bench.rows.of_batch(cut_at.id)
    again = _send(bench, bench.lines(10), how)
    same = (again.body.get("id"), again.headers.get("idempotent-replayed")) == (cut_at.id, "true")
    print(f"  it was cut off with {cut_at.lines} lines")
    bench.judge(f"{name}: it goes on where it was", kept=0 < cut_at.lines < count and sent.body.get("id") == cut_at.id)
    bench.judge(f"{name}: each line is one job ({rows.jobs})", kept=sent.status == 202 and rows.is_whole(count))
    bench.judge(f"{name}: a third time changes nothing", kept=same and bench.rows.of_batch(cut_at.id) == rows)
    _is_flat(bench, name, found.grown_mb)


def _cut_without_a_key(bench: Bench) -> None:
    name, count = "cut off without a key", bench.count(100)
    comes_in = bench.wait_for
    bench.sender.cut(
        sending.blocks(bench.lines(100)), Upload(), lambda: comes_in(lambda newest: newest.status == "receiving")
    )
    bench.wait_for(lambda newest: newest.received_at is not None)
    newest = bench.newest()
    kept = newest.received_at is not None and 0 < newest.lines <= count
    bench.judge(f"{name}: it is what came ({newest.lines} lines)", kept=kept)
    bench.judge(f"{name}: of jobs, each once", kept=bench.rows.of_batch(newest.id).is_whole(newest.lines))


def _end_all(bench: Bench) -> None:
    """Cancel what is open, and see that nothing of anything is: calls that were cut are booked within seconds."""
    for batch in bench.client.batches(limit=100).data:
        if batch.status not in ENDED:
            _cancel(bench, batch.id, f"{batch.lines} lines")
    began = time.monotonic()
    while any(json.loads(left := bench.rows.left_open()).values()) and time.monotonic() - began < AT_REST_S:
        time.sleep(1.0)
    print(f"  all at rest after {time.monotonic() - began:.0f} s")
    kept = not any(json.loads(left).values())
    bench.judge(f"nothing of what was canceled or left behind is open ({left})", kept=kept)


def _cancel(bench: Bench, batch: str, name: str) -> None:
    began = time.monotonic()
    while bench.client.cancel_batch(batch).status not in ENDED and time.monotonic() - began < ENDING_S:
        pass  # each call ends jobs for some seconds
    found = bench.client.batch(batch)
    print(
        f"  canceled after {time.monotonic() - began:.1f} s: {found.counts.canceled} of {found.jobs} jobs", flush=True
    )
    bench.judge(f"{name}: canceled, every job has ended", kept=found.status == "canceled")


def _send(bench: Bench, lines: Iterator[bytes], how: Upload) -> Sent:
    return bench.sender.whole(sending.blocks(lines), how)


def _as_document(lines: Iterator[bytes]) -> Iterator[bytes]:
    return sending.blocks(sending.document(lines))


def _is_flat(bench: Bench, name: str, grown_mb: float) -> None:
    bench.judge(f"{name}: memory of the API is flat ({grown_mb:+.0f} MB)", kept=grown_mb <= FLAT_MB)
