"""Who speaks how much, in how many turns, and who asks. Pure."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from orchestrator.meeting.transcript import Transcript

MOST_HEARD: Final = 400  # more are in no meeting, but in some files, and each costs a look


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker. Amounts of speech are in characters, which all languages have."""

    label: str
    characters: int
    questions: int


@dataclass(frozen=True, slots=True)
class Voices:
    """Speakers, who says most first, no more than `MOST_HEARD`; `count` is of all of them.

    `known`: the share of the speech, 0..1, whose speaker is known.
    """

    heard: tuple[Voice, ...]
    count: int
    known: float
    words_a_turn: float

    def share(self, *places: int) -> float:
        """The part, 0..1, that these speakers have in all speech of known speakers."""
        total = sum(voice.characters for voice in self.heard)
        return (
            sum(self.heard[place].characters for place in places if place < len(self.heard)) / total if total else 0.0
        )

    @property
    def questions(self) -> int:
        return sum(voice.questions for voice in self.heard)


def listen(transcript: Transcript) -> Voices:
    """Count speech by speaker. A question is a question mark: what a recogniser writes without them, asks nothing."""
    characters: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for one in transcript.utterances:
        if one.speaker:
            characters[one.speaker] += len(one.text)
            questions[one.speaker] += one.text.count("?") + one.text.count("？")
    total = sum(len(one.text) for one in transcript.utterances)
    turns = 1 + sum(before.speaker != after.speaker for before, after in pairwise(transcript.utterances))
    return Voices(
        heard=tuple(Voice(label, amount, questions[label]) for label, amount in characters.most_common(MOST_HEARD)),
        count=len(characters),
        known=characters.total() / total,
        words_a_turn=transcript.words / turns,
    )
