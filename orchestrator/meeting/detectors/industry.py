"""In which industry a meeting is at home, by its words. Pure; None unless it is clear."""

from collections.abc import Sequence
from typing import Final

from orchestrator.meeting.context import Finding
from orchestrator.meeting.cues.industries import INDUSTRIES
from orchestrator.meeting.detectors import scoring
from orchestrator.meeting.detectors.phrases import lexicon, quoted, tally

SURE_FROM: Final = 0.5
MOST_TOLD: Final = 5  # words in the reason

_INDUSTRIES: Final = lexicon(INDUSTRIES)


def find(said: Sequence[str]) -> Finding | None:
    """The industry whose words are said most, if they are said often and another's clearly less."""
    found = tally(said, _INDUSTRIES)
    ordered = sorted(((scoring.points(one, len(said)), name) for name, one in found.items()), reverse=True)
    if not ordered:
        return None
    points, best = ordered[0]
    second = ordered[1][0] if len(ordered) > 1 else 0.0
    confidence = scoring.confidence(points, second)
    if confidence < SURE_FROM:
        return None
    because = f"words of this industry {found[best].times} times in {len(said):,}: {quoted(found[best], MOST_TOLD)}"
    return Finding(value=best, confidence=confidence, because=(because,))
