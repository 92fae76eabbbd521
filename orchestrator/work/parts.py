"""How a meeting is cut for a seat whose model cannot be shown it whole. Pure data, as it stands in plan and row.

The parts themselves are made of it by `meeting/cuts.py`.
"""

from typing import Final, TypeAlias

from providers.calls import Value


class Border(Value):
    """Where a part begins: at character `start` of the utterance at `place`, from 0. It ends where the next one begins.

    `shown_place` and `shown_start`: where that begins which is shown before it, to be read and not to be cited; the
    same, if nothing is.
    """

    place: int
    start: int
    shown_place: int
    shown_start: int


# In the order of the meeting, the first at its beginning; none: it is shown whole.
Cut: TypeAlias = tuple[Border, ...]

WHOLE: Final[Cut] = ()


def calls(cut: Cut) -> int:
    """How many calls it takes to ask about all of the meeting."""
    return len(cut) or 1
