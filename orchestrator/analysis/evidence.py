"""Believes of a model's answer only what the transcript bears out. Pure.

| claim | believed when |
|---|---|
| quote | it stands, apart from spelling, in the utterance named, within two of it, or once in the meeting; or nearly so in the utterance named or within two of it (`near_quotes.py`) |
| item | at least one of its quotes was said; else it is dropped, or kept and marked where the caller wants that |
| owner | a participant, a speaker, or a name in the utterances that prove the item; else nobody |
| due words | they stand in these utterances; the day is counted by us (`dues.py`) |
| address, phone number, amount of money, figure, name | said somewhere in the meeting; else removed from the text (`foreign.py`) |

A quote may run over up to three utterances; its evidence then names all of them, and the quote is verbatim in their
texts joined with single spaces, whatever the model wrote.

Confidence of one seat's verified item, before any other seat agrees:

    0.9 x (1/3 + 2/3 x words) x quotes x doubt

`words` is the share of the item's content words that stand in its proof (speakers' names included), `quotes` the share
of its quotes that were said, one that was said nearly counting 3/4. `doubt` is 1/2 when a figure in the text, or the
owner, is said nowhere within three utterances of the proof, or the text holds a name that nobody said, else 1: such an
item is kept, since a meeting may settle in one place what it counted in another. The confidence never is the model's
own number.

An item without proof that is kept is not `verified`, has a confidence of 0.1 whatever it says, and shows the utterance
that its model pointed to; one that points nowhere is dropped all the same.
"""  # noqa: E501  a row of a table cannot be broken

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Final, Literal, TypeAlias

from orchestrator.analysis.dues import consistent, day
from orchestrator.analysis.figures import claimed
from orchestrator.analysis.foreign import Foreign, Heard, years_around
from orchestrator.analysis.identity import in_order, item_id, merged, told_apart, united
from orchestrator.analysis.items import KINDS, Candidate, Due, Evidence, Item, Kind, Owner, Summary
from orchestrator.analysis.likeness import words
from orchestrator.analysis.near_quotes import NearQuotes
from orchestrator.analysis.owners import Names, is_nobody
from orchestrator.analysis.proper_names import unknown
from orchestrator.analysis.quotes import Span, letters
from orchestrator.analysis.replies import RawAction, RawCandidate, RawEvidence, RawItem, RawSummary
from orchestrator.meeting.context import Person
from orchestrator.meeting.transcript import Transcript

CEILING: Final = 0.9  # one model alone is never sure
FLOOR: Final = 1 / 3  # a true quote under a text with none of its words: another language, or a free paraphrase
DOUBT: Final = 0.5
NEARLY: Final = 0.75  # what a quote counts that is not verbatim: between one that is and one of two that is
UNPROVED: Final = 0.1  # the confidence of an item that is kept without proof, however many seats repeat it
NEAR: Final = 3  # a question and its answer, or a figure and what it counts, seldom lie farther apart
CONFIDENCE_PLACES: Final = 4  # more would be noise, and less easy to read
UNKNOWN_LANGUAGE: Final = "und"  # BCP 47: undetermined

Unverified: TypeAlias = Literal["drop", "mark"]  # what becomes of an item without proof

_POINTED_CHARACTERS: Final = 300  # shown of an utterance that is pointed to: one cue can hold a whole meeting
_PLACE: Final = re.compile(r"\W*u?(\d{1,6})\W*", re.IGNORECASE | re.ASCII)
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)")


def check(
    raw: RawCandidate,
    transcript: Transcript,
    participants: tuple[Person, ...],
    started_on: date | None,
    seat: int,
    unverified: Unverified = "drop",
    *,
    heard: Heard | None = None,
) -> Candidate:
    """Keep of an answer what was really said, in the order of the transcript.

    Args:
        raw: what `replies.read` made of the answer; it names utterances by place, `u1` being the first.
        transcript: the meeting; the candidate's evidence names utterances by their own ids.
        participants: whom an owner may be, beside the speakers.
        started_on: the day of the meeting where it took place; None: not known, so relative days stay words.
        seat: whose answer it is.
        unverified: what becomes of an item of which nothing was said.
        heard: the transcript, as it was read for another answer; None: it is read for this one.

    Returns:
        The candidate. `dropped` counts what was left out, and what `raw` had cut; `removed` tells of what kind it was,
        `refused` of what kind the items were. Its vote on the type of the meeting is as `raw` has it.
    """
    meeting = _Meeting(heard or Heard(transcript), participants, started_on, seat, unverified, _language(raw.language))
    checked = {kind: meeting.items(kind, getattr(raw, kind)) for kind in KINDS}
    summary = meeting.summary(raw.summary)
    removed = +(meeting.removed + Counter(cut=raw.cut, token=raw.invented))
    return Candidate(
        language=_language(raw.language),
        summary=summary,
        dropped=removed.total(),
        removed=dict(sorted(removed.items())),
        refused={kind: meeting.refused[kind] for kind in KINDS if meeting.refused[kind]},
        meeting_type=raw.meeting_type,
        **checked,
    )


class _Meeting:
    """One transcript, prepared for the questions that are asked of every item."""

    def __init__(
        self,
        heard: Heard,
        participants: Sequence[Person],
        started_on: date | None,
        seat: int,
        unverified: Unverified,
        language: str,
    ) -> None:
        self._utterances = heard.transcript.utterances
        self._places = {utterance.id: place for place, utterance in enumerate(self._utterances)}
        self._words = heard.words
        people = [(Owner(name=person.name, id=person.id), person.aliases) for person in participants]
        self._names = Names(people, [utterance.speaker for utterance in self._utterances], self._words)
        names = self._names.words
        self._near = NearQuotes(self._words, names)
        self._started_on = started_on
        self._seat = seat
        self._unverified = unverified
        self._language = language
        self._stems = cache(self._read_stems)  # many items lean on the same utterances
        self._values = heard.values_at
        years = years_around(started_on.year) if started_on else frozenset()
        self._foreign = Foreign(heard, names, years, language)
        self.removed = Counter[str]()
        self.refused = Counter[Kind]()

    def items(self, kind: Kind, raws: Sequence[RawItem]) -> tuple[Item, ...]:
        """The items of one kind that are proved, or marked as not proved."""
        checked = [self._item(kind, raw) for raw in raws]
        whole = merged([item for item in checked if item], lambda group: self._merge(kind, group))
        return told_apart(in_order(whole, self._places))

    def summary(self, raw: RawSummary) -> Summary:
        """The summary without foreign pieces."""
        bullets = [self._own(bullet) for bullet in raw.bullets]
        return Summary(text=self._own(raw.text), bullets=tuple(bullet for bullet in bullets if letters(bullet)))

    def _own(self, text: str) -> str:
        """A text without what is foreign to the meeting, which is counted."""
        kept, removed = self._foreign.remove(text)
        self.removed += removed
        return kept

    def _item(self, kind: Kind, raw: RawItem) -> Item | None:
        text, removed = self._foreign.remove(raw.text)
        found = {claim: span for claim in set(raw.evidence) if (span := self._span(claim))}
        proved = bool(found)
        if not proved and self._unverified == "mark":
            found = {claim: (place, 0.0) for claim in raw.evidence if (place := self._pointed(claim))}
        if not found or not letters(text):
            self.removed["item"] += 1
            self.refused[kind] += 1
            return None
        self.removed += removed
        spans = {span for span, _worth in found.values()}
        proof = sorted({place for span in spans for place in range(span.first, span.last + 1)})
        evidence = united(map(self._evidence, spans), (), self._places)
        owner = self._owner(raw, proof)
        quotes = sum(worth for _span, worth in found.values()) / len(set(raw.evidence))
        return Item(
            id=self._id(kind, evidence),
            text=text,
            evidence=evidence,
            confidence=self._confidence(text, owner, proof, quotes) if proved else UNPROVED,
            seats=(self._seat,),
            verified=proved,
            owner=owner,
            due=self._due(raw, proof),
        )

    def _span(self, claim: RawEvidence) -> tuple[Span, float] | None:
        """What a claim quotes, and how much that counts as proof."""
        named = self._named(claim)
        if verbatim := self._words.find(claim.quote, named):
            return verbatim, 1.0
        near = None if named is None else self._near.find(claim.quote, named)
        return (near, NEARLY) if near else None

    def _pointed(self, claim: RawEvidence) -> Span | None:
        """The beginning of the utterance that a claim names."""
        if (named := self._named(claim)) is None:
            return None
        return Span(first=named, last=named, quote=self._utterances[named].text[:_POINTED_CHARACTERS].rstrip())

    def _named(self, claim: RawEvidence) -> int | None:
        match = _PLACE.fullmatch(claim.utterance)
        place = int(match[1]) - 1 if match else -1
        return place if 0 <= place < len(self._utterances) else None

    def _evidence(self, span: Span) -> Evidence:
        stand_in = self._utterances[span.first : span.last + 1]
        return Evidence(utterances=tuple(one.id for one in stand_in), quote=span.quote, start_s=stand_in[0].start_s)

    def _owner(self, raw: RawItem, proof: Iterable[int]) -> Owner | None:
        if not isinstance(raw, RawAction):
            return None
        owner = self._names.resolve(raw.owner, proof)
        self.removed["owner"] += owner is None and not is_nobody(raw.owner)
        return owner

    def _due(self, raw: RawItem, proof: Iterable[int]) -> Due | None:
        if not isinstance(raw, RawAction):
            return None
        spelled = (self._words.within(raw.due_text, place) for place in proof)
        if (text := next(filter(None, spelled), None)) is None:
            self.removed["due"] += letters(raw.due_text) > 0
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
        if unknown(text, self._foreign.knows_name, self._language):
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

    def _merge(self, kind: Kind, group: Sequence[Item]) -> Item:
        """One item for several of this seat's that say the same: the best proved one, with the proof of all.

        What is not proved adds nothing to what is.
        """
        if len(group) == 1:  # as most are: nothing would change
            return group[0]
        told = [item for item in group if item.verified] or group
        best, *others = sorted(told, key=lambda item: (-item.confidence, item.text, item.model_dump_json()))
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
