"""A storm of faults over the whole product, and a fault report.

    python -P -m ops.drills.storm [--jobs 3000] [--faults 1000] [--every 1.5] [--kinds kill,freeze,redis] [--workers 3]
    python -P -m ops.drills.storm stores [--events 20] [--kinds redis,postgres,link] [--pause 45]

Both take --seed, --lease (a shorter lease, and as short a time after which a lost message is sent again; by default the
product's own settings hold) and --report FILE, to which the report is appended as a section of Markdown. Everything
runs on this machine, on stores and an emulated provider of its own, and ends by itself: after the last fault jobs have
their deadline and half a minute. Exit status 1: a promise broke.

The mixed storm kills and freezes our processes at random and lets Redis lose what it holds, while clients post jobs of
three seats and read them to their end. `stores` restarts Redis and PostgreSQL in every way and takes their links away,
each kind --events times, and asks the API meanwhile: while PostgreSQL is away it has to answer 503 at once. A --pause
that is shorter than a recovery lets one absence fall into the recovery from another, and what both took adds up.
"""

import argparse
import math
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ops.drills.storm import course, plan, report, town
from ops.drills.storm.course import Order
from ops.drills.storm.plan import GROUPS, STORES, USUAL, Way
from workers.errors import CannotStart, Interrupted

STORES_EVERY_S: Final = 1.5  # between two jobs
PROGRAM: Final = "python -P -m ops.drills.storm"


def main(arguments: list[str]) -> int:
    """Run what was asked for; returns the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.run == "stores" and not {*(given.kinds or STORES)} <= {*STORES}:
        parser.error(f"stores takes --kinds of {','.join(STORES)}")
    order = _of_stores(given, arguments) if given.run == "stores" else _mixed(given, arguments)
    try:
        found = course.run(order)
    except Interrupted:
        return 130
    except CannotStart as error:
        print(f"storm: {error}", file=sys.stderr)
        return 1
    told = report.markdown(found)
    print(told)
    if given.report is not None:
        with given.report.open("a", encoding="utf-8") as file:
            file.write(told + "\n\n")
    return 0 if found.is_sound else 1


def _mixed(given: argparse.Namespace, arguments: list[str]) -> Order:
    faults = plan.drawn(
        given.seed,
        faults=given.faults,
        every_s=given.every,
        groups=given.kinds or USUAL,
        victims=[*town.processes(given.workers)],
        lease_s=given.lease or course.USUAL_LEASE_S,
    )
    return Order(
        title=f"A storm of {given.faults} faults over {given.jobs} jobs",
        command=_told(arguments),
        seed=given.seed,
        jobs=given.jobs,
        plan=faults,
        asks=given.workers,
        lease_s=given.lease,
        logs=given.logs,
        linked="link" in (given.kinds or USUAL),
    )


def _of_stores(given: argparse.Namespace, arguments: list[str]) -> Order:
    groups = given.kinds or STORES
    faults = plan.of_stores(given.seed, events=given.events, groups=groups, ways=given.ways, pause_s=given.pause)
    return Order(
        title=f"Stores that go away and come back, {given.events} times each",
        command=_told(arguments),
        seed=given.seed,
        jobs=max(1, math.ceil(plan.lasts_s(faults) / STORES_EVERY_S)),
        plan=faults,
        asks=given.workers,
        lease_s=given.lease,
        logs=given.logs,
        linked="link" in groups,
    )


def _told(arguments: list[str]) -> str:
    return shlex.join([*PROGRAM.split(), *arguments])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="?", choices=("mixed", "stores"), default="mixed")
    parser.add_argument("--jobs", type=_within(1, 30_000), default=3_000)
    parser.add_argument("--faults", type=_within(0, 10_000), default=1_000)
    parser.add_argument("--every", type=_seconds(0.2, 60), default=1.5, help="seconds between two faults, on average")
    parser.add_argument("--events", type=_within(1, 200), default=20, help="of each kind, in `stores`")
    parser.add_argument("--kinds", type=_of(GROUPS, str), help=f"of {','.join(GROUPS)}")
    parser.add_argument("--ways", type=_of(Way, Way), default=tuple(Way), help=f"of {','.join(Way)}")
    parser.add_argument("--pause", type=_seconds(1, 600), default=45.0, help="after a store was away, in `stores`")
    parser.add_argument("--workers", type=_within(1, 16), default=3, help="ask processes")
    parser.add_argument("--lease", type=_seconds(1, 600), help="seconds")
    parser.add_argument("--seed", type=_within(0, 10**9), default=1)
    parser.add_argument("--logs", type=Path, help="copy what the processes said to this folder")
    parser.add_argument("--report", type=Path, help="append the report to this file")
    return parser


def _within(least: int, most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not (given.isdecimal() and least <= int(given) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}")
        return int(given)

    return number


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def seconds(given: str) -> float:
        try:
            found = float(given)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"seconds from {least:g} to {most:g}")
        return found

    return seconds


def _of(known: object, make: Callable[[str], object]) -> Callable[[str], tuple[object, ...]]:
    names = [str(one) for one in known]  # type: ignore[attr-defined]

    def several(given: str) -> tuple[object, ...]:
        asked = [name.strip() for name in given.split(",")]
        if unknown := [name for name in asked if name not in names]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: known are {', '.join(names)}")
        return tuple(make(name) for name in asked)

    return several


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
