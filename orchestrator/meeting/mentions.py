"""Finds given names and terms in a text, whatever their case, accents and joints. Pure; time goes with the text.

A phrase is looked up by its first word, so that a meeting of ten thousand speakers takes no longer than one of ten. In
scripts that set no space between words it is looked up by its first character, and may stand inside a longer run.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from orchestrator.meeting.sensitive import Span

_WORD: Final = re.compile(r"[^\W_]+")
_JOINT: Final = re.compile(r"[^\w\n]{0,3}|_")  # between the words of one phrase: spaces, a hyphen, ". "
_SPACELESS: Final = (range(0x0E00, 0x10A0), range(0x1780, 0x1800))  # Thai to Myanmar, Khmer; wide ones are asked for


class Phrase(NamedTuple):
    """`capital`: counts only where its first word does not begin with a small letter."""

    text: str
    capital: bool = False


class Mentions:
    """Where these phrases stand."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: defaultdict[str, list[tuple[tuple[str, ...], bool]]] = defaultdict(list)
        self._by_sign: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in dict.fromkeys(phrases):
            words = tuple(map(folded, words_of(phrase.text)))
            if any(map(_is_spaceless, phrase.text)):
                self._by_sign[phrase.text[0]].append(phrase.text)
            elif words:
                self._by_word[words[0]].append((words, phrase.capital))
        for ones in self._by_word.values():
            ones.sort(key=lambda one: -len(one[0]))
        for texts in self._by_sign.values():
            texts.sort(key=len, reverse=True)

    def find(self, text: str) -> Iterator[Span]:
        """Each place once, the longest phrase first; in no order."""
        words = list(_WORD.finditer(text)) if self._by_word else []
        for place, word in enumerate(words):
            end = self._end(text, words, place)
            if end is not None:
                yield word.start(), end
        if self._by_sign and not text.isascii():
            for place, sign in enumerate(text):
                for phrase in self._by_sign.get(sign, ()):
                    if text.startswith(phrase, place):
                        yield place, place + len(phrase)
                        break

    def _end(self, text: str, words: list[re.Match[str]], place: int) -> int | None:
        first = words[place][0]
        for wanted, capital in self._by_word.get(folded(first), ()):
            here = words[place : place + len(wanted)]
            if (capital and first[0].islower()) or len(here) < len(wanted):
                continue
            joints = (text[one.end() : other.start()] for one, other in pairwise(here))
            if all(folded(one[0]) == word for one, word in zip(here, wanted, strict=True)) and all(
                map(_JOINT.fullmatch, joints)
            ):
                return here[-1].end()
        return None


def folded(text: str) -> str:
    """The same for words that differ by case or accents alone."""
    if text.isascii():
        return text.lower()
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return bare.casefold()


def words_of(text: str) -> list[str]:
    """As they are written, without what joins them."""
    return _WORD.findall(text)


def plain(text: str) -> str:
    """The same for phrases that are found in each other's places."""
    return " ".join(map(folded, words_of(text)))


def _is_spaceless(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF" or any(ord(sign) in block for block in _SPACELESS)
