"""Finds a model's quote in the transcript and gives back what was really said, letter by letter. Pure.

Quote and transcript are compared in a folded form (NFKC, case folded, white space collapsed, quotation marks and
dashes unified), and the span that was found is mapped back to the original: what we store is always the transcript's
own spelling, never the model's.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Final

from orchestrator.meeting.transcript import Transcript
from providers.calls import Value

NEIGHBOURS: Final = 2  # models miscount by one or two; farther off, only a quote that stands once is believed
MAX_SPAN: Final = 3  # a sentence is broken over three cues at most; longer quotes would prove a whole passage
MIN_LETTERS: Final = 2  # "ok" and "no" can settle a matter; a single letter stands everywhere
DISTINCTIVE_LETTERS: Final = 8  # below it a quote proves its own utterance only: "okay" elsewhere is another okay

_TABLE_LIMIT: Final = 20_000  # code points remembered by a process; a hostile text may hold a million different ones
_UNIFIED: Final = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("‐‑‒–—―−", "-")
_LETTER: Final = r"[0-9a-z\u00b5-\u058f]"  # scripts that put spaces between words: Latin, Greek, Cyrillic, Armenian
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")


class _Table(dict[int, str]):
    """What each code point folds to, filled in as it is met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        folded = _UNIFIED.get(char) or unicodedata.normalize("NFKC", char).casefold()
        if len(self) < _TABLE_LIMIT:
            self[point] = folded
        return folded


_TABLE: Final = _Table()


class Span(Value):
    """Where a quote stands: places of the first and the last utterance, from 0, and the original words.

    The quote is verbatim in the texts of these utterances, joined with single spaces.
    """

    first: int
    last: int
    quote: str


def fold(text: str) -> str:
    """The form in which texts are compared."""
    return " ".join(text.translate(_TABLE).split())


def letters(text: str) -> int:
    """How many letters and digits a text has, of any script."""
    return sum(map(str.isalnum, text))


def stands_alone(words: str, text: str) -> re.Match[str] | None:
    """Find words in a text (both folded) where they do not begin or end inside a longer word."""
    return re.search(rf"(?<!{_LETTER}){re.escape(words)}(?!{_LETTER})", text)


class Concordance:
    """All words of a meeting in folded form, with the way back to the original. Built once per answer."""

    def __init__(self, transcript: Transcript) -> None:
        self._texts = tuple(utterance.text for utterance in transcript.utterances)
        self.folds = tuple(map(fold, self._texts))
        self.text = " ".join(self.folds)
        self._starts = (0, *accumulate(len(folded) + 1 for folded in self.folds))
        self._origins = cache(lambda place: _origins(self._texts[place]))  # one long utterance may be quoted often

    def find(self, quote: str, named: int | None) -> Span | None:
        """Find a quote: in the utterance named, else around it, else in the one place of the meeting where it stands.

        Punctuation at the quote's ends is given up when it cannot be found with it. None: it was never said.
        """
        folded = fold(quote)
        for wanted in dict.fromkeys((folded, _EDGES.sub("", folded))):
            if span := self._find(wanted, named):
                return span
        return None

    def within(self, words: str, place: int) -> str | None:
        """The original spelling of words that stand in one utterance as whole words; None: they do not."""
        folded = fold(words)
        if letters(folded) < MIN_LETTERS or not (match := stands_alone(folded, self.folds[place])):
            return None
        return self.span(self._starts[place] + match.start(), len(folded)).quote

    def around(self, first: int, last: int, reach: int) -> range:
        """The places from `reach` before the first to `reach` after the last, within the meeting."""
        return range(max(0, first - reach), min(len(self.folds), last + reach + 1))

    def stretch(self, places: range) -> tuple[int, int]:
        """Where the words of these neighbouring utterances begin and end in `text`."""
        return self._starts[places.start], self._starts[places.stop] - 1

    def _find(self, wanted: str, named: int | None) -> Span | None:
        size = letters(wanted)
        if size < MIN_LETTERS:
            return None
        if size < DISTINCTIVE_LETTERS:
            said = None if named is None else self.within(wanted, named)
            return None if said is None or named is None else Span(first=named, last=named, quote=said)
        return (None if named is None else self._nearest(wanted, named)) or self._only(wanted)

    def _nearest(self, wanted: str, named: int) -> Span | None:
        window = self.around(named, named, NEIGHBOURS)
        spans = self._spans(wanted, self._starts[window.start], self._starts[window.stop])
        return min(spans, key=lambda span: (_distance(span, named), span.last - span.first, span.first), default=None)

    def _only(self, wanted: str) -> Span | None:
        spans = self._spans(wanted, 0, len(self.text))
        first = next(spans, None)
        return first if next(spans, None) is None else None

    def _spans(self, wanted: str, start: int, end: int) -> Iterator[Span]:
        """At most one span per utterance that it can begin in, in order."""
        while (at := self.text.find(wanted, start, end)) >= 0:
            span = self.span(at, len(wanted))
            start = self._starts[span.first + 1]
            if span.last - span.first < MAX_SPAN:
                yield span

    def span(self, at: int, length: int) -> Span:
        """The original words that stand at a place of `text`."""
        first, last = (bisect_right(self._starts, place) - 1 for place in (at, at + length - 1))
        begin = self._origins(first)[at - self._starts[first]]
        end = self._origins(last)[at + length - 1 - self._starts[last]] + 1
        joined = " ".join((*self._texts[first:last], self._texts[last][:end]))
        return Span(first=first, last=last, quote=joined[begin:])


def _distance(span: Span, named: int) -> int:
    return max(span.first - named, named - span.last, 0)


def _origins(text: str) -> "array[int]":
    """For each character of `fold(text)`, the place in `text` that it comes from."""
    places = array("L")
    gap: int | None = None
    for place, char in enumerate(text):
        for piece in _TABLE[ord(char)]:
            if piece.isspace():
                gap = place if places else None
                continue
            if gap is not None:
                places.append(gap)
                gap = None
            places.append(place)
    return places
