"""The parts of a meeting by where they begin, and back again: a few numbers a part, whatever its length. Pure.

A plan keeps these numbers. However the rules of splitting change, a seat that has answers for some of its parts is
asked for the others as they were cut for it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from orchestrator.meeting.segments import Part, Span
from orchestrator.meeting.transcript import Transcript
from orchestrator.work.parts import WHOLE, Border, Cut

_Point: TypeAlias = tuple[int, int]  # an utterance's place, and a character of it


def borders(parts: Sequence[Part]) -> Cut:
    """Where the parts of one meeting begin, as `segments.split` made them; nothing for one that is whole."""
    return WHOLE if len(parts) == 1 else tuple(map(_border, parts))


def parts(cut: Cut, transcript: Transcript) -> tuple[Part, ...]:
    """The parts that begin there; the whole as one part where nothing was cut."""
    begins = [(border.place, border.start) for border in cut] or [(0, 0)]
    shown = [(border.shown_place, border.shown_start) for border in cut] or [(0, 0)]
    ends = [*begins, (len(transcript.utterances), 0)]
    return tuple(
        Part(
            spans=tuple(_between(begin, end, transcript)),
            context=tuple(_between(before, begin, transcript)),
        )
        for before, (begin, end) in zip(shown, pairwise(ends), strict=True)
    )


def _border(part: Part) -> Border:
    first = part.spans[0]
    before = part.context[0] if part.context else first
    return Border(place=first.place, start=first.start, shown_place=before.place, shown_start=before.start)


def _between(begin: _Point, end: _Point, transcript: Transcript) -> Iterator[Span]:
    """All that was said from one point to the other."""
    (first, start), (last, stop) = begin, end
    for place in range(first, last):
        since = start if place == first else 0
        yield Span(place=place, start=since, end=len(transcript.utterances[place].text))
    since = start if first == last else 0
    if stop > since:
        yield Span(place=last, start=since, end=stop)
