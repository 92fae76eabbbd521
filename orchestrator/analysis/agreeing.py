"""What several seats agree on: the core that strategies of votes share. Pure.

Items of different seats about one matter are put together (`alignment.py`), told in the words that are best borne out
(`wording.py`) with the proof of all seats that back these words, and believed as far as agreement, proof and votes go
(`credence.py`). An item is kept when its credence is `ENOUGH` and, if several seats back it, `BORNE_OUT` of its
content words stand in their quotes or in another backer's text; or when all seats back it. The credence is its
confidence. What all seats back is never told with less confidence than its own proof gave it.

What one of its backers could not prove is not verified, and no more likely for being repeated.

Owner and due date are voted on by the seats that back the item and name one. A tie between owners goes to the one who
is named in the proof, if there is one only; any other tie to nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from orchestrator.analysis import wording
from orchestrator.analysis.alignment import Cluster, align
from orchestrator.analysis.credence import Signs, agreement, credence, usual
from orchestrator.analysis.evidence import CONFIDENCE_PLACES, UNKNOWN_LANGUAGE, UNPROVED
from orchestrator.analysis.identity import in_order, told_apart, united
from orchestrator.analysis.items import Candidate, Due, Evidence, Item, Kind, Owner, Summary
from orchestrator.analysis.likeness import likeness, words
from orchestrator.analysis.proofs import proof
from orchestrator.analysis.quotes import fold, stands_alone
from orchestrator.analysis.votes import most_voted, only
from orchestrator.analysis.wording import Reading

# To keep what is likelier right than half of the F1 that can be reached makes F1 greatest (Lipton, Elkan and
# Narayanaswamy, "Optimal Thresholding of Classifiers to Maximize F1 Measure", 2014); panels reach about 0.8.
ENOUGH: Final = 0.4
# A wrong detail is worse than a missing item: in simulated panels this takes the items that are wrong in a detail from
# 0.64 to 0.40 of a single model's, and F1 from 0.86 to 0.82 (ADR 0040).
BORNE_OUT: Final = 2 / 3


class Weight(Protocol):
    """How much the word of several seats counts together, whatever their order; above 0 for any seat."""

    def __call__(self, *seats: int) -> float: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """What the panel makes of one matter, whether it is kept or not."""

    reading: Reading
    signs: Signs
    is_unanimous: bool

    @property
    def confidence(self) -> float:
        least = self.reading.item.confidence if self.is_unanimous else 0.0
        return max(least, round(credence(self.signs), CONFIDENCE_PLACES))

    @property
    def is_kept(self) -> bool:
        is_borne_out = len(self.reading.backers) == 1 or self.reading.borne_out >= BORNE_OUT
        return self.is_unanimous or (is_borne_out and self.confidence >= ENOUGH)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A matter as its backers have it, the share of the seats' weight behind it, and whether that keeps it."""

    claim: Claim
    cluster: Cluster
    support: float
    kept: bool


def agreed(
    candidates: Mapping[int, Candidate], kind: Kind, places: Mapping[str, int], weight: Weight
) -> tuple[Item, ...]:
    """The items of one kind that the seats agree on, in the order of the transcript, ids unique.

    Args:
        candidates: by seat; at least one.
        kind: which list.
        places: of each utterance in the transcript, by id.
        weight: of seats where this kind is concerned.
    """
    kept = [_item(one, places, weight) for one in claims(candidates, kind, places, weight) if one.is_kept]
    return told_apart(in_order(kept, places))


def claims(candidates: Mapping[int, Candidate], kind: Kind, places: Mapping[str, int], weight: Weight) -> list[Claim]:
    """Everything of one kind that some seat brought, each matter once; arguments as for `agreed`."""
    readings = [wording.choose(cluster, weight) for cluster in align(candidates, kind, places)]
    agreements = [agreement([proof(item, places) for _seat, item in one.backers]) for one in readings]
    expected = usual(agreements)
    total = weight(*candidates)
    return [
        Claim(
            reading=one,
            signs=Signs(
                net=len(candidates) * (2 * weight(*one.seats) / total - 1),
                others=len(one.backers) - 1,
                agreement=agreed_by,
                usual=expected,
                confidence=one.item.confidence,
            ),
            is_unanimous=len(one.backers) == len(candidates),
        )
        for one, agreed_by in zip(readings, agreements, strict=True)
    ]


def weighed(
    candidates: Mapping[int, Candidate], kind: Kind, places: Mapping[str, int], weight: Weight
) -> tuple[Weighed, ...]:
    """All that the seats brought of one kind, and what the rule makes of it; arguments as above."""
    total = weight(*candidates)
    return tuple(
        Weighed(one, Cluster(members=one.reading.backers), weight(*one.reading.seats) / total, one.is_kept)
        for one in claims(candidates, kind, places, weight)
    )


def told(one: Weighed, places: Mapping[str, int], weight: Weight) -> Item:
    """The one item that several seats' items make."""
    return _item(one.claim, places, weight)


def strongest_first(item: Item) -> tuple[float, int, str, str]:
    """The order in which tellings of one item are preferred; equal only where all but the seats is."""
    return -item.confidence, -len(item.evidence), item.text, item.model_dump_json(exclude={"seats"})


def summary(candidates: Mapping[int, Candidate]) -> Summary:
    """The summary most like all others: what it tells, most of them tell."""
    summaries = {seat: candidate.summary for seat, candidate in candidates.items()}
    apart = {seat: words(one.text) for seat, one in summaries.items()}

    def rank(seat: int) -> tuple[bool, float, str, tuple[str, ...]]:
        others = sorted(likeness(apart[seat], apart[other]) for other in apart if other != seat)
        one = summaries[seat]
        return not one.text, -round(sum(others), 9), one.text, one.bullets

    return summaries[min(summaries, key=rank)]


def language(candidates: Mapping[int, Candidate], weight: Weight) -> str:
    """The language that most answered in, of those that are known."""
    spoken = ((candidate.language, weight(seat)) for seat, candidate in candidates.items())
    known = [(code, cast) for code, cast in spoken if code != UNKNOWN_LANGUAGE]
    return min(most_voted(known), default=UNKNOWN_LANGUAGE)


def _item(claim: Claim, places: Mapping[str, int], weight: Weight) -> Item:
    chosen, backers = claim.reading.item, claim.reading.backers
    others = (piece for _seat, item in backers if item is not chosen for piece in item.evidence)
    evidence = united(chosen.evidence, others, places)
    verified = all(item.verified for _seat, item in backers)
    return Item(
        id=chosen.id,
        text=chosen.text,
        evidence=evidence,
        confidence=claim.confidence if verified else min(claim.confidence, UNPROVED),
        seats=claim.reading.seats,
        verified=verified,
        owner=_owner(claim.reading, evidence, weight),
        due=_due(claim.reading, weight),
    )


def _owner(reading: Reading, evidence: Iterable[Evidence], weight: Weight) -> Owner | None:
    voted = most_voted((item.owner, weight(seat)) for seat, item in reading.backers if item.owner)
    proof = fold(" ".join(piece.quote for piece in evidence))
    named = [owner for owner in voted if stands_alone(fold(owner.name), proof)]
    return only(voted) or only(named)


def _due(reading: Reading, weight: Weight) -> Due | None:
    """The day that most name; where no day is known, the words."""
    dues = [(item.due, weight(seat)) for seat, item in reading.backers if item.due]
    meaning = only(most_voted((_meaning(due), cast) for due, cast in dues))
    same = (due for due, _cast in dues if _meaning(due) == meaning)
    return min(same, key=lambda due: (-len(due.text), due.text), default=None)


def _meaning(due: Due) -> str:
    return due.date or fold(due.text)
