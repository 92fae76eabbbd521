"""What may have been missed: words that sound like a task or a decision which no item covers. Pure, asks nobody.

A model that misses a thing says nothing about it, and a panel can miss it together. So the meeting is read again by
rule, for few and strong cues (`cue_words.py`). A cue does not count in a question, a condition, a denial, in the past,
or in words that the speaker reports.

An item covers a cue when its evidence lies within `REACH` utterances of it and within `REACH_WORDS` words: people take
a task in one breath and say by when in the next, and one long turn holds several tasks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, TypeAlias

from orchestrator.analysis.cue_words import (
    CONDITION,
    DENIAL,
    DENIED_AFTER,
    MARKERS,
    PAST,
    REPORT,
    TABLES,
    CueRow,
)
from orchestrator.analysis.items import Item, Missed
from orchestrator.meeting.transcript import Transcript

_Row: TypeAlias = tuple[CueRow, re.Pattern[str]]

REACH: Final = 2
REACH_WORDS: Final = 50
MOST: Final = 10  # a reader looks at a short list
MAX_QUOTE_CHARACTERS: Final = 240

_DEADLINE_BONUS: Final = 1.0  # who says by when means it
_BEFORE: Final = 80  # characters that are looked at before a cue
_QUOTES: Final = re.compile('["“”„«»]')
_SENTENCE: Final = re.compile(r"[^.!?…。！？]+[.!?…。！？]*")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "’‘ʼ´`"), "'")
_FLAGS: Final = re.IGNORECASE
_ROWS: Final = {
    language: [(row, re.compile(row.pattern, _FLAGS)) for row in table] for language, table in TABLES.items()
}
_MIN_MARKERS: Final = 2
_FEW_WORDS: Final = 100  # different ones: in a shorter meeting a language may show none of its markers
_NOT_AFTER: Final = [re.compile(pattern, _FLAGS) for pattern in (CONDITION, DENIAL, REPORT)]
_DENIED_AFTER: Final = re.compile(DENIED_AFTER, _FLAGS)
_PAST: Final = re.compile(PAST, _FLAGS)


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue in one sentence of an utterance. `word` counts the meeting's words before it."""

    place: int
    word: int
    weight: float
    words: str
    quote: str


def missed(transcript: Transcript, items: Iterable[Item]) -> tuple[Missed, ...]:
    """The cues that no item covers, at most `MOST`: the most telling first, then in the order of the meeting.

    `items` are the action items and decisions of a result: a topic that quotes a promise does not tell of the task.
    """
    utterances = transcript.utterances
    covered = sorted(_covered(transcript, items))
    open_cues = [cue for cue in _cues([one.text for one in utterances]) if not _is_covered(cue, covered)]
    ranked = sorted(open_cues, key=lambda cue: (-cue.weight, cue.place, cue.word))
    chosen: list[_Cue] = []
    for cue in ranked:
        if len(chosen) < MOST and all(abs(cue.place - other.place) > REACH for other in chosen):
            chosen.append(cue)
    return tuple(Missed(cue=cue.words, utterances=(utterances[cue.place].id,), quote=cue.quote) for cue in chosen)


def every(transcript: Transcript) -> Iterator[int]:
    """The places of all cues, covered or not, in the order of the meeting."""
    return (cue.place for cue in _cues([one.text for one in transcript.utterances]))


def _covered(transcript: Transcript, items: Iterable[Item]) -> Iterator[tuple[int, int]]:
    """Where the evidence of items stands: places of utterances, and how many of the meeting's words come before."""
    places = {one.id: place for place, one in enumerate(transcript.utterances)}
    before = _words_before([one.text for one in transcript.utterances])
    for piece in {piece for item in items for piece in item.evidence}:
        for name in piece.utterances:
            place = places[name]
            inside = transcript.utterances[place].text.find(piece.quote[:MAX_QUOTE_CHARACTERS])
            ahead = len(transcript.utterances[place].text[: max(0, inside)].split())
            yield place, before[place] + ahead


def _words_before(texts: Sequence[str]) -> list[int]:
    return list(accumulate((len(text.split()) for text in texts), initial=0))


def _is_covered(cue: _Cue, covered: Sequence[tuple[int, int]]) -> bool:
    return any(abs(place - cue.place) <= REACH and abs(word - cue.word) <= REACH_WORDS for place, word in covered)


def _cues(texts: Sequence[str]) -> Iterator[_Cue]:
    before = _words_before(texts)
    rows = _rows(texts)
    for place, text in enumerate(texts):
        small = text.translate(_APOSTROPHES).lower()
        tried = [(row, pattern) for row, pattern in rows if any(hint in small for hint in row.hints)]
        if not tried:
            continue
        for sentence in _SENTENCE.finditer(text.translate(_APOSTROPHES)):
            if best := _best(sentence[0], tried):
                match, weight = best
                start = sentence.start() + match.start()
                yield _Cue(
                    place=place,
                    word=before[place] + len(text[:start].split()),
                    weight=weight,
                    words=text[start : sentence.start() + match.end()],
                    quote=_quote(text, sentence.start(), sentence.end(), start),
                )


def _rows(texts: Sequence[str]) -> list[_Row]:
    """Those of the languages that are spoken."""
    words = set(" ".join(texts).lower().split())
    few = len(words) < _FEW_WORDS
    spoken = (language for language in TABLES if few or len(MARKERS[language] & words) >= _MIN_MARKERS)
    return [row for language in spoken for row in _ROWS[language]]


def _best(sentence: str, rows: Sequence[_Row]) -> tuple[re.Match[str], float] | None:
    """The strongest cue of a sentence that counts, and its weight."""
    found = [
        (match, row) for row, pattern in rows for match in pattern.finditer(sentence) if _counts(sentence, match, row)
    ]
    if not found:
        return None
    match, row = max(found, key=lambda pair: (pair[1].weight, -pair[0].start()))
    dated = not row.deadline and any(other.deadline for _match, other in found)
    return match, row.weight + (_DEADLINE_BONUS if dated else 0.0)


def _counts(sentence: str, match: re.Match[str], row: CueRow) -> bool:
    if sentence.endswith(("?", "？")) and not row.asks:
        return False
    ahead = sentence[max(0, match.start() - _BEFORE) : match.start()]
    if any(pattern.search(ahead) for pattern in _NOT_AFTER) or len(_QUOTES.findall(sentence[: match.start()])) % 2:
        return False
    return not (_DENIED_AFTER.search(sentence[match.end() :]) or _PAST.search(sentence))


def _quote(text: str, start: int, end: int, cue: int) -> str:
    """The sentence from its beginning, or from the cue where the whole would be long; cut between words."""
    first = start if end - start <= MAX_QUOTE_CHARACTERS else cue
    whole = text[first:end].strip()
    if len(whole) <= MAX_QUOTE_CHARACTERS:
        return whole
    return whole[:MAX_QUOTE_CHARACTERS].rpartition(" ")[0] or whole[:MAX_QUOTE_CHARACTERS]
