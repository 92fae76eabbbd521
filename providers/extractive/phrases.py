"""What a stretch of talk is about, in two or three of its own phrases. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from providers.extractive import tidy, words
from providers.extractive.conversation import Statement

MIN_COUNT: Final = 2  # what was said once is not a topic
PAIR_BONUS: Final = 2.0  # "speech recognition" says more than "speech" or "recognition"


def count(statements: Iterable[Statement]) -> Counter[str]:
    """How often each content word, and each pair of neighbouring ones, was said. Spelled as spoken, lower case."""
    counts = Counter[str]()
    for statement in statements:
        counts.update(word for word in statement.tokens if words.term(word))
        counts.update(_pairs(statement.tokens))
    return counts


def holds(statement: Statement, phrase: str) -> bool:
    """Whether the phrase was said in the statement, as whole words."""
    return f" {phrase} " in f" {' '.join(statement.tokens)} "


def leading(inside: Counter[str], everywhere: Counter[str], limit: int) -> list[str]:
    """The phrases that mark a stretch off from the whole, best first, none sharing a word with a better one.

    Of equals, the one that was said first leads.

    Args:
        inside: counts of the stretch.
        everywhere: counts of the whole meeting.
        limit: how many at most.
    """
    often = [phrase for phrase, times in inside.items() if times >= MIN_COUNT]
    ranked = sorted(often, key=lambda phrase: -_weight(phrase, inside[phrase], everywhere[phrase]))
    chosen: list[str] = []
    for phrase in ranked:
        if len(chosen) == limit:
            break
        if not any(_overlap(phrase, other) for other in chosen):
            chosen.append(phrase)
    return chosen


def title(phrases: Sequence[str]) -> str:
    """The phrases as one heading."""
    return tidy.capital(", ".join(phrases))


def _pairs(tokens: Sequence[str]) -> Iterator[str]:
    before = ""
    for word in tokens:
        content = word if words.term(word) and _spaced(word) else ""
        if before and content and before != content:
            yield f"{before} {content}"
        before = content


def _weight(phrase: str, inside: int, everywhere: int) -> float:
    bonus = PAIR_BONUS if " " in phrase else 1.0
    return float(bonus * inside * inside / (everywhere + 2))


def _overlap(phrase: str, other: str) -> bool:
    if _spaced(phrase) and _spaced(other):
        return not {words.fold(word) for word in phrase.split()}.isdisjoint(words.fold(word) for word in other.split())
    return not set(phrase).isdisjoint(other)


def _spaced(word: str) -> bool:
    return word.isascii() or len(word) > 2
