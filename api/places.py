"""Where something was said, in words: the report page and the exports say it alike. Pure."""

from api import wording
from orchestrator.meeting.transcript import Transcript


def place(name: str, transcript: Transcript | None, known_s: float | None = None) -> str:
    """Who said it and when, in one piece: `Ann, 1:05`; see `parts`."""
    return ", ".join(parts(name, transcript, known_s))


def parts(name: str, transcript: Transcript | None, known_s: float | None = None) -> tuple[str, ...]:
    """Who said it and when, as far as is known; the utterance's bare id at worst.

    Args:
        name: the utterance's id.
        transcript: where it is looked up, if there is one.
        known_s: when it was said, for want of a transcript.
    """
    line = transcript.by_id.get(name) if transcript else None
    start_s = line.start_s if line else known_s
    known = (line.speaker if line else None, None if start_s is None else wording.clock(start_s))
    return tuple(part for part in known if part) or (name,)
