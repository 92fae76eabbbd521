"""How much words weigh: from counted phrases to points, from points to a confidence. Pure.

Points grow with how often the words of a kind of meeting are said, by the length of the text, and with how many
different ones: one word said over and over is a topic, not a type.
"""

from typing import Final

from orchestrator.meeting.detectors.phrases import Tally

FULL_POINTS: Final = 3.0
HALF_RATE: Final = 10.0  # weighted words in a thousand that give half of the points: a sentence in eight holds one
CLEAR_BREADTH: Final = 4  # different phrases
FEWEST_TOKENS: Final = 400  # a shorter text is counted as if it had that many: two words of forty prove little
DOUBT: Final = 1.5  # that a kind is meant of which there is no table


def points(found: Tally, tokens: int) -> float:
    """0..`FULL_POINTS` for what was said; never quite all of them, so that more still counts for more."""
    rate = 1000 * found.weight / max(tokens, FEWEST_TOKENS)
    return FULL_POINTS * rate / (rate + HALF_RATE) * min(1.0, len(found.counts) / CLEAR_BREADTH)


def confidence(best: float, second: float) -> float:
    """0..1, of points: squared, so that a clear lead counts for more than a high sum."""
    return round(best**2 / (best**2 + second**2 + DOUBT), 2)
