"""The settings under which panels are simulated. The first is the one that others have published yardsticks for."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Noise:
    """How simulated models err.

    Attributes:
        name: of the setting, as the tables print it.
        recall: of each seat: how likely it reports an item; one entry per seat.
        inventions: of each seat: how many items it makes up, as a share of the number of gold items.
        paraphrase: how likely a true item is worded differently from the gold.
        corrupted: how likely a reported item is wrong in one detail, where a corrupted form is at hand.
        shared: how likely an invention is drawn from a short list that all seats have in common.
        alike: how likely an invention's evidence is what the meeting has most like its text; else it is any utterance.
        lost: how likely each but one of a true item's utterances is left out of its evidence.
        off_by_one: how likely each of its utterances is named one too early or too late.
        astray: how likely each of its utterances is replaced by any other.
        part: how likely a quote is a part of its utterance.
    """

    name: str
    recall: tuple[float, ...] = (0.65,) * 5
    inventions: tuple[float, ...] = (0.35,) * 5
    paraphrase: float = 0.7
    corrupted: float = 0.12
    shared: float = 0.0
    alike: float = 0.5
    lost: float = 0.25
    off_by_one: float = 0.15
    astray: float = 0.05
    part: float = 0.3

    @property
    def seats(self) -> int:
        return len(self.recall)


YARDSTICK: Final = Noise("yardstick")

SETTINGS: Final[tuple[Noise, ...]] = (
    YARDSTICK,
    replace(YARDSTICK, name="evidence of inventions random", alike=0.0),
    replace(YARDSTICK, name="evidence of inventions alike", alike=1.0),
    replace(YARDSTICK, name="little noise", recall=(0.85,) * 5, inventions=(0.1,) * 5, corrupted=0.04),
    replace(YARDSTICK, name="many shared inventions", inventions=(0.6,) * 5, shared=0.7),
    replace(YARDSTICK, name="low recall", recall=(0.4,) * 5),
    replace(YARDSTICK, name="much corrupted", corrupted=0.3),
    replace(YARDSTICK, name="two models", recall=(0.65,) * 2, inventions=(0.35,) * 2),
    replace(YARDSTICK, name="three models", recall=(0.65,) * 3, inventions=(0.35,) * 3),
    replace(YARDSTICK, name="nine models", recall=(0.65,) * 9, inventions=(0.35,) * 9),
    replace(
        YARDSTICK, name="unequal models", recall=(0.85, 0.75, 0.6, 0.45, 0.3), inventions=(0.15, 0.25, 0.35, 0.5, 0.6)
    ),
    replace(YARDSTICK, name="bad evidence", lost=0.5, off_by_one=0.4, astray=0.3, part=0.6),
    replace(YARDSTICK, name="half of the evidence astray", astray=0.5),
    replace(YARDSTICK, name="all evidence astray", astray=1.0),
    replace(
        YARDSTICK, name="all at once", recall=(0.5,) * 5, inventions=(0.6,) * 5, corrupted=0.2, shared=0.5, alike=1.0,
        lost=0.4, off_by_one=0.3, astray=0.15,
    ),
)  # fmt: skip
