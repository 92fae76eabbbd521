"""Finds what a model quoted almost: fillers left out, a form spelled out, punctuation merged, a slip corrected. Pure.

A model that copies tidies up. Its quote is looked for within the utterance named and two on either side, and nowhere
else; what comes back is the transcript's own words. Two texts are the same saying when

- their letters, fillers and repetitions apart, agree to `ALIKE` (1 - edit distance / letters of both, insertions and
  deletions counted);
- nothing was put in the place of something else: every word of the quote that carries meaning stands there, or one
  that differs by one slip of a long word;
- no figure, name, negation or hedge stands in one of them only.

The last two rules keep out what the first cannot see: "We will not pay 35" is alike to "We will pay 25". The rarest
words of a quote lead to a few places, and only these are compared, so that a cue of any length costs no more.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate, combinations_with_replacement
from typing import Final

from rapidfuzz.distance import OSA, Indel

from orchestrator.analysis.capitals import capitalised
from orchestrator.analysis.figures import Readings, claimed, is_figure, said
from orchestrator.analysis.quotes import MAX_SPAN, NEIGHBOURS, Concordance, Span, fold
from orchestrator.analysis.small_words import CONTRACTIONS, ENDINGS, FILLERS, FUNCTION_WORDS, HEDGES, NEGATIONS

# Nine kinds of tidying, of quotes from all meetings of the shared data but the Chinese: 2,574 of 2,766 are found; seven
# kinds of change: 28 of 2,793. At 0.9 it is 86 % of the quotes tidied in four ways at once, at 0.85 94 %, at 0.75 96 %.
ALIKE: Final = 0.85
MIN_WORDS: Final = 4  # of a quote: fewer stand nearly everywhere
SLIP_LETTERS: Final = 5  # in a shorter word one letter makes another word

_ANCHORS: Final = 2  # words of the quote that lead to its place; a slip can spoil one
_TRIED: Final = 6  # most words looked up to find the rarest
_SLICES: Final = 4  # places looked at for each anchor
_SLACK: Final = 60  # characters: what a tidied quote may lack before its anchor, beside a third of its length
_MARGIN: Final = 2  # words: what the transcript may have more than the quote at a border
_BLOCKS: Final = 24  # runs of equal words that a border is tried at
_WORD: Final = re.compile(r"[^\W\d_]+")
_TOKEN: Final = re.compile(
    r"\[[^\]]{0,40}\]|[\u0e00-\u0eff\u1780-\u17ff\u2e80-\uabff\uf900-\ufaff]|[^\W_]+(?:'[^\W_]+)*"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of a text, fillers and repetitions left out, short forms spelled out; where each stands in it."""

    texts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def part(self, first: int, after: int) -> "_Words":
        return _Words(self.texts[first:after], self.spans[first:after])


@dataclass(frozen=True, slots=True)
class _Region:
    """A part of a text, by its first word and the one after it; how many words wanted it lacks at either border."""

    first: int
    after: int
    before: int
    behind: int


@dataclass(frozen=True, slots=True)
class _Alike:
    """A part of the meeting that is alike to a quote in its letters.

    `around` holds its words, and as many more at either border as the quote has there beyond it: what the quote adds
    may stand for what the transcript has.
    """

    span: Span
    alike: float
    texts: tuple[str, ...]
    around: tuple[str, ...]


class NearQuotes:
    """Knows one meeting. `names` are folded words that name people who took part."""

    def __init__(self, meeting: Concordance, names: frozenset[str]) -> None:
        self._meeting = meeting
        self._names = names

    def find(self, quote: str, named: int) -> Span | None:
        """The words around the utterance named that a quote means, or None; asked when they are not there verbatim."""
        wanted = _words(fold(quote))
        if len(wanted.texts) < MIN_WORDS:
            return None
        found = [alike for start, end in self._slices(wanted, named) if (alike := self._alike(wanted, start, end))]
        found.sort(key=lambda one: (-round(one.alike, 6), abs(one.span.first - named), one.span.first))
        return next((one.span for one in found if self._is_same(wanted, one, quote)), None)

    def _slices(self, wanted: _Words, named: int) -> Iterator[tuple[int, int]]:
        """Parts of the meeting's text in which the quote may stand, few and hardly longer than it is."""
        begin, end = self._meeting.stretch(self._meeting.around(named, named, NEIGHBOURS))
        length = wanted.spans[-1][1]
        slack = _SLACK + length // 3
        seen = list[int]()
        for offset, anchor in self._anchors(wanted, begin, end):
            at = begin - 1
            for _ in range(_SLICES):
                if (at := self._meeting.text.find(anchor, at + 1, end)) < 0:
                    break
                if all(abs(at - offset - other) > slack // 2 for other in seen):
                    seen.append(at - offset)
                    yield max(begin, at - offset - slack), min(end, at - offset + length + slack)

    def _anchors(self, wanted: _Words, begin: int, end: int) -> list[tuple[int, str]]:
        """The rarest of the quote's longest words, each with its place in the quote."""
        places = {text: span[0] for text, span in zip(wanted.texts, wanted.spans, strict=True)}
        longest = sorted(places, key=lambda text: (-len(text), text))[:_TRIED]
        counts = {text: self._meeting.text.count(text, begin, end) for text in longest}
        known = sorted((text for text in longest if counts[text]), key=lambda text: (counts[text], -len(text), text))
        return [(places[text], text) for text in known[:_ANCHORS]]

    def _alike(self, wanted: _Words, start: int, end: int) -> _Alike | None:
        """The part of a slice that is most alike, if it is alike enough."""
        there = _words(self._meeting.text[start:end])
        region = _region(wanted.texts, there.texts)
        part = there.part(region.first, region.after)
        alike = Indel.normalized_similarity(" ".join(wanted.texts), " ".join(part.texts), score_cutoff=ALIKE)
        if not part.texts or not alike:
            return None
        span = self._meeting.span(start + part.spans[0][0], part.spans[-1][1] - part.spans[0][0])
        around = there.part(max(0, region.first - region.before), region.after + region.behind)
        return None if span.last - span.first >= MAX_SPAN else _Alike(span, alike, part.texts, around.texts)

    def _is_same(self, wanted: _Words, found: _Alike, quote: str) -> bool:
        """Whether nothing that matters stands in one of two texts only."""
        here, there = Counter(wanted.texts), Counter(found.texts)
        added, missing = here - there, there - here
        slips = {word: other for word in added for other in missing if _is_slip(word, other)}
        rewritten = any(map(is_figure, added)) and any(map(is_figure, missing))  # "25" for "twenty five"
        foreign = {word for word in added.keys() - slips.keys() if not (rewritten and is_figure(word))}
        lost = {word for word in missing.keys() - set(slips.values()) if not (rewritten and is_figure(word))}
        if (foreign | lost | (set(found.around) - here.keys())) & (NEGATIONS | HEDGES):
            return False
        if foreign and not foreign | lost <= FUNCTION_WORDS:  # something was put in the place of something else
            return False
        return not self._has_name(foreign | lost, slips, quote, found.span.quote) and _same_figures(
            quote, found.span.quote
        )

    def _has_name(self, changed: AbstractSet[str], slips: Mapping[str, str], quote: str, original: str) -> bool:
        """Whether a name is among the words that changed. A slip at a sentence's beginning may be one as well."""
        if changed and changed & (self._names | capitalised(quote) | capitalised(original)):
            return True
        slipped = slips.keys() | set(slips.values())
        return bool(slipped and slipped & (self._names | _with_capital(quote) | _with_capital(original)))


def _same_figures(one: str, other: str) -> bool:
    """Whether each says every figure that the other asserts."""
    return _says(one, claimed(other)) and _says(other, claimed(one))


def _says(text: str, figures: Sequence[Readings]) -> bool:
    values: Readings = said(text) if figures else frozenset()
    return all(readings & values for readings in figures)


def _with_capital(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _WORD.findall(text) if word[0].isupper())


def _is_slip(word: str, other: str) -> bool:
    """One letter wrong, too many, too few, or two swapped: of a word so long that it stays the same."""
    return (
        min(len(word), len(other)) >= SLIP_LETTERS
        and word[0] == other[0]
        and not (word + other).isdigit()
        and OSA.distance(word, other, score_cutoff=1) <= 1
    )


def _region(wanted: Sequence[str], there: Sequence[str]) -> _Region:
    """Where among `there` the words wanted stand, most densely.

    The first look may take a common word for its twin far before the rest; the second looks no farther than it must.
    """
    found = _densest(wanted, there, 0)
    begin = max(0, found.first - found.before - _MARGIN)
    return _densest(wanted, there[begin : found.after + found.behind + _MARGIN], begin)


def _densest(wanted: Sequence[str], there: Sequence[str], begin: int) -> _Region:
    """The densest part; places count from `begin`."""
    blocks = [code for code in Indel.opcodes(wanted, there) if code.tag == "equal"][:_BLOCKS]
    if not blocks:
        return _Region(begin, begin, 0, 0)
    sums = list(accumulate((block.src_end - block.src_start for block in blocks), initial=0))

    def share(pair: tuple[int, int]) -> float:
        one, other = pair
        length = blocks[other].dest_end - blocks[one].dest_start
        return (sums[other + 1] - sums[one]) / (len(wanted) + length)

    one, other = max(combinations_with_replacement(range(len(blocks)), 2), key=share)
    first, after = blocks[one].dest_start, blocks[other].dest_end
    before, behind = blocks[one].src_start, blocks[other].src_end
    ahead = _slipped(wanted[:before][-1:], there[:first][-1:])
    at_end = _slipped(wanted[behind : behind + 1], there[after : after + 1])
    return _Region(begin + first - ahead, begin + after + at_end, before - ahead, len(wanted) - behind - at_end)


def _slipped(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the words next to a border are one with a slip."""
    return any(map(_is_slip, wanted, there))


def _words(folded: str) -> _Words:
    texts, spans = list[str](), list[tuple[int, int]]()
    for match in _TOKEN.finditer(folded):
        for text in _spelled_out(match[0]):
            if text in FILLERS or text[0] == "[":
                continue
            if texts and text == texts[-1]:
                spans[-1] = match.span()
                continue
            texts.append(text)
            spans.append(match.span())
    return _Words(tuple(texts), tuple(spans))


def _spelled_out(word: str) -> tuple[str, ...]:
    """A word as it is written in full: "don't" is two."""
    if known := CONTRACTIONS.get(word):
        return known
    stem, mark, ending = word.rpartition("'")
    if not mark:
        return (word,)
    if ending == "t" and stem.endswith("n") and len(stem) > 1:
        return (stem[:-1], "not")
    return (stem, ENDINGS.get(ending, ending))
