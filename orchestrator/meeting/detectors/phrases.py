"""Counts the phrases of cue tables in a text. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from orchestrator.meeting.cues.row import Cues

Phrase: TypeAlias = tuple[str, ...]
_Label = TypeVar("_Label", bound=str)

STRONG: Final = 3  # what is hardly said elsewhere counts as much as three words that are
PLAIN: Final = 1

# Chinese and Japanese put no spaces between words: each of their characters is a token of its own.
_TOKEN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W_\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase, how it is written, what it speaks for, and how strongly."""

    phrase: Phrase
    written: str
    weights: Mapping[str, int]


Lexicon: TypeAlias = Mapping[str, tuple[Entry, ...]]  # by first token, the longest phrase first


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found for one label. `counts`: phrases and how often, the weightiest first; `strong`: some of them."""

    weight: int
    counts: tuple[tuple[str, int], ...]
    strong: tuple[str, ...]

    @property
    def times(self) -> int:
        return sum(times for _, times in self.counts)


def tokens(text: str) -> list[str]:
    """Lower-case words, parted at everything that is neither letter nor digit."""
    return _TOKEN.findall(text.lower())


def lexicon(*tables: Mapping[_Label, Cues]) -> Lexicon:
    """Tables made ready for counting. What two of them have for one label counts once, by its higher weight."""
    weights: dict[Phrase, dict[str, int]] = {}
    written: dict[Phrase, str] = {}
    for table in tables:
        for label, cues in table.items():
            for listed, weight in ((cues.plain, PLAIN), (cues.strong, STRONG)):
                for text in filter(None, map(str.strip, listed.split(","))):
                    phrase = tuple(tokens(text))
                    known = weights.setdefault(phrase, {})
                    known[label] = max(weight, known.get(label, 0))
                    written.setdefault(phrase, text)
    by_first: dict[str, list[Entry]] = {}
    for phrase, known in weights.items():
        by_first.setdefault(phrase[0], []).append(Entry(phrase, written[phrase], known))
    return {first: tuple(sorted(found, key=lambda one: -len(one.phrase))) for first, found in by_first.items()}


def tally(said: Sequence[str], known: Lexicon) -> dict[str, Tally]:
    """What the tokens say for each label. Of phrases that begin at one place the longest counts and takes its words."""
    found: Counter[Phrase] = Counter()
    entries: dict[Phrase, Entry] = {}
    free_from = 0
    for place, token in enumerate(said):
        if place < free_from or token not in known:
            continue
        entry = _longest(said, place, known[token])
        if entry is not None:
            found[entry.phrase] += 1
            entries[entry.phrase] = entry
            free_from = place + len(entry.phrase)
    by_label: dict[str, list[tuple[int, str, int]]] = {}
    for phrase, times in found.items():
        for label, weight in entries[phrase].weights.items():
            by_label.setdefault(label, []).append((weight, entries[phrase].written, times))
    return {label: _tally(listed) for label, listed in by_label.items()}


def quoted(found: Tally, most: int) -> str:
    """The weightiest phrases for a reader: `"no blockers" 3, "yesterday i" 2`."""
    return ", ".join(f'"{phrase}" {times}' for phrase, times in found.counts[:most])


def _longest(said: Sequence[str], place: int, entries: Iterable[Entry]) -> Entry | None:
    for entry in entries:
        if len(entry.phrase) == 1 or tuple(said[place : place + len(entry.phrase)]) == entry.phrase:
            return entry
    return None


def _tally(listed: Iterable[tuple[int, str, int]]) -> Tally:
    """From weight, phrase and times each."""
    ordered = sorted(listed, key=lambda one: (-one[0] * one[2], one[1]))
    return Tally(
        weight=sum(weight * times for weight, _, times in ordered),
        counts=tuple((phrase, times) for _, phrase, times in ordered),
        strong=tuple(phrase for weight, phrase, _ in ordered if weight == STRONG),
    )
