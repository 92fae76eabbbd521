"""Panels of simulated models: what they would answer, through the product's own checks, and where each item came from.

Each seat reports each gold item with the setting's recall, in the gold's words, a paraphrase, or the corrupted form,
and cites its evidence with the noise of the setting. It makes up items too, drawn from what holds in other meetings;
the evidence of these is verbatim as well, or the mechanical check alone would find them all. Everything hangs on the
seed. An item that nobody gave evidence for cites the utterances most like its text.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

from rapidfuzz import fuzz

from ops.bench.quality.meetings import Distractor, GoldItem, Meeting
from ops.bench.quality.noise import Noise
from ops.bench.quality.rewording import reworded
from orchestrator.analysis import evidence
from orchestrator.analysis.items import KINDS, Candidate, Kind
from orchestrator.analysis.likeness import words
from orchestrator.analysis.quotes import fold, stands_alone
from orchestrator.analysis.replies import RawAction, RawCandidate, RawEvidence, RawItem, RawSummary

MOST_CITED: Final = 4  # utterances of one item; real models name one to three
ALIKE_CHOICES: Final = 5  # models that look for proof of an invention do not all settle on the same utterance
MIN_QUOTED_WORDS: Final = 4

Truth: TypeAlias = Literal["true", "corrupted", "invented"]


@dataclass(frozen=True)
class Origin:
    """Where a text came from: `source` is the id of a gold item or distractor."""

    truth: Truth
    source: str


@dataclass(frozen=True)
class Simulated:
    """The candidates of a panel by seat; `origins` of all texts in them, by kind and folded text."""

    meeting: Meeting
    candidates: Mapping[int, Candidate]
    origins: Mapping[tuple[Kind, str], Origin]

    def origin(self, kind: Kind, text: str) -> Origin:
        """Where an accepted item's text came from; of a text that was reworded on the way, the likest."""
        if found := self.origins.get((kind, fold(text))):
            return found
        return max(self.origins.items(), key=lambda one: (one[0][0] == kind, fuzz.ratio(one[0][1], fold(text))))[1]


class Stage:
    """One meeting, prepared for many panels."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self._said = [utterance.text for utterance in meeting.transcript.utterances]
        self._likest: dict[str, tuple[int, ...]] = {}
        self._left: dict[str, str] = {}

    def panel(self, noise: Noise, seed: int) -> Simulated:
        """Simulate all seats of one panel. Seats of unequal quality are shuffled, so that none is first by rank."""
        chance = random.Random(f"{noise.name}/{self.meeting.name}/{seed}")  # noqa: S311  a simulation
        in_common = self._in_common(chance, noise)
        qualities = list(zip(noise.recall, noise.inventions, strict=True))
        chance.shuffle(qualities)
        origins: dict[tuple[Kind, str], Origin] = {}
        found: dict[int, Candidate] = {}
        for seat, (recall, rate) in enumerate(qualities):
            items = _nothing()
            for kind, text, places, origin in (
                *self._reported(chance, noise, recall),
                *self._invented(chance, noise, rate, in_common),
            ):
                raw = self._raw(chance, noise, kind, text, places)
                items[kind].append(raw)
                _note(origins, kind, raw.text, origin)
                _note(origins, kind, self._stripped(kind, raw), origin)
            found[seat] = self._checked(items, seat)
        return Simulated(self.meeting, found, origins)

    def _reported(
        self, chance: random.Random, noise: Noise, recall: float
    ) -> Iterator[tuple[Kind, str, Sequence[int], Origin]]:
        for item in self.meeting.gold:
            if chance.random() < recall:
                text, origin = _worded(chance, noise, item)
                yield item.kind, text, self._cited(chance, noise, item), origin

    def _invented(
        self, chance: random.Random, noise: Noise, rate: float, in_common: Sequence[Distractor]
    ) -> Iterator[tuple[Kind, str, Sequence[int], Origin]]:
        own, common = list(self.meeting.distractors), list(in_common)
        chance.shuffle(own)
        chance.shuffle(common)
        wanted = min(round(rate * len(self.meeting.gold)), len(own))
        chosen: dict[str, Distractor] = {}
        while len(chosen) < wanted:
            one = common.pop() if common and chance.random() < noise.shared else own.pop()
            chosen[one.id] = one
        for one in chosen.values():
            yield one.kind, one.text, self._pretended(chance, noise, one.text), Origin("invented", one.id)

    def _in_common(self, chance: random.Random, noise: Noise) -> list[Distractor]:
        """What all models tend to make up: as much as the most inventive of them alone."""
        pool = self.meeting.distractors
        return chance.sample(pool, min(len(pool), round(max(noise.inventions) * len(self.meeting.gold))))

    def _cited(self, chance: random.Random, noise: Noise, item: GoldItem) -> list[int]:
        places = list(item.places) or list(self._alike(item.text)[:1])
        sure = chance.choice(places)
        kept = [place for place in places if place == sure or chance.random() >= noise.lost]
        return [self._slipped(chance, noise, place) for place in kept[:MOST_CITED]]

    def _slipped(self, chance: random.Random, noise: Noise, place: int) -> int:
        if chance.random() < noise.astray:
            return chance.randrange(len(self._said))
        if chance.random() < noise.off_by_one:
            return min(max(0, place + chance.choice((-1, 1))), len(self._said) - 1)
        return place

    def _pretended(self, chance: random.Random, noise: Noise, text: str) -> list[int]:
        count = chance.choice((1, 1, 2))
        if chance.random() < noise.alike:
            return chance.sample(self._alike(text), count)
        return chance.sample(self._long, count)

    def _raw(self, chance: random.Random, noise: Noise, kind: Kind, text: str, places: Sequence[int]) -> RawItem:
        quoted = tuple(
            RawEvidence(utterance=f"u{place + 1}", quote=self._quote(chance, noise, place))
            for place in dict.fromkeys(places)
        )
        if kind != "action_items":
            return RawItem(text=text, evidence=quoted)
        return RawAction(text=text, evidence=quoted, owner=self._owner(text), due_text="", due_date="")

    def _quote(self, chance: random.Random, noise: Noise, place: int) -> str:
        spoken = self._said[place].split()
        if len(spoken) <= MIN_QUOTED_WORDS or chance.random() >= noise.part:
            return self._said[place]
        length = chance.randrange(MIN_QUOTED_WORDS, len(spoken))
        start = chance.randrange(len(spoken) - length + 1)
        return " ".join(spoken[start : start + length])

    def _owner(self, text: str) -> str:
        """The one speaker whom a text names, else nobody."""
        named = [one for one in self.meeting.transcript.speakers if stands_alone(fold(one), fold(text))]
        return named[0] if len(named) == 1 else ""

    def _stripped(self, kind: Kind, raw: RawItem) -> str:
        """What the checks leave of a text: they take amounts and addresses out that were never said."""
        if raw.text not in self._left:
            kept = self._checked({**_nothing(), kind: [raw]}, 0).of(kind)
            self._left[raw.text] = kept[0].text if kept else raw.text
        return self._left[raw.text]

    def _checked(self, items: Mapping[Kind, Sequence[RawItem]], seat: int) -> Candidate:
        raw = RawCandidate(
            language="en",
            summary=RawSummary(text="", bullets=()),
            **{kind: tuple(items[kind]) for kind in KINDS},
        )
        return evidence.check(raw, self.meeting.transcript, (), None, seat)

    def _alike(self, text: str) -> tuple[int, ...]:
        """The utterances that share most words with a text, the rarer the word the more."""
        if text not in self._likest:
            wanted = words(text).stems
            weight = [
                sum(self._rarity[stem] for stem in wanted & stems) / (1 + len(stems)) ** 0.5 for stems in self._stems
            ]
            order = sorted(range(len(weight)), key=lambda place: (-weight[place], place))
            self._likest[text] = tuple(order[:ALIKE_CHOICES])
        return self._likest[text]

    @cached_property
    def _stems(self) -> list[frozenset[str]]:
        return [words(text).stems for text in self._said]

    @cached_property
    def _rarity(self) -> dict[str, float]:
        counts: dict[str, int] = {}
        for stem in (stem for stems in self._stems for stem in stems):
            counts[stem] = counts.get(stem, 0) + 1
        return {stem: 1 / count**0.5 for stem, count in counts.items()}

    @cached_property
    def _long(self) -> list[int]:
        """Utterances that one could quote as proof: nobody cites an "okay"."""
        return [place for place, text in enumerate(self._said) if len(text.split()) > MIN_QUOTED_WORDS] or list(
            range(len(self._said))
        )


def _nothing() -> dict[Kind, list[RawItem]]:
    return {kind: [] for kind in KINDS}


def _note(origins: dict[tuple[Kind, str], Origin], kind: Kind, text: str, origin: Origin) -> None:
    """A text that a true form and a corrupted one share, once the wrong detail is taken out, is true."""
    if origin.truth == "true" or (kind, fold(text)) not in origins:
        origins[kind, fold(text)] = origin


def _worded(chance: random.Random, noise: Noise, item: GoldItem) -> tuple[str, Origin]:
    if chance.random() < noise.corrupted and item.corrupted:
        return item.corrupted, Origin("corrupted", item.id)
    others = item.paraphrases or reworded(item.text)
    text = chance.choice(others) if others and chance.random() < noise.paraphrase else item.text
    return text, Origin("true", item.id)
