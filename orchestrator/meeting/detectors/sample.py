"""What of a long meeting is looked at: its beginning, its end, and slices from all over it. Pure."""

from collections.abc import Iterable
from typing import Final

from orchestrator.meeting.transcript import Transcript

# Shares of words settle within a few thousand of them; the rest would only cost time, and meetings are taken in while a
# caller waits. Greetings and farewells say much about a meeting, so they are always looked at.
WHOLE_CHARACTERS: Final = 24_000  # about 4,500 words
_BEGIN_CHARACTERS: Final = 6_000
_END_CHARACTERS: Final = 2_000
_SLICES: Final = 8
_SLICE_CHARACTERS: Final = 2_000


def sample(transcript: Transcript) -> str:
    """The text of the meeting, or of as much of it as is enough to know it by."""
    text = "\n".join(one.text for one in transcript.utterances)
    return text if len(text) <= WHOLE_CHARACTERS else "\n".join(_slices(text))


def _slices(text: str) -> Iterable[str]:
    last = len(text) - _END_CHARACTERS
    step = (last - _BEGIN_CHARACTERS) // _SLICES
    yield text[:_BEGIN_CHARACTERS]
    for start in range(_BEGIN_CHARACTERS, last - _SLICE_CHARACTERS, step):
        yield text[start : start + _SLICE_CHARACTERS]
    yield text[last:]
