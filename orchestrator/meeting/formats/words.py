"""From single words with times to utterances. Pure; no word is ever lost.

A voice's words belong together until it pauses, or somebody else speaks in between. Words of voices that talk at the
same time come interleaved and are told apart by their voices; a shorter pause would cut sentences where people think.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from orchestrator.meeting.formats.spoken import Spoken

PAUSE_S: Final = (
    2.0  # people stop for a second and more inside a sentence ("And, ... Jessica, Christina, we are so proud")
)
LONG_CHARACTERS: Final = 400  # about half a minute; above, the next sentence begins an utterance of its own
LONGEST_CHARACTERS: Final = 1_000  # above, a word does: recognisers without punctuation write no sentences

_SENTENCE_END: Final = re.compile(r"[.!?…。！？][\"”’')\]]?$")
# Scripts without spaces between words, and their punctuation.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
)
_NO_SPACE: Final = re.compile(f"[{_UNSPACED}] (?=[{_UNSPACED}])")


class Word(NamedTuple):
    """A word as a recogniser heard it. `glued`: no space before it, as before a full stop."""

    text: str
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    glued: bool = False


def line(words: Iterable[Word]) -> str:
    """Words in a row, spaced as their script is."""
    spaced = "".join(f"{'' if one.glued else ' '}{one.text}" for one in words)
    return _NO_SPACE.sub(lambda pair: pair[0][0], spaced).strip()


def utterances(words: Iterable[Word], *, pause_s: float = PAUSE_S) -> list[Spoken]:
    """Join words to utterances, in the order of their first words.

    Args:
        words: in the order of their starts; those without times in the order in which they were said.
        pause_s: how long a voice may be silent within an utterance.
    """
    found: list[_Turn] = []
    speaking: dict[str | None, _Turn] = {}
    for word in words:
        turn = speaking.get(word.speaker)
        if turn is None or turn.is_over_at(word, pause_s):
            turn = speaking[word.speaker] = _Turn(word)
            found.append(turn)
        else:
            turn.add(word)
        if not word.glued:
            cut = [name for name, other in speaking.items() if other is not turn and other.is_cut_by(word, pause_s)]
            for name in cut:
                del speaking[name]
    return [turn.spoken() for turn in found]


class _Turn:
    """An utterance that grows. `_answered_until`: the end of the first word of others that came after its last."""

    __slots__ = ("_answered_until", "_end_s", "_size", "_words")

    def __init__(self, word: Word) -> None:
        self._words = [word]
        self._size = len(word.text)
        self._end_s = _end(word)
        self._answered_until: float | None = None

    def add(self, word: Word) -> None:
        self._words.append(word)
        self._size += 1 + len(word.text)
        self._end_s = max((end_s for end_s in (self._end_s, _end(word)) if end_s is not None), default=None)
        self._answered_until = None

    def is_over_at(self, word: Word, pause_s: float) -> bool:
        if word.glued:
            return False
        if self._size >= LONGEST_CHARACTERS:
            return True
        if self._size >= LONG_CHARACTERS and _SENTENCE_END.search(self._words[-1].text):
            return True
        return self._is_apart(word, pause_s) or (
            self._answered_until is not None and word.start_s is not None and self._answered_until <= word.start_s
        )

    def is_cut_by(self, other: Word, pause_s: float) -> bool:
        """Whether a word of somebody else ends this turn for good; it may also do so once the next word is known."""
        if self._end_s is None or other.start_s is None:
            return True
        if self._end_s <= other.start_s and self._answered_until is None:
            self._answered_until = _end(other)
        return self._is_apart(other, pause_s)

    def spoken(self) -> Spoken:
        first = self._words[0]
        return Spoken(line(self._words), first.speaker, first.start_s, self._end_s).in_order()

    def _is_apart(self, word: Word, pause_s: float) -> bool:
        return self._end_s is not None and word.start_s is not None and word.start_s - self._end_s >= pause_s


def _end(word: Word) -> float | None:
    return word.start_s if word.end_s is None else word.end_s


def timed(stretches: Sequence[Spoken]) -> list[Spoken]:
    """Several streams of utterances as one, by their starts; one without a start stays behind the one before it."""
    keys: list[float] = []
    for stretch in stretches:
        keys.append(stretch.start_s if stretch.start_s is not None else (keys[-1] if keys else 0.0))
    return [stretches[place] for place in sorted(range(len(stretches)), key=keys.__getitem__)]
