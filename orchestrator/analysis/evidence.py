"""Believes of a model's answer only what the transcript bears out. Pure.

| claim | believed when |
|---|---|
| quote | it stands, apart from spelling, in the utterance named, within two of it, or once in the meeting |
| item | at least one of its quotes was said; else it is dropped |
| owner | a participant, a speaker, or a name in the utterances that prove the item; else nobody |
| due words | they stand in these utterances; the day is counted by us (`dues.py`) |
| address, phone number, amount of money | said somewhere in the meeting; else removed from the text (`foreign.py`) |

A quote may run over up to three utterances; its evidence then names all of them, and the quote is verbatim in their
texts joined with single spaces. `verified` is true of every item that is left.

Confidence of one seat's item, before any other seat agrees:

    0.9 x (1/3 + 2/3 x words) x quotes x doubt

`words` is the share of the item's content words that stand in its proof (speakers' names included), `quotes` the share
of its quotes that were said. `doubt` is 1/2 when a figure in the text, or the owner, is said nowhere within three
utterances of the proof, else 1: such an item is kept, since a meeting may settle in one place what it counted in
another. The confidence never is the model's own number.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Final

from orchestrator.analysis.dues import consistent, day
from orchestrator.analysis.figures import Readings, claimed, said
from orchestrator.analysis.foreign import Foreign
from orchestrator.analysis.identity import in_order, item_id, merged, told_apart, united
from orchestrator.analysis.items import KINDS, Candidate, Due, Evidence, Item, Kind, Owner, Summary
from orchestrator.analysis.likeness import words
from orchestrator.analysis.owners import Names
from orchestrator.analysis.quotes import Concordance, Span, letters
from orchestrator.analysis.replies import RawAction, RawCandidate, RawEvidence, RawItem, RawSummary
from orchestrator.meeting.transcript import Transcript
from providers.calls import Value

CEILING: Final = 0.9  # one model alone is never sure
FLOOR: Final = 1 / 3  # a true quote under a text with none of its words: another language, or a free paraphrase
DOUBT: Final = 0.5
NEAR: Final = 3  # a question and its answer, or a figure and what it counts, seldom lie farther apart
CONFIDENCE_PLACES: Final = 4  # more would be noise, and less easy to read
UNKNOWN_LANGUAGE: Final = "und"  # BCP 47: undetermined

_PLACE: Final = re.compile(r"\W*u?(\d{1,6})\W*", re.IGNORECASE | re.ASCII)
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)")


class Person(Value):
    """Somebody who took part. `id` is the caller's own."""

    name: str
    id: str | None = None
    aliases: tuple[str, ...] = ()


def check(
    raw: RawCandidate, transcript: Transcript, participants: tuple[Person, ...], started_on: date | None, seat: int
) -> Candidate:
    """Keep of an answer what was really said, in the order of the transcript.

    Args:
        raw: what `replies.read` made of the answer; it names utterances by place, `u1` being the first.
        transcript: the meeting; the candidate's evidence names utterances by their own ids.
        participants: whom an owner may be, beside the speakers.
        started_on: the day of the meeting where it took place; None: not known, so relative days stay words.
        seat: whose answer it is.

    Returns:
        The candidate. `dropped` counts items without proof, pieces removed from texts, and what `raw` had cut.
    """
    meeting = _Meeting(transcript, participants, started_on, seat)
    checked = {kind: meeting.items(kind, getattr(raw, kind)) for kind in KINDS}
    summary, removed = meeting.summary(raw.summary)
    return Candidate(
        language=_language(raw.language),
        summary=summary,
        dropped=raw.cut + removed + sum(lost for _items, lost in checked.values()),
        **{kind: items for kind, (items, _lost) in checked.items()},
    )


class _Meeting:
    """One transcript, prepared for the questions that are asked of every item."""

    def __init__(
        self, transcript: Transcript, participants: Sequence[Person], started_on: date | None, seat: int
    ) -> None:
        self._utterances = transcript.utterances
        self._places = {utterance.id: place for place, utterance in enumerate(transcript.utterances)}
        self._words = Concordance(transcript)
        people = [(Owner(name=person.name, id=person.id), person.aliases) for person in participants]
        self._names = Names(people, [utterance.speaker for utterance in transcript.utterances], self._words)
        self._started_on = started_on
        self._seat = seat
        self._stems = cache(self._read_stems)  # many items lean on the same utterances
        self._values = cache(self._read_values)
        self._foreign = Foreign(self._words, self._values)

    def items(self, kind: Kind, raws: Sequence[RawItem]) -> tuple[tuple[Item, ...], int]:
        """The items of one kind that are proved, and how much was lost."""
        checked = [self._item(kind, raw) for raw in raws]
        whole = merged([item for item, _lost in checked if item], lambda group: self._merge(kind, group))
        return told_apart(in_order(whole, self._places)), sum(lost for _item, lost in checked)

    def summary(self, raw: RawSummary) -> tuple[Summary, int]:
        """The summary without foreign pieces, and how many those were."""
        text, removed = self._foreign.remove(raw.text)
        bullets = [self._foreign.remove(bullet) for bullet in raw.bullets]
        kept = tuple(bullet for bullet, _count in bullets if letters(bullet))
        return Summary(text=text, bullets=kept), removed + sum(count for _bullet, count in bullets)

    def _item(self, kind: Kind, raw: RawItem) -> tuple[Item | None, int]:
        text, removed = self._foreign.remove(raw.text)
        found = {claim: span for claim in set(raw.evidence) if (span := self._span(claim))}
        if not found or not letters(text):
            return None, 1
        spans = set(found.values())
        proof = sorted({place for span in spans for place in range(span.first, span.last + 1)})
        evidence = united(map(self._evidence, spans), (), self._places)
        owner = self._owner(raw, proof)
        quotes = len(found) / len(set(raw.evidence))
        return Item(
            id=self._id(kind, evidence),
            text=text,
            evidence=evidence,
            confidence=self._confidence(text, owner, proof, quotes),
            seats=(self._seat,),
            verified=True,
            owner=owner,
            due=self._due(raw, proof),
        ), removed

    def _span(self, claim: RawEvidence) -> Span | None:
        match = _PLACE.fullmatch(claim.utterance)
        place = int(match[1]) - 1 if match else -1
        return self._words.find(claim.quote, place if 0 <= place < len(self._utterances) else None)

    def _evidence(self, span: Span) -> Evidence:
        stand_in = self._utterances[span.first : span.last + 1]
        return Evidence(utterances=tuple(one.id for one in stand_in), quote=span.quote, start_s=stand_in[0].start_s)

    def _owner(self, raw: RawItem, proof: Iterable[int]) -> Owner | None:
        return self._names.resolve(raw.owner, proof) if isinstance(raw, RawAction) else None

    def _due(self, raw: RawItem, proof: Iterable[int]) -> Due | None:
        if not isinstance(raw, RawAction):
            return None
        spelled = (self._words.within(raw.due_text, place) for place in proof)
        if (text := next(filter(None, spelled), None)) is None:
            return None
        found = day(text, self._started_on) or consistent(raw.due_date, text, self._started_on)
        return Due(text=text, date=found.isoformat() if found else None)

    def _confidence(self, text: str, owner: Owner | None, proof: Sequence[int], quotes: float) -> float:
        doubt = DOUBT if self._is_doubtful(text, owner, proof) else 1
        strength = FLOOR + (1 - FLOOR) * self._share(text, proof)
        return round(CEILING * strength * quotes * doubt, CONFIDENCE_PLACES)

    def _is_doubtful(self, text: str, owner: Owner | None, proof: Sequence[int]) -> bool:
        near = sorted({other for place in proof for other in self._words.around(place, place, NEAR)})
        if owner and not self._names.take_part(owner, near):
            return True
        return not all(any(readings & self._values(place) for place in near) for readings in claimed(text))

    def _share(self, text: str, proof: Iterable[int]) -> float:
        """How much of a text's content words its proof holds; 1 for a text without any."""
        wanted = words(text).stems
        held = wanted & frozenset().union(*map(self._stems, proof))
        return len(held) / len(wanted) if wanted else 1.0

    def _read_stems(self, place: int) -> frozenset[str]:
        utterance = self._utterances[place]
        return words(f"{utterance.speaker or ''} {utterance.text}").stems

    def _read_values(self, place: int) -> Readings:
        return said(self._utterances[place].text)

    def _merge(self, kind: Kind, group: Sequence[Item]) -> Item:
        """One item for several of this seat's that say the same: the best proved one, with the proof of all."""
        best, *others = sorted(group, key=lambda item: (-item.confidence, item.text, item.model_dump_json()))
        evidence = united(best.evidence, (piece for item in others for piece in item.evidence), self._places)
        owner = next((item.owner for item in (best, *others) if item.owner), None)
        due = next((item.due for item in (best, *others) if item.due), None)
        return best.model_copy(
            update={"id": self._id(kind, evidence), "evidence": evidence, "owner": owner, "due": due}
        )

    def _id(self, kind: Kind, evidence: Iterable[Evidence]) -> str:
        named = (self._places[name] for piece in evidence for name in piece.utterances)
        return item_id(kind, (self._words.folds[place] for place in named))


def _language(code: str) -> str:
    """A BCP 47 code with its language in lower case, or the code for "undetermined"."""
    match = _LANGUAGE.fullmatch(code)
    return match[1].lower() + match[2] if match else UNKNOWN_LANGUAGE
