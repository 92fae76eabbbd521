"""One spelling of a person's name, taken apart. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

_BRACKET: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]$")
# What products write in brackets about how somebody takes part; it never tells two people apart.
_TAKING_PART: Final = frozenset(
    """attendee co-host cohost external guest host me organiser organizer participant presenter unverified verified
    you""".split()
)
_PRONOUN: Final = r"(?:he|him|his|she|her|hers|they|them|theirs)"
_PRONOUNS: Final = re.compile(rf"{_PRONOUN}(?:\s?/\s?{_PRONOUN})+")
_TITLES: Final = frozenset("dr madam miss mr mrs ms prof professor sir".split())
_DEGREES: Final = frozenset("bsc cpa esq mba md msc phd".split())  # but no "Jr.": without it he is his father
# Who is called by an office is no single person: "The Chair (Ms. Roy)" and "The Chair (Mr. Wu)".
_OFFICES: Final = frozenset("a an caller guest room some speaker the unknown user".split())
_UNIFIED: Final = str.maketrans(dict.fromkeys("’‘ʼ`´", "'") | dict.fromkeys("‐‑‒–—", "-"))
_MOST_INITIALS: Final = 4


class Spelling(NamedTuple):
    """A name as it is written somewhere.

    `name`: all of it. `words`: its words in the order in which they are said, folded; people of one name share them.
    `shown`: the same as written. `mark`: title and company, which tell two people of one name apart if both have one.
    """

    name: str
    words: tuple[str, ...]
    shown: str
    mark: tuple[str, str] = ("", "")


def parse(name: str) -> Spelling:
    """Take a spelling apart. What is no person's full name keeps all that stands beside it."""
    bare, brackets = _without_brackets(name)
    words = _in_spoken_order(bare)
    if not any(map(_fold, words)):
        return Spelling(name, (_fold(name) or name,), name)
    if len(words) == 1 or _fold(words[0]) in _OFFICES:
        return Spelling(name, (*map(_fold, words), *(f"({inside})" for inside in brackets)), name if brackets else bare)
    titles: list[str] = []
    while len(words) > 2 and _fold(words[0]) in _TITLES:
        titles.append(_fold(words.pop(0)))
    while len(words) > 2 and _fold(words[-1]) in _DEGREES:
        words.pop()
    return Spelling(name, tuple(map(_fold, words)), " ".join(words), (" ".join(titles), " ".join(brackets)))


def abbreviations(words: Sequence[str]) -> frozenset[str]:
    """The short forms of a full name, as `short` writes them; none of a single word."""
    if len(words) < 2 or words[0] in _OFFICES or not all(word[:1].isalpha() for word in words):
        return frozenset()
    first, last = words[0], words[-1]
    initials = "".join(word[0] for word in words)
    return frozenset((first, last, f"{first} {last[0]}", f"{first[0]} {last}", f"title {last}", f"initials {initials}"))


def short(spelling: Spelling) -> frozenset[str]:
    """How a spelling could be meant as an abbreviation; none for what is no short form."""
    words = spelling.words
    if not all(word.replace("-", "").replace("'", "").isalpha() for word in words):
        return frozenset()
    if len(words) == 1 and len(words[0]) > 1:
        initials = spelling.shown.isupper() and len(words[0]) <= _MOST_INITIALS
        return frozenset((words[0], f"initials {words[0]}") if initials else words)
    if len(words) == 2 and words[0] in _TITLES:
        return frozenset((f"title {words[1]}",))
    return frozenset((" ".join(words),)) if len(words) == 2 and min(map(len, words)) == 1 else frozenset()


def _without_brackets(name: str) -> tuple[str, list[str]]:
    """The name before its last brackets, and what stands in them that may tell people apart."""
    kept: list[str] = []
    while found := _BRACKET.search(name):
        name = name[: found.start()]
        inside = _fold(found[1])
        if inside and not _TAKING_PART.issuperset(inside.split()) and not _PRONOUNS.fullmatch(inside):
            kept.append(inside)
    return name.strip(), kept


def _in_spoken_order(name: str) -> list[str]:
    """The words of "Lee, Ann" as Ann Lee, and of "Ann Lee, PhD" as well."""
    before, comma, after = name.partition(",")
    left, right = before.split(), after.split()
    if not comma or not left or not right or not all(map(_is_word, (*left, *right))):
        return name.split()
    if all(_fold(word) in _DEGREES for word in right):
        return left
    return [*right, *left] if len(left) <= 3 and len(right) <= 2 else name.split()


def _is_word(word: str) -> bool:
    return all(char.isalpha() or char in "-'’.‐" or unicodedata.combining(char) for char in word)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_UNIFIED)
    return " ".join(folded.replace(".", "").split())
