"""Disks that refuse a synced write, under the whole product at work, and a fault report.

    python -P -m ops.drills.disk [--strikes 20] [--redis 10] [--every 15] [--seed 1] [--logs FOLDER] [--report FILE]

Strikes PostgreSQL --strikes times, its log and its checkpoints by turns, and Redis' append-only file --redis times, in
random order: the next synced write fails with EIO (`ops/drills/storm/failing_syncs.py`; needs strace, and leave to
attach). PostgreSQL has to panic and recover, Redis may take no writes until it has synced. Meanwhile clients post jobs
of three seats and read them to their end. Witnesses, promises and report are those of `ops.drills.storm`. Exit status
1: a promise broke, or nothing could be struck.
"""

import argparse
import math
import shlex
import sys
from pathlib import Path
from typing import Final

from ops.drills.storm import course, failing_syncs, plan, report
from ops.drills.storm.course import Order
from workers.errors import CannotStart, Interrupted

PROGRAM: Final = "python -P -m ops.drills.disk"
JOBS_EVERY_S: Final = 0.7  # about a third of what two cores can do: steady, and every strike meets calls under way
LULL_S: Final = 30.0  # of load after the last strike


def main(arguments: list[str]) -> int:
    """Run it; returns the exit status."""
    given = _parser().parse_args(arguments)
    reason = failing_syncs.refusal()
    if reason is not None:
        print(f"disk: NOTHING WAS STRUCK: {reason}.", file=sys.stderr)
        return 1
    try:
        found = course.run(
            order(given.strikes, given.redis, given.every, given.seed, shlex.join(arguments), given.logs)
        )
    except Interrupted:
        return 130
    except CannotStart as error:
        print(f"disk: {error}", file=sys.stderr)
        return 1
    told = report.markdown(found)
    print(told)
    if given.report is not None:
        with given.report.open("a", encoding="utf-8") as file:
            file.write(told + "\n\n")
    return 0 if found.is_sound else 1


def order(strikes: int, of_redis: int, every_s: float, seed: int, words: str = "", logs: Path | None = None) -> Order:
    """What is to be run; jobs come all the time, and for a while after the last strike."""
    faults = plan.of_disks(seed, strikes=strikes, of_redis=of_redis, every_s=every_s)
    return Order(
        title=f"Synced writes that fail with EIO, {strikes} of PostgreSQL and {of_redis} of Redis",
        command=f"{PROGRAM} {words}".strip(),
        seed=seed,
        jobs=math.ceil((plan.lasts_s(faults) + LULL_S) / JOBS_EVERY_S),
        plan=faults,
        asks=3,
        every_s=JOBS_EVERY_S,
        logs=logs,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strikes", type=int, choices=range(201), metavar="N", default=20, help="of PostgreSQL")
    parser.add_argument("--redis", type=int, choices=range(201), metavar="N", default=10, help="strikes of Redis")
    parser.add_argument("--every", type=float, default=15.0, help="seconds between two strikes, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="copy what the processes said to this folder")
    parser.add_argument("--report", type=Path, help="append the report to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
