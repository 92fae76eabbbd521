"""Cuts a meeting where its vocabulary changes. Pure.

After TextTiling (Hearst, 1997): at each gap the words of the block before are compared with those of the block after;
the deepest valleys between two peaks of likeness are the borders.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import Final

from providers.extractive.conversation import Statement

WINDOW_TERMS: Final = 40  # content words to a window; about half a minute of talk
MIN_WINDOW_TERMS: Final = 12  # short meetings get shorter windows, but fewer words cannot be compared
WINDOWS: Final = 30  # how many a short meeting should have at least
WINDOW: Final = 3  # windows to a block: less is noise, more hides short topics


def segments(statements: Sequence[Statement], limit: int) -> list[Sequence[Statement]]:
    """At most `limit` consecutive stretches that together are all statements; none is empty."""
    if not statements:
        return []
    windows = _windows(statements)
    borders = _deepest(_depths(_likeness(windows)), limit - 1)
    starts = [windows[gap + 1][0] for gap in borders]
    return [statements[start:end] for start, end in zip([0, *starts], [*starts, len(statements)], strict=True)]


def _windows(statements: Sequence[Statement]) -> list[tuple[int, Counter[str]]]:
    """Runs of statements with about the same number of content words: first place, and counts."""
    total = sum(len(statement.terms) for statement in statements)
    size = max(MIN_WINDOW_TERMS, min(WINDOW_TERMS, total // WINDOWS))
    windows = [(0, Counter[str]())]
    for place, statement in enumerate(statements):
        if windows[-1][1].total() >= size:
            windows.append((place, Counter()))
        windows[-1][1].update(statement.terms)
    return windows


def _likeness(windows: Sequence[tuple[int, Counter[str]]]) -> list[float]:
    """Of the blocks around each gap between windows; one entry a gap."""
    found = []
    for gap in range(1, len(windows)):
        before, after = Counter[str](), Counter[str]()
        for _, counts in windows[max(0, gap - WINDOW) : gap]:
            before.update(counts)
        for _, counts in windows[gap : gap + WINDOW]:
            after.update(counts)
        found.append(_cosine(before, after))
    return found


def _depths(likeness: Sequence[float]) -> list[float]:
    """How far each gap lies below the peaks on its two sides."""
    return [_climb(likeness, gap, -1) + _climb(likeness, gap, +1) - 2 * value for gap, value in enumerate(likeness)]


def _climb(likeness: Sequence[float], gap: int, step: int) -> float:
    peak = likeness[gap]
    place = gap + step
    while 0 <= place < len(likeness) and likeness[place] >= peak:
        peak = likeness[place]
        place += step
    return peak


def _deepest(depths: Sequence[float], limit: int) -> list[int]:
    """The deepest gaps, in order, none next to another within a block's reach."""
    chosen: list[int] = []
    for gap in sorted(range(len(depths)), key=lambda gap: (-depths[gap], gap)):
        if len(chosen) == limit or depths[gap] <= 0:
            break
        if all(abs(gap - other) > WINDOW for other in chosen):
            chosen.append(gap)
    return sorted(chosen)


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(times * other[term] for term, times in one.items())
    lengths = sqrt(sum(times * times for times in one.values()) * sum(times * times for times in other.values()))
    return shared / lengths if lengths else 0.0
