"""A transcript in parts that each fit a model's window: nothing lost, nothing doubled. Pure; the same every time.

Parts end between utterances. One utterance that alone is too large is cut after sentences, else between words, and
each piece still names it. The parts are as few as fit and about equally large; where there is room to choose, a part
ends where the speaker changes, after a pause, or where the words of the talk change.

Before its own words a part may show the last utterances of the part before, so that a model knows what "it" is. They
are to be read and not to be cited: what they prove was found in the part before.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import Value

Size: TypeAlias = Callable[[Utterance], int]

GRAIN: Final = 8  # an utterance that is too large is cut into pieces of an eighth of a part, if its sentences allow
CONTEXT_SHARE: Final = 8  # at most an eighth of a budget is spent on what is not to be cited
LEAST: Final = 0.7  # of an even share: a part below it is too small, however good its border
EVEN: Final = 0.5  # what it costs to be a whole share away from even: half of what a change of topic is worth
WINDOW: Final = 12  # utterances on either side of a border whose words are compared
LONG_PAUSE_S: Final = 10.0  # a pause counts by its length up to this
TURN: Final = 2.0  # a change of speaker outweighs a pause and a change of words together, which count up to 1 each

_SENTENCE: Final = re.compile(r"[.!?…][\"”’')\]]*\s+|[。！？]+[」』”’]?\s*")
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"\w{4,}")  # shorter ones are the same whatever the topic


class TooSmall(ValueError):
    """Not even a single character fits into the budget."""


class Span(Value):
    """Characters `start` to `end` of the utterance at `place` (from 0): all of it, but for one that is too large."""

    place: int
    start: int
    end: int


class Part(Value):
    """What one call is about. `context`: what is shown before it, to be read and not to be cited; mostly empty."""

    spans: tuple[Span, ...]
    context: tuple[Span, ...] = ()

    @property
    def places(self) -> frozenset[int]:
        """The utterances that may be cited."""
        return frozenset(span.place for span in self.spans)


def split(transcript: Transcript, budget: int, size: Size, *, context: int = 0) -> tuple[Part, ...]:
    """Cut a transcript into parts; one that fits is one part.

    Args:
        transcript: the meeting.
        budget: how large a part may be, with its context.
        size: of one utterance as it is shown, the larger the longer its text, and no larger than that of its halves
            together; of several it is the sum.
        context: how many utterances before its border a part is shown, as far as an eighth of the budget goes.

    Raises:
        TooSmall: a single character of some utterance is larger than the budget.
    """
    whole = _whole(transcript)
    if sum(size(utterance) for utterance in transcript.utterances) <= budget:
        return (Part(spans=tuple(whole)),)
    room = budget // CONTEXT_SHARE if context else 0
    spans = [piece for span in whole for piece in _pieces(transcript, span, _Limits(size, budget - room))]
    sizes = [size(shown(transcript, span)) for span in spans]
    borders = _borders(transcript, spans, sizes, budget - room)
    parts = zip([0, *borders], [*borders, len(spans)], strict=True)
    return tuple(
        Part(spans=_joined(spans[first:end]), context=_joined(_before(spans, sizes, first, context, room)))
        for first, end in parts
    )


def shown(transcript: Transcript, span: Span) -> Utterance:
    """The utterance that a span is of, with the span's text: its id, speaker and times are the whole utterance's."""
    utterance = transcript.utterances[span.place]
    if (span.start, span.end) == (0, len(utterance.text)):
        return utterance
    return utterance.model_copy(update={"text": utterance.text[span.start : span.end]})


def _whole(transcript: Transcript) -> list[Span]:
    return [Span(place=place, start=0, end=len(one.text)) for place, one in enumerate(transcript.utterances)]


def _before(spans: Sequence[Span], sizes: Sequence[int], first: int, count: int, room: int) -> Sequence[Span]:
    start = first
    while start > max(0, first - count) and sum(sizes[start - 1 : first]) <= room:
        start -= 1
    return spans[start:first]


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """One span for all pieces of an utterance that stay together."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].place == span.place:
            found[-1] = found[-1].model_copy(update={"end": span.end})
        else:
            found.append(span)
    return tuple(found)


# Utterances that are too large.


class _Limits:
    """How large a piece may be, and how large it should be: small, so that parts can be filled evenly."""

    def __init__(self, size: Size, most: int) -> None:
        self._size = size
        self.most = most
        self.good = most // GRAIN

    def fits(self, transcript: Transcript, span: Span, limit: int) -> bool:
        return self._size(shown(transcript, span)) <= limit

    def longest(self, transcript: Transcript, rest: Span, limit: int) -> int:
        """Where the longest beginning that fits ends, found by halving; the start if not one character fits."""
        fits, too_long = rest.start, rest.end
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.fits(transcript, rest.model_copy(update={"end": middle}), limit):
                fits = middle
            else:
                too_long = middle
        return fits


def _pieces(transcript: Transcript, span: Span, limits: _Limits) -> Iterator[Span]:
    """A span whole if it fits, else in pieces."""
    rest = span
    if not limits.fits(transcript, span, limits.most):
        while not limits.fits(transcript, rest, limits.good) and (end := _cut(transcript, rest, limits)) < rest.end:
            yield rest.model_copy(update={"end": end})
            rest = rest.model_copy(update={"start": end})
    yield rest


def _cut(transcript: Transcript, rest: Span, limits: _Limits) -> int:
    """Where the next piece ends: after some sentences, else after one, else after words, else between characters."""
    text = transcript.utterances[rest.place].text
    good = limits.longest(transcript, rest, limits.good)
    if ends := [found.end() for found in _SENTENCE.finditer(text, rest.start, good)]:
        return ends[-1]
    if limits.fits(transcript, rest, limits.most):
        most = rest.end
    elif (most := limits.longest(transcript, rest, limits.most)) == rest.start:
        raise TooSmall(f"a budget of {limits.most} is too small for one character of utterance {rest.place + 1}")
    if sentence := _SENTENCE.search(text, rest.start, most):
        return sentence.end()
    words = [found.end() for found in _SPACE.finditer(text, rest.start + 1, most)] if most < rest.end else []
    return words[-1] if words else most


# Where parts end.


def _borders(transcript: Transcript, spans: Sequence[Span], sizes: Sequence[int], limit: int) -> list[int]:
    """The places in `spans` at which a part begins, but for the first."""
    sums = [0, *accumulate(sizes)]
    words = [frozenset(_WORD.findall(shown(transcript, span).text.casefold())) for span in spans]
    found: list[int] = []
    first = 0
    while (left := sums[-1] - sums[first]) > limit:
        aim = left / -(-left // limit)
        good = {place: _weight(transcript, spans, words, place) for place in _choices(sums, first, limit, aim)}
        first = max(good, key=lambda place: good[place] - EVEN * abs(sums[place] - sums[first] - aim) / aim)
        found.append(first)
    return found


def _choices(sums: Sequence[int], first: int, limit: int, aim: float) -> range:
    """Where the part that begins at `first` may end: within the limit, and so that the rest needs no part more."""
    last = bisect_right(sums, sums[first] + limit, first + 1, len(sums) - 1) - 1
    left = sums[-1] - sums[first]
    least = max(LEAST * aim, left - (round(left / aim) - 1) * limit)
    return range(min(last, bisect_left(sums, sums[first] + least, first + 1, last)), last + 1)


def _weight(transcript: Transcript, spans: Sequence[Span], words: Sequence[frozenset[str]], place: int) -> float:
    """How good it is to end a part before `place`."""
    if spans[place].start:
        return -1.0  # inside an utterance
    one, two = transcript.utterances[spans[place - 1].place], transcript.utterances[spans[place].place]
    end_s = one.start_s if one.end_s is None else one.end_s
    pause_s = 0.0 if end_s is None or two.start_s is None else two.start_s - end_s
    before = frozenset().union(*words[max(0, place - WINDOW) : place])
    after = frozenset().union(*words[place : place + WINDOW])
    shared = len(before & after) / min(len(before), len(after)) if before and after else 1.0
    turn = TURN if one.speaker != two.speaker else 0.0
    return turn + min(max(pause_s, 0.0), LONG_PAUSE_S) / LONG_PAUSE_S + 1.0 - shared
