"""Thousands of real meetings as a batch of the command line with Ctrl-C in the middle; and how large batches go in.

    python -P -m ops.drills.batches [--jobs 2000] [--corpus ../shared/data/transcripts]
    python -P -m ops.drills.batches intake [--jobs 10000] [--megabytes 200]

Either starts the embedded stack with the emulator as its only provider, and ends both. What is promised stands in
`course.py` and in `intake.py`. Exit status 1: a promise broke.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import Final

from ops.bench.slice_rig import NoRig, rigged
from ops.drills.batches import course, intake, meetings
from orchestrator.work.batches import MOST_LINES
from providers.errors import ProviderError

JOBS: Final = 2_000
MOST_MEGABYTES: Final = 200


def _parser() -> argparse.ArgumentParser:
    def between(least: int, most: int, given: str) -> int:
        if not (given.isdecimal() and least <= int(given) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}")
        return int(given)

    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.batches", description="Batches of real meetings.")
    parser.add_argument("what", nargs="?", choices=["command", "intake"], default="command")
    parser.add_argument("--jobs", type=lambda given: between(30, MOST_LINES, given))
    parser.add_argument("--megabytes", type=lambda given: between(1, MOST_MEGABYTES, given), default=MOST_MEGABYTES)
    parser.add_argument("--corpus", type=Path, default=meetings.CORPUS, help="a folder of meetings in our shared form")
    return parser


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def main() -> int:
    """Run the drill; returns the exit status."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: unwinding ends what was started
    if not given.corpus.is_dir():
        print(f"batches: there are no meetings in {given.corpus}.", file=sys.stderr)
        return 2
    try:
        if given.what == "intake":
            order = intake.Order(given.corpus, given.jobs or MOST_LINES, given.megabytes)
            with rigged(intake.THINKS_S * 1e3, None) as rig:
                return 0 if intake.drill(rig, order) else 1
        with rigged(0.0, None) as rig:
            return 0 if course.drill(rig, given.corpus, given.jobs or JOBS) else 1
    except (NoRig, ProviderError) as error:
        print(f"batches: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
