"""Who wins among seats of known quality: panels drawn from what people and paraphrasers wrote of real meetings.

Seats differ in how much they find and how much they invent; a corrupted wording or another meeting's item is wrong.
"""

import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from statistics import mean

from orchestrator.analysis.evidence import CEILING, FLOOR
from orchestrator.analysis.items import Candidate, Item
from orchestrator.analysis.likeness import words
from orchestrator.synthesis.competitive import competitive
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from tests.shared_data import shared
from tests.unit.analysis.samples import candidate, item, seated

MEETINGS = ("ami-es2008a", "ami-es2008b", "ami-es2016b")  # whose items have paraphrases and corrupted forms
DRAWS = 10  # panels of each meeting
SEATS = ((0.85, 0.10), (0.75, 0.25), (0.65, 0.35), (0.55, 0.45), (0.45, 0.50))  # found; invented, of the gold's number
PARAPHRASED, CORRUPTED = 0.7, 0.12


class Meeting:
    """A meeting's gold, and what its utterances say."""

    def __init__(self, name: str) -> None:
        self.seed = json.loads(shared(f"transcripts/panel/{name}.panel.json").read_text("utf-8"))
        segments = json.loads(shared(f"transcripts/{name}.json").read_text("utf-8"))["segments"]
        self.places: dict[str, int] = {one["id"]: place for place, one in enumerate(segments)}
        self.said: dict[str, str] = {one["id"]: one["text"] for one in segments}
        self.gold = [one for one in self.seed["items"] if one["evidence"]]

    def candidate(self, chance: random.Random, found: float, invented: float) -> tuple[Candidate, dict[str, str]]:
        """What a seat brings, and by text which gold item each right item tells."""
        right: dict[str, str] = {}
        brought: dict[str, Item] = {}
        for one in self.gold:
            if chance.random() < found:
                if chance.random() < CORRUPTED:
                    brought[one["corrupted"]] = self._item(one["corrupted"], one["evidence"])
                    continue
                told = chance.choice(one["paraphrases"]) if chance.random() < PARAPHRASED else one["text"]
                brought[told] = self._item(told, one["evidence"])
                right[told] = one["id"]
        for one in chance.sample(self.seed["distractors"], round(invented * len(self.gold))):
            brought[one["text"]] = self._item(one["text"], [chance.choice(list(self.places))])
        return candidate(*brought.values()), right

    def _item(self, text: str, evidence: list[str]) -> Item:
        """With the confidence that `evidence.check` gives it."""
        named = evidence[:3]
        wanted, held = words(text).stems, frozenset().union(*(words(self.said[name]).stems for name in named))
        share = len(wanted & held) / len(wanted)
        return item(text, *named, confidence=round(CEILING * (FLOOR + (1 - FLOOR) * share), 4))


def f1(found: Mapping[str, str], brought: list[Item], gold: int) -> float:
    hits = len({found[one.text] for one in brought if one.text in found})
    return 2 * hits / (len(brought) + gold)


@cache
def contests() -> tuple[tuple[float, float, float, float], ...]:
    """For each panel the F1 of its mean and best seat, of the winner, and of the winner when completed."""
    return tuple(_contests())


def _contests() -> Iterator[tuple[float, float, float, float]]:
    for name in MEETINGS:
        meeting = Meeting(name)
        for draw in range(DRAWS):
            chance = random.Random(f"{name} {draw}")
            drawn = [meeting.candidate(chance, *quality) for quality in SEATS]
            right = {text: gold for _found, texts in drawn for text, gold in texts.items()}
            panel = {seat: seated(found, seat) for seat, (found, _right) in enumerate(drawn)}
            seats = [f1(right, [*one.decisions], len(meeting.gold)) for one in panel.values()]
            result = drive(competitive(Inputs(candidates=panel, places=meeting.places, quorum=3)), [])
            assert isinstance(result, Synthesis)
            assert result.winner is not None
            completed = f1(right, [*result.decisions], len(meeting.gold))
            yield mean(seats), max(seats), seats[result.winner], completed


def test_the_checks_choose_a_winner_well_above_the_mean_seat() -> None:
    average, best, winner, _completed = map(mean, zip(*contests(), strict=True))

    assert winner > average + 0.4 * (best - average)


def test_what_others_agree_on_makes_the_winner_better() -> None:
    _average, _best, winner, completed = map(mean, zip(*contests(), strict=True))

    assert completed > winner
