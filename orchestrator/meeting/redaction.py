"""Hides personal data of a meeting from models behind tokens, and turns the tokens in their answers back. Pure.

    "Ann, mail bob@example.com or Bob@Example.com"  ->  "[PERSON_1.2], mail [EMAIL_1] or [EMAIL_1.2]"

A token's number is the value's, by the order in which values first turn up; what stands after the point tells another
spelling of the same value apart. So a model sees what is one and the same, and each token is exactly one spelling: what
is turned back is letter by letter what was said. Everything follows from the transcript and what is asked for, in every
process; no table is stored, and none leaves the house.

Whoever says "[EMAIL_1]" in a meeting gains nothing: numbers begin above all those that were said with a token's name.
A token that stands for nothing is an invention of its model's, and is reported as one.

Numbers follow from what is found. A finder that finds more than before changes the tokens of jobs under way, whose
hints were written before it: it comes with a release that says so (ADR 0062).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from orchestrator.meeting import aloud, sensitive, tokens
from orchestrator.meeting.context import Person
from orchestrator.meeting.cut_values import Cuts
from orchestrator.meeting.mentions import Mentions, Phrase
from orchestrator.meeting.naming import persons
from orchestrator.meeting.sensitive import Finder
from orchestrator.meeting.tokens import KINDS, Book, Kind
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import Value

_Naming: TypeAlias = Callable[[Kind, str], str]

# What finds a kind in any text; another finder is another entry. Persons and terms are the meeting's own.
FINDERS: Final[Mapping[Kind, tuple[Finder, ...]]] = {
    "email": (sensitive.emails, aloud.emails),
    "url": (sensitive.urls, aloud.urls),
    "iban": (sensitive.ibans,),
    "payment_card": (sensitive.payment_cards, aloud.payment_cards),
    "ip": (sensitive.ips,),
    "phone": (sensitive.phones, aloud.phones),
}


class Wish(Value):
    """What shall be hidden; nothing, if both are empty. Terms are hidden whether or not "custom" is named."""

    kinds: tuple[Kind, ...] = ()
    terms: tuple[str, ...] = ()

    def and_those_of(self, other: "Wish") -> "Wish":
        """What either asks for."""
        terms = tuple(dict.fromkeys((*self.terms, *other.terms)))
        named = {*self.kinds, *other.kinds, *(["custom"] if terms else [])}
        return Wish(kinds=tuple(kind for kind in KINDS if kind in named), terms=terms)


NOTHING: Final = Wish()


class Restored(NamedTuple):
    """A text with its tokens turned back. `invented`: how many stood for nothing."""

    text: str
    invented: int


class Redaction:
    """One meeting's. Reading it takes a pass over the transcript for each kind; then it never changes."""

    def __init__(
        self, transcript: Transcript, wish: Wish, people: Sequence[Person] = (), words: Iterable[str] = ()
    ) -> None:
        """Find what is to be hidden.

        Args:
            transcript: with each speaker under one name.
            people: whom the caller named.
            words: other texts of the caller's that are shown to models.
        """
        words = tuple(words)
        names = tuple(dict.fromkeys(name for one in people for name in (one.name, *one.aliases)))
        texts = (*transcript.speakers, *(one.text for one in transcript.utterances), *names, *words)
        named, whose = persons(transcript, people) if "person" in wish.kinds else ((), {})
        self._names_people = "person" in wish.kinds
        self._finders = _finders(wish, Mentions(named).find, Mentions(map(Phrase, wish.terms)).find)
        self._book = Book(texts, whose)
        for speaker in transcript.speakers:  # first, as a model is told of them most
            self._name(speaker, self._book.enter)
        self.transcript: Final = Transcript(utterances=tuple(map(self._utterance, transcript.utterances)))
        for name in names:
            self._name(name, self._book.enter)
        for text in words:
            self._replaced(text, self._book.enter)
        self._cuts = Cuts(self._book.spellings)

    @property
    def hidden(self) -> dict[Kind, int]:
        """How many different values there are of each kind; of a kind without any nothing is said."""
        return self._book.counted

    def hide(self, text: str) -> str:
        """A text with its tokens; a value that the meeting does not have gets the token of others, number 0."""
        return self._replaced(text, self._book.look_up)

    def hide_name(self, name: str) -> str:
        """The name of somebody whom the caller named."""
        return self._name(name, self._book.look_up)

    def hide_quoted(self, text: str) -> str:
        """The same of a text that quotes the meeting and may have been cut within a value."""
        return self.hide(self._cuts.completed(text))

    def restore(self, text: str, mark: str | None = None) -> Restored:
        """A text with its tokens turned back. `mark` stands for a token of nothing; None: it stays as it is."""
        place, invented, pieces = 0, 0, list[str]()
        for (start, end), token in tokens.found(text):
            known = self._book.spelling(token)
            if known is None and not self._book.was_said(token):
                invented += 1
                known = mark
            pieces += (text[place:start], text[start:end] if known is None else known)
            place = end
        return Restored("".join((*pieces, text[place:])), invented)

    def _utterance(self, one: Utterance) -> Utterance:
        speaker = one.speaker and self._name(one.speaker, self._book.enter)
        text = self._replaced(one.text, self._book.enter)
        unchanged = (speaker, text) == (one.speaker, one.text)
        return one if unchanged else one.model_copy(update={"speaker": speaker, "text": text})

    def _name(self, name: str, token: _Naming) -> str:
        return token("person", name) if self._names_people else self._replaced(name, token)

    def _replaced(self, text: str, token: _Naming) -> str:
        place, pieces = 0, list[str]()
        for start, end, kind in self._spans(text):
            pieces += (text[place:start], token(kind, text[start:end]))
            place = end
        return "".join((*pieces, text[place:])) if pieces else text

    def _spans(self, text: str) -> list[tuple[int, int, Kind]]:
        """What is to be hidden, in order; spans that overlap are one, so that nothing of either is left."""
        joined: list[tuple[int, int, int]] = []
        for start, end, order in sorted(
            (start, end, order)
            for order, (_kind, finders) in enumerate(self._finders)
            for find in finders
            for start, end in find(text)
        ):
            if joined and start < joined[-1][1]:
                first, last, before = joined[-1]
                joined[-1] = (first, max(last, end), min(before, order))
            else:
                joined.append((start, end, order))
        return [(start, end, self._finders[order][0]) for start, end, order in joined]


def _finders(wish: Wish, find_people: Finder, find_terms: Finder) -> list[tuple[Kind, tuple[Finder, ...]]]:
    known: dict[Kind, tuple[Finder, ...]] = {**FINDERS, "person": (find_people,), "custom": (find_terms,)}
    return [(kind, known[kind]) for kind in KINDS if kind in wish.kinds]
