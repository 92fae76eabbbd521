"""One name for one person, however a file spells it; never one name for two people. Pure.

| spelled | is |
|---|---|
| `ann lee`, `ANN LEE`, `Lee, Ann`, `Ann Lee (Guest)`, `Ann Lee (she/her)`, `Ann Lee, PhD` | Ann Lee |
| `Ann Lee [Acme]`, `Dr. Ann Lee` | Ann Lee, unless the file has an Ann Lee of Globex too, or a Mr. Ann Lee |
| another name of a participant | the participant |
| `Ann`, `Dr. Lee`, `Ann L.`, `A. Lee`, `AL` | the participant Ann Lee, if nobody else in the meeting fits |

A participant's spelling wins, else the fullest. Without participants a first name is joined to no full name: in one
file they are rather two people than one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from orchestrator.meeting.spellings import Spelling, abbreviations, parse, short
from orchestrator.meeting.transcript import Transcript

_Words: TypeAlias = tuple[str, ...]


class _Person(NamedTuple):
    """Spellings that mean one person. `told_apart`: somebody else has the same name."""

    spellings: tuple[Spelling, ...]
    told_apart: bool

    @property
    def words(self) -> _Words:
        return self.spellings[0].words

    @property
    def short_forms(self) -> frozenset[str]:
        return frozenset(form for spelling in self.spellings for form in short(spelling))


def merged(transcript: Transcript, people: Iterable[Sequence[str]] = ()) -> Transcript:
    """The transcript with each speaker under one name. Ids, times and texts stay. Safe to run twice.

    Args:
        transcript: as it was read.
        people: of each participant the name to use, then other names.
    """
    names = names_of(transcript.speakers, people)
    if all(spelled == name for spelled, name in names.items()):
        return transcript
    renamed = (one.model_copy(update={"speaker": names.get(one.speaker or "")}) for one in transcript.utterances)
    return Transcript(utterances=tuple(renamed))


def names_of(speakers: Iterable[str], people: Iterable[Sequence[str]] = ()) -> dict[str, str]:
    """The name to use for each spelling; the order of either makes no difference."""
    known = _Participants(people)
    persons = [person for same in _of_one_name(map(parse, speakers)) for person in _persons(same)]
    strangers = [person.words for person in persons if not known.called(person) and not known.perhaps(person)]
    others = frozenset(form for words in strangers for form in abbreviations(words))
    found: dict[str, str] = {}
    for person in persons:
        name = known.called(person) or known.meant(person, others) or _fullest(person)
        found |= dict.fromkeys((spelling.name for spelling in person.spellings), name)
    return found


def _of_one_name(spellings: Iterable[Spelling]) -> Iterator[list[Spelling]]:
    groups: defaultdict[_Words, list[Spelling]] = defaultdict(list)
    for spelling in spellings:
        groups[spelling.words].append(spelling)
    yield from groups.values()


def _persons(same: Sequence[Spelling]) -> list[_Person]:
    """All spellings of one name as one person; where two titles or companies are told apart, one person for each."""
    kinds = zip(*(spelling.mark for spelling in same), strict=True)
    if all(len(set(filter(None, kind))) < 2 for kind in kinds):
        return [_Person(tuple(same), told_apart=False)]
    apart: defaultdict[tuple[str, str], list[Spelling]] = defaultdict(list)
    for spelling in same:
        apart[spelling.mark].append(spelling)
    return [_Person(tuple(group), told_apart=True) for group in apart.values()]


def _fullest(person: _Person) -> str:
    """The spelling to use where no participant has one: in small and capital letters, and long."""
    whole = person.told_apart or len(person.spellings) == 1
    ranked = [
        (one.shown.isupper() or one.shown.islower(), -len(one.shown), one.shown, one.name) for one in person.spellings
    ]
    *_, shown, name = min(ranked)
    return name if whole else shown


class _Participants:
    """Whom the caller knows, under every name that means exactly one of them."""

    def __init__(self, people: Iterable[Sequence[str]]) -> None:
        known = [(person[0], [parse(name).words for name in person]) for person in people if person]
        count = Counter(names[0] for _name, names in known)
        # Two participants of one name are nobody that we could tell; a name counts before another's alias.
        single = [(name, names) for name, names in known if count[names[0]] == 1]
        aliases: defaultdict[_Words, set[str]] = defaultdict(set)
        for name, names in single:
            for words in names[1:]:
                aliases[words].add(name)
        self._by_words = {
            words: next(iter(who)) for words, who in aliases.items() if len(who) == 1 and words not in count
        }
        self._by_words |= {names[0]: name for name, names in single}
        self._by_short: defaultdict[str, set[str]] = defaultdict(set)
        for name, names in known:
            for form in (form for words in names for form in abbreviations(words)):
                self._by_short[form].add(name if count[names[0]] == 1 else "")

    def called(self, person: _Person) -> str | None:
        """The participant who has this name."""
        return None if person.told_apart else self._by_words.get(person.words)

    def perhaps(self, person: _Person) -> frozenset[str]:
        """The participants whom a short form fits; "" stands for those whom nobody could tell apart."""
        return frozenset(name for form in person.short_forms for name in self._by_short.get(form, ()))

    def meant(self, person: _Person, others: frozenset[str]) -> str | None:
        """The one participant whom a short form fits, if it fits none of the `others`, who are no participants."""
        names = self.perhaps(person)
        return next(iter(names)) or None if len(names) == 1 and others.isdisjoint(person.short_forms) else None
