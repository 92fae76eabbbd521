"""Runs schedule after schedule, or one of them with its trace: `python -P -m ops.drills.simulation [--seed N]`."""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count

from ops.drills.simulation.laws import Broken
from ops.drills.simulation.mechanisms import AS_BUILT, NAMES, SPARING, Mechanisms
from ops.drills.simulation.world import World


@dataclass
class Tally:
    """What a run of many schedules came to."""

    schedules: int = 0
    steps: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def add(self, world: World) -> None:
        self.schedules += 1
        self.steps += world.steps
        self.faults.update(world.faults)
        self.ends.update(str(job.status) for job in world.rows.jobs)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a law was broken."""
    given = _parser().parse_args(arguments)
    on = replace(AS_BUILT, **dict.fromkeys(given.without, False))
    if given.seed is not None:
        return _replay(given.seed, on)
    return _run(given, on)


def _replay(seed: int, on: Mechanisms) -> int:
    world, verdict = World(seed, on, traced=True), "all laws hold"
    try:
        world.run()
    except Broken as broken:
        verdict = f"BROKEN: {broken}"
    print(world.plan)
    print("\n".join(world.trace or ()))
    print(f"seed {seed}: {world.steps} steps, {verdict}")
    return 0 if verdict == "all laws hold" else 1


def _run(given: argparse.Namespace, on: Mechanisms) -> int:
    tally, began, began_cpu = Tally(), time.monotonic(), time.process_time()
    for seed in count(given.first):
        late = given.schedules is None and time.monotonic() - began >= given.seconds
        if late or tally.schedules == given.schedules:
            break
        world = World(seed, on)
        try:
            world.run()
        except Broken as broken:
            print(f"seed {seed} breaks a law after {tally.schedules} schedules that did not: {broken}\n")
            return _replay(seed, on)
        tally.add(world)
    _report(tally, time.monotonic() - began, time.process_time() - began_cpu)
    return 0


def _report(tally: Tally, took_s: float, cpu_s: float) -> None:
    print(f"{tally.schedules} schedules, {tally.steps} steps, no law broken")
    print(
        f"{tally.schedules / max(took_s, 1e-9):.0f} schedules a second on one core, "
        f"{tally.schedules / max(cpu_s, 1e-9):.0f} a second of processor time"
    )
    print(f"jobs ended as: {_listed(tally.ends)}")
    print(f"faults: {_listed(tally.faults)}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{what} {number}" for what, number in sorted(counts.items()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -P -m ops.drills.simulation",
        description="Plays seeded schedules of faults against the job state machine, in virtual time.",
    )
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to go on (default: 30)")
    parser.add_argument("--schedules", type=int, help="how many to play, however long that takes")
    parser.add_argument("--first", type=int, default=0, help="the first seed; the next ones follow (default: 0)")
    parser.add_argument("--seed", type=int, help="play this one alone and print what happens in it")
    parser.add_argument(
        "--without",
        choices=(*NAMES, *SPARING),
        action="append",
        default=[],
        help="switch a mechanism off: then a law must break",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
