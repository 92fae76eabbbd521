"""Judges what a rule accepts by where each text came from: no likeness is involved.

An accepted item is right if its text is a true form of a gold item that no other accepted item has taken already; a
second one is a duplicate, and wrong like corrupted and invented ones. The gold's other items are missed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ops.bench.quality.simulation import Simulated
from orchestrator.analysis.items import Kind

Accepted: TypeAlias = tuple[Kind, str]  # an item's kind and text


@dataclass(frozen=True)
class Score:
    """Counts of one panel. `right + corrupted + invented + duplicates` is what was accepted."""

    gold: int
    right: int
    corrupted: int
    invented: int
    duplicates: int

    @property
    def accepted(self) -> int:
        return self.right + self.corrupted + self.invented + self.duplicates

    @property
    def precision(self) -> float:
        return self.right / self.accepted if self.accepted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.accepted + self.gold) if self.accepted + self.gold else 0.0

    @property
    def corrupted_rate(self) -> float:
        """Items accepted in their corrupted form, as a share of the gold."""
        return self.corrupted / self.gold if self.gold else 0.0

    @property
    def invented_rate(self) -> float:
        """Items accepted that hold in another meeting only, as a share of the gold."""
        return self.invented / self.gold if self.gold else 0.0


def judge(panel: Simulated, accepted: Iterable[Accepted]) -> Score:
    """Count what was accepted by its origin."""
    counts: Counter[str] = Counter(name for name, _right in verdicts(panel, list(accepted)))
    return Score(
        gold=len(panel.meeting.gold),
        right=counts["true"],
        corrupted=counts["corrupted"],
        invented=counts["invented"],
        duplicates=counts["duplicate"],
    )


def verdicts(panel: Simulated, accepted: Sequence[Accepted]) -> list[tuple[str, bool]]:
    """What each accepted item is, in order, and whether it is right."""
    taken = set[str]()
    found = list[tuple[str, bool]]()
    for kind, text in accepted:
        origin = panel.origin(kind, text)
        is_second = origin.truth == "true" and origin.source in taken
        if origin.truth == "true":
            taken.add(origin.source)
        found.append(("duplicate" if is_second else origin.truth, origin.truth == "true" and not is_second))
    return found
