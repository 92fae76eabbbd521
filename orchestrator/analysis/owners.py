"""Who has to act: a participant, a speaker, or a name that was said; never anybody else. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from orchestrator.analysis.items import Owner
from orchestrator.analysis.quotes import Concordance, fold, stands_alone

MAX_NAME_WORDS: Final = 4  # more is a sentence, not a name

_EDGES: Final = " .,;:@\"'()[]"
_TITLES: Final = frozenset(("dr", "dr.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "prof", "prof."))
_NOBODY: Final = frozenset(
    """i me my mine myself we us our ours you your yours he him his she her hers it its they them their everyone
    everybody anyone anybody someone somebody nobody none all team the""".split()
)


def is_nobody(name: str) -> bool:
    """Whether a model names no single person: with no word, or with one that means anybody."""
    folded = fold(name).strip(_EDGES)
    return not folded or folded in _NOBODY


class Names:
    """The people of one meeting under every name that means exactly one of them."""

    def __init__(
        self, people: Sequence[tuple[Owner, Sequence[str]]], speakers: Sequence[str | None], meeting: Concordance
    ) -> None:
        """Build the table of names.

        Args:
            people: participants, each with other names.
            speakers: of each utterance, by place.
            meeting: the words, for names that are neither.
        """
        self._meeting = meeting
        self._speakers = tuple(fold(speaker or "") for speaker in speakers)
        self._table: dict[str, Owner] = {}
        others = [Owner(name=speaker) for speaker in dict.fromkeys(speakers) if speaker]
        # A full name or alias counts before a first name, a participant before a mere speaker: "Ann" at the microphone
        # is the participant Ann Lee, if there is one Ann only.
        self._add((fold(name), owner) for owner, aliases in people for name in (owner.name, *aliases))
        self._add((_first_name(owner), owner) for owner, _aliases in people)
        self._add((fold(owner.name), owner) for owner in others)
        self._add((_first_name(owner), owner) for owner in set(self._table.values()))

    @property
    def words(self) -> frozenset[str]:
        """Every folded word of every name, and of all speakers."""
        return frozenset(word for name in (*self._table, *self._speakers) for word in name.split())

    def resolve(self, name: str, places: Iterable[int]) -> Owner | None:
        """Whom a model means, given the places of the utterances that prove the item; None: nobody we can name."""
        folded = fold(name).strip(_EDGES)
        if known := self._table.get(folded):
            return known
        if folded in _NOBODY or len(folded.split()) > MAX_NAME_WORDS:
            return None
        spelled = (self._meeting.within(folded, place) for place in places)
        return next((Owner(name=found) for found in spelled if found), None)

    def take_part(self, owner: Owner, places: Iterable[int]) -> bool:
        """Whether an owner speaks or is spoken of in one of these utterances."""
        names = {fold(owner.name), *(name for name, known in self._table.items() if known == owner)}
        return any(
            self._speakers[place] in names or any(stands_alone(name, self._meeting.folds[place]) for name in names)
            for place in places
        )

    def _add(self, names: Iterable[tuple[str, Owner]]) -> None:
        """Enter new names that mean one person only."""
        meant: defaultdict[str, set[Owner]] = defaultdict(set)
        for name, owner in names:
            meant[name].add(owner)
        self._table |= {
            name: next(iter(owners))
            for name, owners in meant.items()
            if name and len(owners) == 1 and name not in self._table
        }


def _first_name(owner: Owner) -> str:
    parts = (part for part in fold(owner.name).split() if part not in _TITLES)
    return next(parts, "")
