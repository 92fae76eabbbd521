"""What the seats agree on: items that at least half of their weight supports. Pure, asks nobody.

An item that several seats have is told in the words of the seat whose proof is strongest, with the proof of all. Its
confidence is

    support x (c + (1 - c) x 1/2 x (k - 1) / k)

where `support` is the share of the seats' weight that has it, `c` the confidence of the item chosen, and `k` how
many seats have it: agreement of models that err apart closes half of the gap to certainty, never all, since they can
err together. One seat of two leaves half of its confidence; all seats never leave less than there was.

Owner and due date are voted on by the seats that name one. A tie between owners goes to the one who is named in the
proof, if there is one only; any other tie to nobody.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Final, TypeVar

from orchestrator.analysis.alignment import Cluster, align
from orchestrator.analysis.evidence import CONFIDENCE_PLACES, UNKNOWN_LANGUAGE
from orchestrator.analysis.identity import in_order, told_apart, united
from orchestrator.analysis.items import KINDS, Due, Evidence, Item, Kind, Owner, Summary
from orchestrator.analysis.likeness import likeness, words
from orchestrator.analysis.quotes import fold, stands_alone
from orchestrator.synthesis.flow import Flow, Inputs, Synthesis

GAP_CLOSED: Final = 0.5  # models are trained on the same texts and share their errors

_Choice = TypeVar("_Choice", bound=Hashable)


def consensus(inputs: Inputs) -> Flow:
    """Align the seats' items and keep what enough of them have."""
    yield from ()
    return Synthesis(
        language=_language(inputs),
        summary=_summary(inputs),
        seats=tuple(sorted(inputs.candidates)),
        **{kind: _items(inputs, kind) for kind in KINDS},
    )


def _items(inputs: Inputs, kind: Kind) -> tuple[Item, ...]:
    clusters = align(inputs.candidates, kind, inputs.places)
    kept = [_item(inputs, cluster) for cluster in clusters if _support(inputs, cluster) >= 0.5]
    return told_apart(in_order(kept, inputs.places))


def _item(inputs: Inputs, cluster: Cluster) -> Item:
    best, *others = sorted(cluster.items, key=_strongest_first)
    evidence = united(best.evidence, (piece for item in others for piece in item.evidence), inputs.places)
    return Item(
        id=best.id,
        text=best.text,
        evidence=evidence,
        confidence=_confidence(_support(inputs, cluster), best.confidence, len(cluster.members)),
        seats=cluster.seats,
        verified=all(item.verified for item in cluster.items),
        owner=_owner(inputs, cluster, evidence),
        due=_due(inputs, cluster),
    )


def _strongest_first(item: Item) -> tuple[float, int, str, str]:
    return -item.confidence, -len(item.evidence), item.text, item.model_dump_json(exclude={"seats"})


def _support(inputs: Inputs, cluster: Cluster) -> float:
    return inputs.weight(*cluster.seats) / inputs.weight(*inputs.candidates)


def _confidence(support: float, confidence: float, seats: int) -> float:
    gained = (1 - confidence) * GAP_CLOSED * (seats - 1) / seats
    return round(support * (confidence + gained), CONFIDENCE_PLACES)


def _owner(inputs: Inputs, cluster: Cluster, evidence: Iterable[Evidence]) -> Owner | None:
    voted = _most_voted((item.owner, inputs.weight(seat)) for seat, item in cluster.members if item.owner)
    proof = fold(" ".join(piece.quote for piece in evidence))
    named = [owner for owner in voted if stands_alone(fold(owner.name), proof)]
    return _only(voted) or _only(named)


def _due(inputs: Inputs, cluster: Cluster) -> Due | None:
    """The day that most name; where no day is known, the words."""
    dues = [(item.due, inputs.weight(seat)) for seat, item in cluster.members if item.due]
    meaning = _only(_most_voted((_meaning(due), weight) for due, weight in dues))
    same = (due for due, _weight in dues if _meaning(due) == meaning)
    return min(same, key=lambda due: (-len(due.text), due.text), default=None)


def _meaning(due: Due) -> str:
    return due.date or fold(due.text)


def _most_voted(votes: Iterable[tuple[_Choice, float]]) -> list[_Choice]:
    """The choices with the most weight; several only when they tie."""
    weights: defaultdict[_Choice, list[float]] = defaultdict(list)
    for choice, weight in votes:
        weights[choice].append(weight)
    totals = {choice: round(sum(sorted(cast)), 9) for choice, cast in weights.items()}  # sorted: in any order the same
    return [choice for choice, total in totals.items() if total == max(totals.values())]


def _only(choices: list[_Choice]) -> _Choice | None:
    return choices[0] if len(choices) == 1 else None


def _summary(inputs: Inputs) -> Summary:
    """The summary most like all others: what it tells, most of them tell."""
    summaries = {seat: candidate.summary for seat, candidate in inputs.candidates.items()}
    apart = {seat: words(summary.text) for seat, summary in summaries.items()}

    def rank(seat: int) -> tuple[bool, float, str, tuple[str, ...]]:
        others = sorted(likeness(apart[seat], apart[other]) for other in apart if other != seat)
        summary = summaries[seat]
        return not summary.text, -round(sum(others), 9), summary.text, summary.bullets

    return summaries[min(summaries, key=rank)]


def _language(inputs: Inputs) -> str:
    spoken = ((candidate.language, inputs.weight(seat)) for seat, candidate in inputs.candidates.items())
    known = [(language, weight) for language, weight in spoken if language != UNKNOWN_LANGUAGE]
    return min(_most_voted(known), default=UNKNOWN_LANGUAGE)
