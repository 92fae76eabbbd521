"""How a meeting is cut for a window that does not hold the whole of it, and what each call is then shown. Pure.

Every part is a paid call with words of its own around it, and its model never sees the whole. So parts are as few as
fit, and there is a point below which splitting is no analysis any more:

    no more parts than `MOST_PARTS`, nor than the job's time has room for at `SECONDS_A_PART`
    no part of less than `LEAST_PART_BYTES`

They are cut by bytes, which are quickly counted, at as many a token as the whole has on the mean. A meeting may change
its language on the way, so each prompt is then estimated by itself, and where one is too long all are cut smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.analysis import prompts
from orchestrator.analysis.prompts import Wording
from orchestrator.meeting import cuts, segments
from orchestrator.meeting.segments import Part
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.routing.estimating import about_tokens
from orchestrator.work.parts import Cut
from providers.calls import Message

MOST_PARTS: Final = (
    16  # the longest meetings that we know, at a window of 8,000 tokens; each part adds to cost and time
)
SECONDS_A_PART: Final = 15.0  # parts are asked one after the other, and a usual answer takes about that
LEAST_PART_BYTES: Final = 8_000  # some 2,000 tokens, ten minutes of talk: with less around them words are misread
SHOWN_BEFORE: Final = 6  # utterances: enough to know what "it" and "that" are

_NAME_BYTES: Final = 24  # number, clock and signs of a line
_NARROWER: Final = (1.0, 0.9, 0.8, 0.65, 0.5)  # shares of the mean: half of it is what Chinese among English comes to


@dataclass(frozen=True)
class Parting:
    """A meeting that may be asked about in parts: with the words around them, and in so many at most."""

    transcript: Transcript
    boundary: str
    words: Wording
    most: int
    _known: dict[int, Cut | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    def cut(self, room_tokens: int) -> Cut | None:
        """The fewest parts of which each prompt has no more tokens than that; None: there is no sensible cut.

        Args:
            room_tokens: as a usual model counts; for a whole prompt they must be too few.
        """
        if room_tokens not in self._known:
            self._known[room_tokens] = self._find(room_tokens)
        return self._known[room_tokens]

    def prompts(self, cut: Cut) -> tuple[tuple[Message, ...], ...]:
        """What is shown of each part."""
        return self._prompts(cuts.parts(cut, self.transcript), self.boundary)

    def _find(self, room_tokens: int) -> Cut | None:
        shown = prompts.frame(self.transcript, self._usual)
        whole = len(shown.encode())
        (around,) = self._prompts((Part(spans=()),), self._usual)
        room = (room_tokens - about_tokens(around)) * whole // about_tokens((Message(role="user", text=shown),))
        for share in _NARROWER:
            budget = int(room * share)
            if budget < LEAST_PART_BYTES or budget * self.most < whole:
                return None
            parts = segments.split(self.transcript, budget, _line_bytes, context=SHOWN_BEFORE)
            if 1 < len(parts) <= self.most and self._fit(parts, room_tokens):
                return cuts.borders(parts)
        return None

    def _fit(self, parts: Sequence[Part], room_tokens: int) -> bool:
        return all(about_tokens(prompt) <= room_tokens for prompt in self._prompts(parts, self._usual))

    def _prompts(self, parts: Sequence[Part], boundary: str) -> tuple[tuple[Message, ...], ...]:
        numbers = range(1, len(parts) + 1)
        return tuple(
            prompts.messages_of_part(parts, number, self.transcript, boundary, self.words) for number in numbers
        )

    @property
    def _usual(self) -> str:
        """A boundary of the same length, and of as many tokens as any: a preview and its job are cut alike."""
        return ("a0" * len(self.boundary))[: len(self.boundary)]


def most_parts(deadline_s: float) -> int:
    """In how many parts a job with so much time may ask."""
    return min(MOST_PARTS, int(deadline_s // SECONDS_A_PART))


def _line_bytes(utterance: Utterance) -> int:
    return len(utterance.text.encode()) + len((utterance.speaker or "?").encode()) + _NAME_BYTES
