"""What a stretch of talk is about, in one to three of its own terms. Pure.

A term is a noun of the meeting, or two content words side by side of which neither is rather a verb: "locator
function". It counts where it was said in two statements of the stretch, a pair also in two of the meeting; what was
said once is not a topic.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from providers.extractive import tidy, words
from providers.extractive.conversation import Part, Statement
from providers.extractive.nouns import Clause, Lexicon

MIN_STATEMENTS: Final = 2
PAIR_BONUS: Final = 2.0  # "speech recognition" says more than "speech" or "recognition"
PAIR_SHARE: Final = 0.25  # of a word's uses; from here on the pair is what people mean
MAX_TERMS: Final = 3  # to a heading

# A phrase does not reach across a mark: "the remote, control it" holds no remote control.
_CLAUSE_END: Final = re.compile(r"[.,;:!?…()\"。，、；：！？]+|--+")

_CAPITALS: Final = re.compile(r"\b[A-Z][A-Z0-9]+s?\b")


@dataclass(frozen=True, slots=True)
class Terms:
    """How many statements of a stretch hold each term, and how the term was spelled first. Keys are folded."""

    held: Counter[str]
    spelled: dict[str, str]


def read(statements: Iterable[Statement]) -> list[list[Clause]]:
    """The clauses of each statement: its words, cut at the marks; none where it has no content."""
    return [_clauses(statement) if statement.terms else [] for statement in statements]


def count(stretch: Iterable[Sequence[Clause]], known: Lexicon) -> Terms:
    """The terms of a stretch of statements, given as their clauses."""
    held, spelled = Counter[str](), dict[str, str]()
    for clauses in stretch:
        inside = {term: said for clause in clauses for term, said in _terms(clause, known)}
        held.update(inside.keys())
        for term, said in inside.items():
            spelled.setdefault(term, said)
    return Terms(held, spelled)


def held(statement: Statement, terms: Iterable[str]) -> int:
    """How many of the terms were said in the statement, as whole words, in the singular or the plural."""
    likely = [term for term in terms if any(word in statement.terms for word in _folded(term))]
    return sum(_stands_in(term, statement.text) for term in likely)


def headings(stretches: Sequence[Terms], limit: int = MAX_TERMS) -> list[tuple[str, ...]]:
    """For each stretch the terms that mark it off from the others, best first; no word in two headings.

    A heading is empty where the stretch repeats nothing that could name it. Of equal terms, the one that was said first
    leads.
    """
    everywhere = Counter[str]()
    for stretch in stretches:
        everywhere.update(stretch.held)
    chosen: list[list[str]] = [[] for _ in stretches]
    taken = list[str]()
    for place, word in _ranked(stretches, everywhere):
        if len(chosen[place]) == limit:
            continue
        term = _fuller(word, stretches[place].held)
        if not any(_overlap(term, other) for other in taken):
            chosen[place].append(term)
            taken.append(term)
    return [tuple(stretch.spelled[term] for term in terms) for stretch, terms in zip(stretches, chosen, strict=True)]


def title(terms: Sequence[str], statement: Statement) -> str:
    """The terms as one heading; what the statement writes in capitals throughout keeps them ("PDA")."""
    capitals = {word.lower(): word for word in _CAPITALS.findall(statement.text)}
    return tidy.capital(", ".join(" ".join(capitals.get(word, word) for word in term.split(" ")) for term in terms))


def proof(statement: Statement, terms: Sequence[str]) -> tuple[Part, ...]:
    """The quotes of a statement that hold a term; all of them where a term runs over two."""
    quotes = statement.quotes
    return tuple(quote for quote in quotes if any(_stands_in(term, quote.text) for term in terms)) or quotes


def _clauses(statement: Statement) -> list[Clause]:
    said = _CLAUSE_END.split(statement.text)
    spoken = [words.tokens(clause) for clause in said] if sum(map(bool, said)) > 1 else [statement.tokens]
    return [Clause(clause, tuple(map(words.term, clause))) for clause in spoken if clause]


def _terms(clause: Clause, known: Lexicon) -> Iterable[tuple[str, str]]:
    """Each term of a clause, folded and as spoken."""
    before = ("", "")
    for word, term in zip(clause.said, clause.terms, strict=True):
        if term and known.names(term):
            yield term, word
        paired = (word, term) if term and _spaced(term) and known.joins(term) else ("", "")
        if before[1] and paired[1] and before[1] != term:
            yield f"{before[1]} {term}", f"{before[0]} {word}"
        before = paired


@lru_cache(maxsize=1_000)  # a heading is looked for in every statement of its stretch
def _folded(term: str) -> tuple[str, ...]:
    return tuple(words.fold(word) for word in term.split(" "))


def _stands_in(term: str, text: str) -> bool:
    said = " ".join(words.fold(word) for word in words.tokens(text))
    return f" {' '.join(_folded(term))} " in f" {said} "


def _ranked(stretches: Sequence[Terms], everywhere: Counter[str]) -> list[tuple[int, str]]:
    weighed = [
        (-_weight(term, times, everywhere[term]), place, order, term)
        for place, stretch in enumerate(stretches)
        for order, (term, times) in enumerate(stretch.held.items())
        if times >= MIN_STATEMENTS or (" " in term and everywhere[term] >= MIN_STATEMENTS)
    ]
    return [(place, term) for _, place, _, term in sorted(weighed)]


def _fuller(term: str, held: Counter[str]) -> str:
    """The pair that a word mostly stands for, if any: "remote control" for "remote"."""
    pairs = [pair for pair in held if " " in pair and term in pair.split(" ") and held[pair] >= MIN_STATEMENTS]
    best = max(pairs, key=lambda pair: held[pair], default=term)
    return best if held[best] >= PAIR_SHARE * held[term] else term


def _weight(term: str, inside: int, everywhere: int) -> float:
    bonus = PAIR_BONUS if " " in term else 1.0
    return float(bonus * inside * inside / (everywhere + 2))


def _overlap(term: str, other: str) -> bool:
    if _spaced(term) and _spaced(other):
        return not set(term.split(" ")).isdisjoint(other.split(" "))
    return not set(term).isdisjoint(other)


def _spaced(word: str) -> bool:
    return word.isascii() or len(word) > 2
