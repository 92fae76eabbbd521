"""How long a whole job takes, through every process of the product: the bench of the vertical slice.

    python -P -m ops.bench.slice [--jobs 50] [--rate 5 --seconds 10] [--latency-ms 300] [--out figures.json]

Starts the embedded stack as `meetingmind up` does, with the emulator as OpenAI, and ends both; or, with MEETINGMIND_URL
and MEETINGMIND_API_KEY set, asks the service there (`--emulator URL` names the emulator that it asks, so that its bill
can be checked). A job is 10 KB of talk for three models that think for `--latency-ms`; so that time is the ideal.

First one job after the other, timed from the POST; then an open loop, timed from the moment at which each job was meant
to be sent, so that a slow answer cannot hide the wait of those behind it. Exit status: 0; 1 if a job did not succeed,
or the emulator counts other requests or another bill than the product.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

from api.client import Trouble
from ops.bench import slice_load, slice_meters, slice_report, slice_timeline
from ops.bench.slice_meters import SETTLE_S, Meters, Reading, Use
from ops.bench.slice_report import Run
from ops.bench.slice_rig import NoRig, Rig, rigged
from providers.errors import ProviderError

WARM_UP_JOBS: Final = 10
MOST_JOBS: Final = 2_000  # in either loop: this is no load test


def main() -> int:
    """Run the bench; returns the exit status."""
    parser = _parser()
    given = parser.parse_args()
    if given.rate * given.seconds > MOST_JOBS:
        parser.error(f"the open loop would have more than {MOST_JOBS} jobs")
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: unwinding ends what was started
    try:
        with rigged(given.latency_ms, given.emulator) as rig:
            run = _run(rig, given)
    except (NoRig, Trouble, ProviderError) as error:
        print(f"slice: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    slice_report.show(run)
    if given.out:
        given.out.write_text(json.dumps(slice_report.document(run), indent=2) + "\n", encoding="utf-8")
    faults = slice_report.faults(run)
    for fault in faults:
        print(f"slice: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _run(rig: Rig, given: argparse.Namespace) -> Run:
    product, emulator = rig.product, rig.emulator
    due = round(given.rate * given.seconds)
    texts = slice_load.transcripts()
    load_before, pace_ms = os.getloadavg()[0], slice_meters.pace_ms()
    bare = slice_load.bare(emulator, next(texts)) if emulator else None
    books = emulator.books() if emulator else None
    with slice_meters.opened(product.pid, emulator.pid if emulator else None) as meters:
        warm = slice_load.one_by_one(product, texts, WARM_UP_JOBS)
        still = _settled(meters)
        before = _settled(meters)
        closed = slice_load.one_by_one(product, texts, given.jobs)
        after = meters.read() if meters else None
        use = _use(before, after, _settled(meters))
        idle = _use(still, before, before)
        opened = slice_load.open_loop(product, texts, due, given.rate)
        return Run(
            ideal_ms=given.latency_ms,
            load_before=load_before,
            pace_ms=pace_ms,
            bare=bare,
            closed=closed,
            opened=opened,
            jobs=[ran.job for ran in (*warm, *closed, *opened)],
            books=emulator.books().since(books) if emulator and books else None,
            a_job=use.a_job(len(closed), idle) if use and idle else None,
            other_cores=use.other_cores if use else None,
            timeline=slice_timeline.read(meters.database, [ran.job.id for ran in closed]) if meters else {},
        )


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _settled(meters: Meters | None) -> Reading | None:
    """A reading once PostgreSQL has counted all that has happened."""
    if meters is None:
        return None
    time.sleep(SETTLE_S)
    return meters.read()


def _use(before: Reading | None, after: Reading | None, settled: Reading | None) -> Use | None:
    return slice_meters.used(before, after, settled) if before and after and settled else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m ops.bench.slice", description="Time whole jobs.")
    parser.add_argument("--jobs", type=_count, default=50, help="one after the other (default: 50)")
    parser.add_argument("--rate", type=_positive, default=5.0, help="of the open loop, in jobs a second (default: 5)")
    parser.add_argument("--seconds", type=_duration, default=10.0, help="of the open loop (default: 10; 0 for none)")
    parser.add_argument("--latency-ms", type=_positive, default=300.0, help="of each model (default: 300)")
    parser.add_argument("--emulator", help="the address of a named service's emulator")
    parser.add_argument("--out", type=Path, help="write the figures there as JSON")
    return parser


def _count(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= MOST_JOBS):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_JOBS}")
    return int(text)


def _duration(text: str) -> float:
    return _positive(text) if float(text) else 0.0


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"a number above 0, at most {MOST_JOBS}")
    return number


if __name__ == "__main__":
    sys.exit(main())
