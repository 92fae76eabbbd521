"""Captions that scroll: each repeats the end of the one before it, and only its last words are new. Pure.

People repeat themselves too ("Yeah." "Yeah. I think so."), so nothing is taken away unless the whole file
has the habit.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from orchestrator.meeting.formats.spoken import Spoken

_MIN_OVERLAPS: Final = 2
_HABIT: Final = 0.5  # share of a speaker's neighbouring cues; verbatim meetings without scrolling stay below 0.1


def unroll(captions: Sequence[Spoken]) -> list[Spoken]:
    """Leave only the new words of each caption, if the file scrolls; captions without new words go."""
    if not _scrolls(captions):
        return list(captions)
    kept: list[Spoken] = []
    shown: list[str] = []  # the words of the caption before, all of them
    fresh = 0  # how many of those were new
    for place, caption in enumerate(captions):
        words = caption.text.split()
        before = captions[place - 1] if place else None
        overlap = _overlap(shown, words) if before and _neighbours(before, caption) else 0
        if overlap < min(fresh or len(shown), len(words)):
            overlap = 0  # a shared word or two at the border is speech, a whole repeated line is scrolling
        if new := words[overlap:]:
            kept.append(caption._replace(text=" ".join(new)) if overlap else caption)
        shown, fresh = words, len(new)
    return kept


def _scrolls(captions: Sequence[Spoken]) -> bool:
    pairs = [(one.text.split(), two.text.split()) for one, two in pairwise(captions) if _neighbours(one, two)]
    overlaps = sum(_overlap(one, two) > 0 for one, two in pairs)
    return overlaps >= _MIN_OVERLAPS and overlaps >= len(pairs) * _HABIT


def _neighbours(one: Spoken, two: Spoken) -> bool:
    # Parts of one cue share its start; they follow each other, they do not scroll.
    return one.speaker == two.speaker and one.start_s != two.start_s


def _overlap(before: Sequence[str], words: Sequence[str]) -> int:
    """The length of the longest end of `before` that `words` begins with, in linear time (Knuth-Morris-Pratt)."""
    borders = _borders(words)
    length = 0
    for word in before[-len(words) :] if words else ():  # no more words than that, so `length` stays an index
        while length and words[length] != word:
            length = borders[length - 1]
        if words[length] == word:
            length += 1
    return length


def _borders(words: Sequence[str]) -> list[int]:
    borders = [0] * len(words)
    for place in range(1, len(words)):
        length = borders[place - 1]
        while length and words[length] != words[place]:
            length = borders[length - 1]
        borders[place] = length + (words[length] == words[place])
    return borders
