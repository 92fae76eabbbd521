"""Prints how good analyses are, against annotations of real meetings: a report, offline, the same in every run.

    python -m ops.bench.quality [panels|extraction|fit] [--data FOLDER] [--seeds 8]

FOLDER holds NAME.json, NAME.gold.json and panel/NAME.panel.json; by default the shared data beside the checkout.

`panels` simulates panels of noisy models on the meetings that have a panel file and judges the strategies by the origin
of each accepted item; see `simulation.py`, `noise.py`, `origins.py`. One score is of one panel; means are over
meetings, each counting the same, with 95 % intervals of a bootstrap over meetings and panels. "corrupted" and
"invented" are what was accepted of each as a share of the gold. Nobody can be asked in another role, so strategies do
without a judge or lead.

`extraction` lets the built-in models read all annotated meetings; see `extraction.py`.

`fit` prints the weights of `orchestrator/analysis/credence.py` as they come of the meetings in `fitting.FITTED_ON`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ops.bench.quality import extraction, fitting, panels
from ops.bench.quality.meetings import DEFAULT_FOLDER, NoMeetings, annotated, seeded
from ops.bench.quality.simulation import Stage

NOTHING_TO_MEASURE: Final = 2  # exit status


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one report. 2: there was nothing to measure."""
    options = _options(arguments)
    try:
        if options.report == "extraction":
            extraction.report(annotated(options.data))
            return 0
        stages = [Stage(meeting) for meeting in seeded(options.data)]
    except NoMeetings as error:
        print(error, file=sys.stderr)
        return NOTHING_TO_MEASURE
    if options.report == "panels":
        _print_head(stages, options.seeds)
        panels.report(stages, options.seeds)
        return 0
    known = [stage for stage in stages if stage.meeting.name in fitting.FITTED_ON]
    if not known:
        print(f"none of {', '.join(fitting.FITTED_ON)} in {options.data}", file=sys.stderr)
        return NOTHING_TO_MEASURE
    print(" ".join(f"{weight:.3f}" for weight in fitting.fit(known, options.seeds)))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.bench.quality", description="Measure quality on gold.")
    parser.add_argument("report", nargs="?", choices=("panels", "extraction", "fit"), default="panels")
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="annotated meetings (default: shared data)")
    parser.add_argument("--seeds", type=int, default=8, help="panels of each meeting in each setting")
    return parser.parse_args(arguments)


def _print_head(stages: Sequence[Stage], seeds: int) -> None:
    print(f"{seeds} panels of each meeting in each setting; weights fitted on {', '.join(fitting.FITTED_ON)}")
    for stage in stages:
        one = stage.meeting
        worded = sum(bool(item.paraphrases) for item in one.gold)
        corrupted = sum(bool(item.corrupted) for item in one.gold)
        print(
            f"{one.name}: {len(one.gold)} items, {worded} with written paraphrases (the others reworded by rule), "
            f"{corrupted} with a corrupted form (the others are never corrupted), {len(one.distractors)} distractors"
        )


if __name__ == "__main__":
    sys.exit(main())
