"""Under which names the people of one meeting may be spoken of: their names, other names, and single words of these.

Only who is known is known: the participants whom the caller named, and those whom the transcript names as speakers. A
person who is only spoken of is not found. A single word of a name counts where it begins with a capital, as "will" and
"mark" are words, too; in a transcript without any capitals it counts everywhere. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from orchestrator.meeting.context import Person
from orchestrator.meeting.mentions import Phrase, plain, words_of
from orchestrator.meeting.transcript import Transcript

# Words of labels that name nobody, titles, and the small words of names; a name as a whole is found with them.
_NO_NAMES: Final = frozenset(
    """a al and bin caller da dai de del den der di dr du el external guest host jr la le madam meeting miss mr mrs ms
    of participant phd presenter prof professor room san sir speaker st team the unknown user van von""".split()
)
_LEAST: Final = 2  # letters; an initial alone is in every text


def persons(transcript: Transcript, people: Sequence[Person]) -> tuple[tuple[Phrase, ...], Mapping[str, str]]:
    """What to look for, and whose each plain spelling is; a word that several people share is nobody's."""
    spoken = [Person(name=speaker) for speaker in transcript.speakers]
    lower = all(one.text == one.text.lower() for one in transcript.utterances)
    phrases: list[Phrase] = []
    owners: defaultdict[str, set[str]] = defaultdict(set)
    wholes: dict[str, str] = {}
    for one in (*people, *spoken):
        whose = wholes.get(plain(one.name), plain(one.name))
        for name in (one.name, *one.aliases):
            wholes.setdefault(plain(name), whose)
            single = [word for word in words_of(name) if _may_name(word)] if "@" not in name else []
            phrases += (Phrase(name, capital=not lower and _is_large(name)),)
            phrases += (Phrase(word, capital=not lower and _is_large(word)) for word in single)
            for word in single:
                owners[plain(word)].add(whose)
    alone = {word: next(iter(whose)) for word, whose in owners.items() if len(whose) == 1}
    return tuple(phrases), {**alone, **wholes}


def _is_large(name: str) -> bool:
    """One word that is written with a capital: without it, it may be any word."""
    return len(words_of(name)) == 1 and name != name.lower()


def _may_name(word: str) -> bool:
    return len(word) >= _LEAST and not word[0].isdigit() and plain(word) not in _NO_NAMES
