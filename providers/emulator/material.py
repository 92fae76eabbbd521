"""What a model could report about a meeting: for every kind of item the utterances worth quoting, best first. Pure.

The order is the same for all models, so that a panel agrees on most; `answers` lets each model deviate from it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from providers.emulator.drafts import KINDS
from providers.emulator.draws import fraction
from providers.emulator.meeting import Meeting, Utterance

RESERVE: Final = 4  # further finds of a kind that only some models report
MAX_QUOTE_CHARACTERS: Final = 240

_MIN_QUOTE_CHARACTERS: Final = 12  # "Mm-hmm." proves nothing
_MOST_OF_A_KIND: Final = 8
_LONG: Final = 120  # up to this length, the more somebody says the likelier it is to matter

# Words that make an utterance likelier to be of a kind. A language without cues is drawn by lot, which is all that
# an emulated model needs: its quotes are true, its judgement is not the point.
_CUES: Final[dict[str, re.Pattern[str]]] = {
    "topics": re.compile(r"\b(?:talk about|discuss|agenda|next (?:item|point)|regarding|let's look)\b", re.I),
    "decisions": re.compile(r"\b(?:agreed?|decided?|decision|let's go with|we'll go|approved|settled|motion)\b", re.I),
    "action_items": re.compile(
        r"\b(?:I'll|I will|can you|could you|you'll|needs? to|action|by (?:mon|tues|fri))", re.I
    ),
    "risks": re.compile(r"\b(?:risks?|worr(?:y|ied)|concern|problem|danger|delay(?:ed)?|blocked|might not)\b", re.I),
    "questions": re.compile(r"[?？؟]"),
}
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|[。！？؟।]|$)")


@dataclass(frozen=True)
class Find:
    """An utterance and the verbatim part of it that is worth quoting."""

    utterance: Utterance
    quote: str


@dataclass(frozen=True)
class Pile:
    """The finds of one kind: what a typical model reports, and what only some add."""

    shared: tuple[Find, ...]
    reserve: tuple[Find, ...]


@lru_cache(maxsize=128)
def piles(meeting: Meeting) -> dict[str, Pile]:
    """The finds of each kind. Longer meetings yield more, up to eight."""
    size = max(2, min(_MOST_OF_A_KIND, len(meeting.utterances) // 10))
    return {kind: _pile(meeting, kind, size) for kind in KINDS}


def _pile(meeting: Meeting, kind: str, size: int) -> Pile:
    cue = _CUES[kind]
    worthy = [u for u in meeting.utterances if u.letters >= _MIN_QUOTE_CHARACTERS] or list(meeting.utterances)
    cued = [u for u in worthy if cue.search(u.text)]
    ranked = _by_lot(cued, meeting, kind)
    if len(ranked) < size + RESERVE:
        known = {u.id for u in cued}
        ranked += _by_lot([u for u in worthy if u.id not in known], meeting, kind)
    finds = tuple(Find(u, _quote(u.text, cue)) for u in ranked[: size + RESERVE])
    return Pile(finds[:size], finds[size:])


def _by_lot(said: list[Utterance], meeting: Meeting, kind: str) -> list[Utterance]:
    return sorted(said, key=lambda u: fraction(meeting.digest, kind, u.id) / min(u.letters + 1, _LONG))


def _quote(text: str, cue: re.Pattern[str]) -> str:
    sentences = _SENTENCE.findall(text)
    best: str = max(sentences, key=lambda sentence: (bool(cue.search(sentence)), len(sentence)), default=text)
    if len(best) <= MAX_QUOTE_CHARACTERS:
        return best
    head, space, _ = best[:MAX_QUOTE_CHARACTERS].rpartition(" ")
    return head if space else best[:MAX_QUOTE_CHARACTERS]
