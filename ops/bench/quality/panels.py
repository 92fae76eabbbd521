"""The table of simulated panels: every rule in every setting, with intervals, and how reliable confidences are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final

from ops.bench.quality.fitting import FITTED_ON
from ops.bench.quality.intervals import differences, interval
from ops.bench.quality.noise import SETTINGS, Noise
from ops.bench.quality.origins import Score, judge, verdicts
from ops.bench.quality.reliability import Told, calibration_error, curve
from ops.bench.quality.rules import PLAIN, run, seat_alone
from ops.bench.quality.simulation import Simulated, Stage
from orchestrator.analysis.items import KINDS
from orchestrator.synthesis import STRATEGIES

ONE: Final = "one model (mean)"

Scores = dict[str, list[Score]]  # by meeting, in the order of the seeds


@dataclass
class Measured:
    """What one setting gave: scores by rule and meeting, and the confidences that consensus told."""

    scores: dict[str, Scores] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    alone: dict[str, list[list[Score]]] = field(default_factory=lambda: defaultdict(list))
    told: list[Told] = field(default_factory=list)


def report(stages: Sequence[Stage], seeds: int) -> None:
    """Print the tables."""
    held_out = [stage.meeting.name for stage in stages if stage.meeting.name not in FITTED_ON]
    complete = [stage.meeting.name for stage in stages if stage.meeting.is_complete]
    every: list[Told] = []
    for noise in SETTINGS:
        found = measure(stages, noise, seeds)
        print(f"\n== {noise.name}\n")
        _print_rules(found, [stage.meeting.name for stage in stages], "all meetings")
        if 0 < len(held_out) < len(stages):
            _print_rules(found, held_out, "held out")
        if 0 < len(complete) < len(stages):
            _print_rules(found, complete, "with corrupted forms")
        print(f"expected calibration error of consensus: {calibration_error(found.told):.3f}")
        every += found.told
    print("\n== Reliability of consensus over all settings\n\n  told   right   items")
    for one in curve(every):
        print(f"{one.told:6.2f}{one.right:8.2f}{one.items:8}")
    print(f"expected calibration error: {calibration_error(every):.3f}")


def measure(stages: Sequence[Stage], noise: Noise, seeds: int) -> Measured:
    """Judge every rule on the same panels."""
    found = Measured()
    for stage in stages:
        for seed in range(seeds):
            _add(found, stage.panel(noise, seed))
    return found


def _add(found: Measured, panel: Simulated) -> None:
    name = panel.meeting.name
    found.alone[name].append([judge(panel, seat_alone(panel, seat)) for seat in panel.candidates])
    for plain, decide in PLAIN.items():
        found.scores[plain][name].append(judge(panel, decide(panel)))
    for strategy, rule in STRATEGIES.items():
        synthesis = run(rule, panel)
        items = [(kind, item) for kind in KINDS for item in synthesis.of(kind)]
        accepted = [(kind, item.text) for kind, item in items]
        found.scores[strategy][name].append(judge(panel, accepted))
        if strategy == "consensus":
            judged = zip(items, verdicts(panel, accepted), strict=True)
            found.told += [(item.confidence, right) for (_kind, item), (_name, right) in judged]


def _print_rules(found: Measured, names: Sequence[str], group: str) -> None:
    print(f"{group:28}{'F1':>22}{'prec.':>8}{'recall':>8}{'corrupted':>11}{'invented':>10}{'F1 over one model':>26}")
    alone = {name: found.alone[name] for name in names}
    ours = _values(alone, "f1")
    _print(ONE, ours, alone, None)
    for rule, scores in found.scores.items():
        chosen = {name: [[one] for one in scores[name]] for name in names}
        f1 = _values(chosen, "f1")
        _print(rule, f1, chosen, differences(f1, ours))
    print()


def _print(
    rule: str,
    f1: Mapping[str, Sequence[float]],
    scores: Mapping[str, Sequence[Sequence[Score]]],
    gained: Mapping[str, Sequence[float]] | None,
) -> None:
    parts = [_mean(scores, part) for part in ("precision", "recall", "corrupted_rate", "invented_rate")]
    gain = str(interval(gained)) if gained else ""
    print(f"{rule:28}{interval(f1)!s:>22}{parts[0]:8.3f}{parts[1]:8.3f}{parts[2]:11.3f}{parts[3]:10.3f}{gain:>26}")


def _values(scores: Mapping[str, Sequence[Sequence[Score]]], part: str) -> dict[str, list[float]]:
    """Of each panel the mean over its scores, by meeting."""
    return {name: [fmean(getattr(one, part) for one in panel) for panel in panels] for name, panels in scores.items()}


def _mean(scores: Mapping[str, Sequence[Sequence[Score]]], part: str) -> float:
    return fmean(fmean(values) for values in _values(scores, part).values())
