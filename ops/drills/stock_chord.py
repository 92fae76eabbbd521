"""What a stock Celery chord makes of the faults that our own report is about: the baseline beside it.

    python -P -m ops.drills.stock_chord [--jobs 3000] [--faults 1000] [--every 1.5] [--kinds kill=6,freeze=6,...]
        [--seed 1] [--workers 4] [--report FILE]

Starts a Redis, workers, a client and the emulator, all its own, and ends them; nothing stays behind. What is found is
printed as Markdown. It is a measurement, not a promise: exit status 0 says that it was played to its end, 1 that it was
not, 130 and 143 that it was stopped.
"""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from ops.bench.slice_rig import NoRig
from ops.drills import stock_chord_report
from ops.drills.stock_chord_course import Course, play
from ops.drills.stock_chord_faults import USUAL_SHARES, Kind, shares_of
from ops.drills.stock_chord_town import NoTown
from workers.errors import CannotStart

USUAL: Final = Course(jobs=3_000, faults=1_000, every_s=1.5)
SETTLE_TIMES: Final = 2.0  # the visibility timeout: a message that comes back may be lost by a frozen worker once more
CLAIM_S: Final = 25.0  # how long Celery may keep others from a body that nobody has published


def main() -> int:
    """Play it and print the page; returns the exit status."""
    course, report = asked(sys.argv[1:])
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: unwinding ends what was started
    command = shlex.join(["python", "-P", "-m", "ops.drills.stock_chord", *sys.argv[1:]])
    try:
        page = stock_chord_report.page(course, play(course), command)
    except (NoRig, NoTown, CannotStart, ConnectionError, TimeoutError) as error:
        print(f"stock_chord: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(page)
    if report is not None:
        report.write_text(page, encoding="utf-8")
    return 0


def asked(arguments: Sequence[str]) -> tuple[Course, Path | None]:
    """The course that the arguments ask for, and the file for its page."""
    given = _parser().parse_args(arguments)
    course = Course(
        jobs=given.jobs,
        faults=given.faults,
        every_s=given.every,
        shares=given.kinds,
        seed=given.seed,
        workers=given.workers,
        pool=given.pool,
        concurrency=given.concurrency,
        visibility_timeout_s=given.visibility_timeout,
        longest_freeze_s=given.longest_freeze,
        latency_ms=given.latency_ms,
        refused_percent=given.refused_percent,
        settle_s=given.settle or SETTLE_TIMES * given.visibility_timeout + CLAIM_S,
    )
    return course, given.report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -P -m ops.drills.stock_chord", description="A stock Celery chord under kills, freezes and losses."
    )
    parser.add_argument("--jobs", type=_whole(1, 100_000), default=USUAL.jobs)
    parser.add_argument("--faults", type=_whole(0, 20_000), default=USUAL.faults)
    parser.add_argument("--every", type=_within(0.1, 600), default=USUAL.every_s, help="seconds between two faults")
    parser.add_argument(
        "--kinds", type=_shares, default=USUAL_SHARES, help=f"shares, of {', '.join(Kind)}: kill=6,freeze=6,flushall"
    )
    parser.add_argument("--seed", type=_whole(0, 2**31), default=USUAL.seed)
    parser.add_argument("--workers", type=_whole(1, 32), default=USUAL.workers)
    parser.add_argument("--pool", choices=("threads", "prefork"), default=USUAL.pool)
    parser.add_argument("--concurrency", type=_whole(1, 200), default=USUAL.concurrency)
    parser.add_argument("--visibility-timeout", type=_within(1, 3_600), default=USUAL.visibility_timeout_s)
    parser.add_argument("--longest-freeze", type=_within(0.1, 600), default=USUAL.longest_freeze_s)
    parser.add_argument("--latency-ms", type=_within(0, 4_000), default=USUAL.latency_ms)
    parser.add_argument("--refused-percent", type=_whole(0, 100), default=USUAL.refused_percent)
    parser.add_argument(
        "--settle",
        type=_within(1, 600),
        help="seconds of silence before it is over; twice the timeout and 25 by default",
    )
    parser.add_argument("--report", type=Path, metavar="FILE")
    return parser


def _shares(given: str) -> Mapping[Kind, int]:
    try:
        return shares_of(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"shares such as kill=6,freeze=3,empty, of {', '.join(Kind)}") from None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not (given.isdecimal() and least <= int(given) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}")
        return int(given)

    return number


def _within(least: float, most: float) -> Callable[[str], float]:
    def number(given: str) -> float:
        value = float(given)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from {least:g} to {most:g}")
        return value

    return number


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
