"""One seat's answers about the parts of a long meeting, as one answer about all of it. Pure.

| of the parts | is |
|---|---|
| items | united: the same item on both sides of a border is one, with the proof of both; in the meeting's order |
| summary texts | one after the other, each within an equal share of the longest summary, cut after a sentence |
| bullets | one after the other without repeats; if they are too many, as many of each part as of the others |
| language | the one that most parts have |
| dropped, and of what kind; refused | added |
| meeting type | the one that most parts vote for; none where several are equal |

A part that is missing is never left out in silence: there is no answer without it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from orchestrator.analysis.identity import in_order, item_id, merged, told_apart, united, utterances
from orchestrator.analysis.items import KINDS, Candidate, Item, Kind, Summary
from orchestrator.analysis.quotes import fold
from orchestrator.analysis.replies import MAX_BULLETS, MAX_SUMMARY_CHARACTERS
from orchestrator.analysis.votes import most_voted, only
from orchestrator.meeting.context import UNKNOWN_LANGUAGE
from orchestrator.meeting.formats import cutting
from orchestrator.meeting.segments import Part
from orchestrator.meeting.transcript import Transcript

NEAR: Final = 3  # utterances from a border: as far as a thing is said again, or answered, before the talk goes on


OUTSIDE: Final = "outside"  # the kind under which what a part left out is counted, see `own_of`


class PartsMissing(Exception):
    """There are answers to fewer parts than were planned. `parts` counts from 1."""

    def __init__(self, parts: Sequence[int], planned: int) -> None:
        super().__init__(f"no answer for part {', '.join(map(str, parts))} of {planned}")
        self.parts = tuple(parts)
        self.planned = planned


def combine(answers: Mapping[int, Candidate], planned: Sequence[Part], transcript: Transcript) -> Candidate:
    """Make one candidate of those of all parts.

    Args:
        answers: by the number of their part, from 1.
        planned: the parts as `segments.split` cut them, at least one.
        transcript: the whole meeting, whose utterances the candidates name.

    Raises:
        PartsMissing: a planned part has no answer.
        ValueError: there is an answer for a part that nobody planned.
    """
    numbers = range(1, len(planned) + 1)
    if missing := [number for number in numbers if number not in answers]:
        raise PartsMissing(missing, len(planned))
    if len(answers) > len(planned):
        raise ValueError(f"answers for {len(answers)} parts, of which {len(planned)} were planned")
    parts = [answers[number] for number in numbers]
    if len(parts) == 1:
        return parts[0]
    whole = _Meeting(transcript, [part.spans[0].place for part in planned[1:]])
    return Candidate(
        language=_language(part.language for part in parts),
        summary=Summary(text=_text([part.summary.text for part in parts]), bullets=_bullets(parts)),
        dropped=sum(part.dropped for part in parts),
        removed=_removed(parts),
        refused=_refused(parts),
        meeting_type=only(most_voted((part.meeting_type, 1.0) for part in parts if part.meeting_type)),
        **{kind: whole.items(kind, [item for part in parts for item in part.of(kind)]) for kind in KINDS},
    )


def own_of(answer: Candidate, part: Part, transcript: Transcript) -> Candidate:
    """What the answer about a part proves by that part: an item that others alone prove is left to them, and counted.

    Args:
        answer: checked against the whole meeting, whose utterances it names.
        part: what it is about; what was shown before it is not its own.
        transcript: the whole meeting.
    """
    inside = {transcript.utterances[place].id for place in part.places}
    kept: dict[str, tuple[Item, ...]] = {
        kind: tuple(item for item in answer.of(kind) if utterances(item) & inside) for kind in KINDS
    }
    if not (left := sum(len(answer.of(kind)) - len(kept[kind]) for kind in KINDS)):
        return answer
    removed = Counter(answer.removed) + Counter({OUTSIDE: left})
    return answer.model_copy(
        update={"dropped": answer.dropped + left, "removed": dict(sorted(removed.items())), **kept}
    )


class _Meeting:
    """The places and words of a meeting, and where it was cut."""

    def __init__(self, transcript: Transcript, borders: Sequence[int]) -> None:
        self._transcript = transcript
        self._places = {utterance.id: place for place, utterance in enumerate(transcript.utterances)}
        self._borders = borders

    def items(self, kind: Kind, items: Sequence[Item]) -> tuple[Item, ...]:
        whole = merged(items, lambda group: self._merge(kind, group), proof=self._proof)
        return told_apart(in_order(whole, self._places))

    def _proof(self, item: Item) -> frozenset[str]:
        """An item's utterances, and the borders that it lies at: across a border there is nothing else in common."""
        named = utterances(item)
        places = [self._places[name] for name in named]
        return named | {
            f"border {border}"
            for border in self._borders
            if any(border - NEAR <= place < border + NEAR for place in places)
        }

    def _merge(self, kind: Kind, group: Sequence[Item]) -> Item:
        """The best proved of one item's forms, with the proof of all."""
        best, *others = sorted(group, key=lambda item: (-item.confidence, item.text, item.model_dump_json()))
        if not others:
            return best
        evidence = united(best.evidence, (piece for item in others for piece in item.evidence), self._places)
        said = (self._transcript.by_id[name].text for piece in evidence for name in piece.utterances)
        owner = next((item.owner for item in (best, *others) if item.owner), None)
        due = next((item.due for item in (best, *others) if item.due), None)
        seats = tuple(sorted({seat for item in group for seat in item.seats}))
        name = item_id(kind, map(fold, said))
        return best.model_copy(
            update={
                "id": name,
                "evidence": evidence,
                "owner": owner,
                "due": due,
                "seats": seats,
                "verified": all(item.verified for item in group),
            }
        )


def _removed(parts: Iterable[Candidate]) -> dict[str, int]:
    counted = Counter[str]()
    for part in parts:
        counted.update(part.removed)
    return dict(sorted(counted.items()))


def _language(languages: Iterable[str]) -> str:
    """The most frequent; of several, the one that came first. Who does not know has no vote."""
    votes = Counter(language for language in languages if language != UNKNOWN_LANGUAGE)
    return max(votes, key=votes.__getitem__, default=UNKNOWN_LANGUAGE)


def _refused(parts: Sequence[Candidate]) -> dict[Kind, int]:
    sums: dict[Kind, int] = {kind: sum(part.refused.get(kind, 0) for part in parts) for kind in KINDS}
    return {kind: count for kind, count in sums.items() if count}


def _text(texts: Sequence[str]) -> str:
    """All texts within the longest summary. What a short one leaves is shared by the others."""
    room = MAX_SUMMARY_CHARACTERS
    kept: dict[int, str] = {}
    for left, place in zip(
        range(len(texts), 0, -1), sorted(range(len(texts)), key=lambda n: len(texts[n])), strict=True
    ):
        kept[place] = _shortened(texts[place], room // left - 1)
        room -= len(kept[place]) + 1
    return " ".join(kept[place] for place in range(len(texts)) if kept[place])


def _shortened(text: str, limit: int) -> str:
    if limit < 1:
        return ""  # a thousand parts: none has room for a word
    return cutting.pieces(text, limit)[0] if len(text) > limit else text


def _bullets(parts: Sequence[Candidate]) -> tuple[str, ...]:
    """In the order of the parts; by turns, so that a late part has as many as an early one."""
    new: list[list[str]] = []
    seen: set[str] = set()
    for part in parts:
        own: dict[str, str] = {}
        for bullet in part.summary.bullets:
            own.setdefault(fold(bullet), bullet)
        new.append([bullet for key, bullet in own.items() if key not in seen])
        seen |= own.keys()
    turns = sorted((turn, place) for place, bullets in enumerate(new) for turn in range(len(bullets)))
    chosen = sorted((place, turn) for turn, place in turns[:MAX_BULLETS])
    return tuple(new[place][turn] for place, turn in chosen)
