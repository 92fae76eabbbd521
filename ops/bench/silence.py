"""Prints what the silence detector points to in annotated real meetings: a report, not a test.

    python -m ops.bench.silence [FOLDER]

FOLDER holds NAME.json and NAME.gold.json files; by default the shared data beside the checkout.

For each meeting the consensus of all built-in models is the result. "found" is the share of annotated actions and
decisions that an action item or decision of it lies near (within two segments), "after" the share with what is
`possibly_missed` as well. "cues" are the entries listed, "prec" the share of them that lies near an annotated item, and
"chance" the same for an utterance picked at random among those of at least five words: a cue is worth what it is
above that. The last three are for a result without any item: the share of the gold that the list points to, the
precision of all cues of the meeting, and how many these are.

Gold has one annotator a meeting: a right cue can count as wrong. Meetings without evidence in their gold are left out.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.bench.extractive_quality import DEFAULT_FOLDER, NEAR_SEGMENTS, Meeting, Places, _call, _read
from orchestrator.analysis import cues, evidence, replies
from orchestrator.synthesis.consensus import consensus
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from providers.extractive.answering import MODELS, answer

# The rows were written and weighed on these, and on akash-sig-support-002, whose gold has no evidence. The cues of the
# others were read once; verbs that are figures of speech ("let me remind you", "you could ask") were left out for it.
TUNED_ON: Final = frozenset(("ami-es2005a", "ami-es2008a", "ami-es2016b", "icsi-bmr020"))
MIN_WORDS: Final = 5


@dataclass
class Sums:
    gold: int = 0
    found: int = 0
    after: int = 0
    alone: int = 0
    cues: int = 0
    hits: int = 0
    all_cues: int = 0
    all_hits: int = 0
    near: int = 0
    size: int = 0

    def add(self, other: "Sums") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def main(folder: Path) -> None:
    """Print the table of all annotated meetings in `folder`: tuned on, and held out."""
    meetings = [_read(path) for path in sorted(folder.glob("*.gold.json"))]
    for group in ("tuned on", "held out"):
        print(f"\n== {group}\n")
        _print("meeting", "gold", "found", "after", "cues", "prec", "chance", "alone", "all", "cues")
        total = Sums()
        for meeting in meetings:
            if meeting.evidence and (meeting.name in TUNED_ON) == (group == "tuned on"):
                counted = _count(meeting)
                total.add(counted)
                _row(meeting.name, counted)
        _row("all", total)


def _count(meeting: Meeting) -> Sums:
    result = _result(meeting)
    items = (*result.decisions, *result.action_items)
    listed = cues.missed(meeting.transcript, items)
    alone = cues.missed(meeting.transcript, ())
    every = list(cues.every(meeting.transcript))
    places = {one.id: place for place, one in enumerate(meeting.transcript.utterances)}
    told = [_places(places, (piece.utterances for piece in item.evidence)) for item in items]
    pointed = [_places(places, [one.utterances]) for one in listed]
    said = [place for place, one in enumerate(meeting.transcript.utterances) if len(one.text.split()) >= MIN_WORDS]
    return Sums(
        gold=len(meeting.evidence),
        found=_recalled(meeting.evidence, told),
        after=_recalled(meeting.evidence, told + pointed),
        alone=_recalled(meeting.evidence, [_places(places, [one.utterances]) for one in alone]),
        cues=len(listed),
        hits=_hits(pointed, meeting.evidence),
        all_cues=len(every),
        all_hits=_hits([frozenset((place,)) for place in every], meeting.evidence),
        near=_hits([frozenset((place,)) for place in said], meeting.evidence),
        size=len(said),
    )


def _result(meeting: Meeting) -> Synthesis:
    raws = [replies.read(answer(_call(meeting), model).text) for model in MODELS]
    candidates = {seat: evidence.check(raw, meeting.transcript, (), None, seat) for seat, raw in enumerate(raws)}
    places = {one.id: place for place, one in enumerate(meeting.transcript.utterances)}
    match drive(consensus(Inputs(candidates=candidates, places=places, quorum=1)), []):
        case Synthesis() as synthesis:
            return synthesis
        case _:
            raise RuntimeError("consensus asks nobody")


def _places(places: dict[str, int], names: Iterable[Sequence[str]]) -> Places:
    return frozenset(places[name] for piece in names for name in piece)


def _recalled(gold: Sequence[Places], told: Sequence[Places]) -> int:
    return sum(any(_near(one, each) for one in told) for each in gold)


def _hits(told: Sequence[Places], gold: Sequence[Places]) -> int:
    return sum(any(_near(one, each) for each in gold) for one in told)


def _near(one: Places, other: Places) -> bool:
    return any(abs(place - there) <= NEAR_SEGMENTS for place in one for there in other)


def _row(name: str, sums: Sums) -> None:
    _print(
        name,
        str(sums.gold),
        _share(sums.found, sums.gold),
        _share(sums.after, sums.gold),
        str(sums.cues),
        _share(sums.hits, sums.cues),
        _share(sums.near, sums.size),
        _share(sums.alone, sums.gold),
        _share(sums.all_hits, sums.all_cues),
        str(sums.all_cues),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _print(name: str, *figures: str) -> None:
    print(f"{name:35}" + "".join(f"{figure:>8}" for figure in figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
