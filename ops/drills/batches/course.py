"""`meetingmind batch` over a folder of meetings, stopped twice by Ctrl-C: while it hands in, and while results come.

Promises: every meeting has one result, in order, and none twice; every job succeeded; the provider was asked for each
once, whatever else it was asked has its reason in the rows, and the bank is the ledger; neither the API nor the command
needs more memory for the last meetings than for the first hundreds.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from api.client import Client
from ops.bench import slice_meters
from ops.bench.slice_rig import CHECKOUT, Product, Rig
from ops.drills.batches import books, meetings, memory
from ops.drills.batches.memory import Memory
from ops.drills.batches.others import Others
from orchestrator.settings import inherited_environment

MODEL: Final = "openai/gpt-6-luna"
LOOK_EVERY_S: Final = 0.1  # thousands of results that are there come within a second or two
CALM_S: Final = 5.0
GROWTH_MB: Final = 48.0  # what an allocator may keep back; a batch held in memory would be hundreds
PATIENCE_S: Final = 1_800.0
COMMAND: Final = "command"


@dataclass(frozen=True)
class Run:
    """One run of the command."""

    status: int
    took_s: float
    said: str
    memory: Memory


@dataclass(frozen=True)
class Place:
    """Where the meetings lie, and where their results go."""

    source: Path
    out: Path

    def results(self) -> int:
        """How many are written."""
        if not self.out.exists():
            return 0
        with self.out.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def drill(rig: Rig, corpus: Path, jobs: int) -> bool:
    """All three runs, their figures, and a verdict for each promise."""
    with TemporaryDirectory(prefix="meetingmind-batches-") as folder:
        place = Place(Path(folder) / "meetings", Path(folder) / "results.ndjson")
        size = meetings.write_folder(place.source, corpus, jobs)
        print(f"{jobs} meetings, {size / 1e6:.1f} MB; load of others: {os.getloadavg()[0]:.1f}", flush=True)
        api = Memory(memory.parts(rig.product.pid))
        runs = _runs(rig.product, place, jobs, api)
        names = [path.name for path in sorted(place.source.iterdir())]
        results = [json.loads(line) for line in place.out.read_text("utf-8").splitlines()]
    for line in (*api.told(), *(line for run in runs for line in run.memory.told())):
        print(line)
    # The command's first line speaks for all: the meetings are the lines behind it.
    api_name = next((name for name in api.samples if name.startswith("api")), "")
    verdicts = [
        ("stopped by Ctrl-C while it handed in, and while results came", [run.status for run in runs[:2]] == [130] * 2),
        ("the third run ended well", runs[2].status == 0),
        ("one result for each line, in order", [one["line"] for one in results] == [*range(2, jobs + 2)]),
        ("of the meetings in the order of their names", [one["custom_id"] for one in results] == names),
        ("every job succeeded", all(one["status"] == "succeeded" for one in results)),
        ("one job for each", len({one["job_id"] for one in results}) == jobs),
        (f"memory of the API is flat ({api.grown_mb(api_name):+.0f} MB)", api.grown_mb(api_name) <= GROWTH_MB),
    ]
    # The third run may be over within a second, most of which is its start: it is held to what the second one needed.
    for turn, grown in enumerate((*(run.memory.grown_mb(COMMAND) for run in runs[:2]), _above(runs[2], runs[1])), 1):
        verdicts.append((f"memory of the command in run {turn} is flat ({grown:+.0f} MB)", grown <= GROWTH_MB))
    return told([*verdicts, *_books(rig, jobs)])


def told(verdicts: list[tuple[str, bool]]) -> bool:
    """A line for each promise; whether all were kept."""
    for what, kept in verdicts:
        print(f"{'kept ' if kept else 'BROKE'}  {what}", flush=True)
    return all(kept for _, kept in verdicts)


def _runs(product: Product, place: Place, jobs: int, api: Memory) -> list[Run]:
    with Others(product) as calm:
        time.sleep(CALM_S)
    with Others(product) as busy, closing(Client(product.url, product.key)) as client:
        first = _run(product, place, api, until=lambda: _handed_in(client) >= jobs // 3)
        print(f"stopped: status {first.status} after {first.took_s:.0f} s, {_handed_in(client)} handed in", flush=True)
        second = _run(product, place, api, until=lambda: place.results() >= jobs // 3)
        print(f"stopped: status {second.status} after {second.took_s:.0f} s, {place.results()} results", flush=True)
    print(f"reads of others: {calm.told()}; while the batch was taken in and ran: {busy.told()}")
    third = _run(product, place, api)
    took_s = sum(run.took_s for run in (first, second, third))
    print(f"whole: status {third.status} after {took_s:.0f} s in all, {jobs / took_s:.1f} jobs/s", flush=True)
    print(third.said.strip().splitlines()[-1] if third.said.strip() else "(nothing said)")
    return [first, second, third]


def _run(product: Product, place: Place, api: Memory, *, until: Callable[[], bool] = lambda: False) -> Run:
    """Run the command; stop it by Ctrl-C once that is so."""
    began = time.monotonic()
    environment = {**inherited_environment(), "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}
    service = {"MEETINGMIND_URL": product.url, "MEETINGMIND_API_KEY": product.key}
    argv = ["batch", str(place.source), "-o", str(place.out), "--models", MODEL, "--strategy", "single"]
    command = subprocess.Popen(
        [sys.executable, "-P", "-m", "api.cli", *argv],
        env=environment | service,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    own = Memory({command.pid: COMMAND})
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(command.stderr.read() if command.stderr else ""))
    reader.start()
    try:
        while command.poll() is None and time.monotonic() - began < PATIENCE_S:
            api.sample()
            own.sample()
            if until():
                command.send_signal(signal.SIGINT)
                break
            time.sleep(LOOK_EVERY_S)
        status = command.wait(60)
    finally:
        if command.poll() is None:
            command.kill()
    reader.join(10)
    return Run(status, time.monotonic() - began, "".join(said), own)


def _above(run: Run, other: Run) -> float:
    """How many megabytes one run of the command needed more than another."""
    return max(run.memory.samples.get(COMMAND, [0.0])) - max(other.memory.samples.get(COMMAND, [0.0]))


def _handed_in(client: Client) -> int:
    """Lines of the newest batch."""
    newest = client.batches(limit=1).data
    return newest[0].lines if newest else 0


def _books(rig: Rig, jobs: int) -> list[tuple[str, bool]]:
    """What the provider was asked; nothing where the service is somebody else's."""
    with slice_meters.opened(rig.product.pid, None) as meters:
        if meters is None or rig.emulator is None:
            return []
        account = books.read(meters.database, rig.emulator)
    print("\n".join(account.told()))
    for broken in account.broken:
        print(f"  {broken}")
    return [
        (
            f"the provider's answers that were used are one for each meeting ({account.calls.get('used', 0)})",
            account.calls.get("used", 0) == jobs,
        ),
        ("every other request has its reason, no call is paid twice, the bank is the ledger", not account.broken),
    ]
