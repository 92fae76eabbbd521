"""Names in a model's text that nobody said and nobody bears. Pure.

Without a dictionary a capital letter is all that tells a name, so two degrees are told apart:

- `invented`: a title and a name, two capitalised words in a row ("Mallory Jones"), or one that somebody with a task
  bears ("Mallory will send it", "assigned to Mallory"). It is taken out.
- `unknown`: any other capitalised word. It may be a product that the transcript misspells, so it only casts doubt.

Measured on the panel files of the shared data: of 208 true wordings of 102 items none holds a name of either degree,
of 81 items of other meetings six hold an unknown one. Abbreviations ("PM", "LCD") are no names: writers make them.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from orchestrator.analysis.capitals import begins, capitalised
from orchestrator.analysis.quotes import fold

_NAME: Final = r"[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*"  # not all capitals
_TITLE: Final = r"(?:Mrs?|Ms|Dr|Prof|Herrn?|Frau|Monsieur|Madame|Mme|Señora?|Sra?|Doña?)\b\.?"
_TASK: Final = (
    r"(?:will|shall|should|must|has to|needs to|is going to|is to|agreed to|volunteered to|wird|soll|muss|va|doit"
    r"|devra|debe|deberá|hará|enviará)\b"
)
_GIVEN: Final = r"(?:assign(?:ed|s)? (?:this |it )?to|handed over to|owned by|responsible:|owner:|@)"
_TITLED: Final = re.compile(rf"\b{_TITLE}\s+(?P<name>{_NAME})")
_IN_A_ROW: Final = re.compile(rf"(?!{_TITLE})(?P<name>{_NAME}(?:\s+{_NAME}){{1,3}})")
_WITH_TASK: Final = re.compile(rf"(?P<name>{_NAME})(?=\s+{_TASK})|{_GIVEN}\s?(?P<given>{_NAME})")
_ARTICLE: Final = re.compile(
    r"\b(?:the|an?|our|their|el|la|los|las|un|una|le|les|une|l|der|die|das|den|dem|eine?)['’\s]*$", re.I
)
_POSSESSIVE: Final = re.compile(r"['’]s$")
_KIN_LETTERS: Final = 5  # of a word's beginning: "Europeans" is said by "Europe"
_LOOK_BACK: Final = 8  # the longest article and a space

WasSaid = Callable[[str], bool]


def invented(text: str, was_said: WasSaid, language: str) -> Iterator[tuple[int, int]]:
    """Where names stand that nobody said, in order and apart from each other.

    Args:
        text: a model's.
        was_said: whether a folded word was said in the meeting, or is part of a name of somebody there.
        language: of the text; German writes all nouns with a capital, so that only titles tell a name.
    """
    loose = () if _primary(language) == "de" else (*_IN_A_ROW.finditer(text), *_WITH_TASK.finditer(text))
    written = capitalised(text) if loose else frozenset[str]()
    spans = [match.span("name") for match in _TITLED.finditer(text)]
    spans += [match.span(match.lastgroup or 0) for match in loose if _is_name(text, match, written)]
    end = 0
    for start, stop in sorted(spans):
        if start >= end and not any(was_said(word) for word in _folded(text[start:stop])):
            yield start, stop
            end = stop


def unknown(text: str, was_said: WasSaid, language: str) -> bool:
    """Whether a text names something that nobody said; arguments as above."""
    return _primary(language) != "de" and any(
        not was_said(word) for word in capitalised(text) if not _is_abbreviation(word, text)
    )


def kin(word: str) -> str:
    """The part of a folded word by which it is recognised in another form."""
    return _POSSESSIVE.sub("", word)[:_KIN_LETTERS]


def _is_name(text: str, match: re.Match[str], written: frozenset[str]) -> bool:
    """Whether its capitals say something: none is due to a sentence's beginning, and no article stands before."""
    start, stop = match.span(match.lastgroup or 0)
    if begins(text, start) or _ARTICLE.search(text, max(0, start - _LOOK_BACK), start):
        return False
    return all(word in written for word in _folded(text[start:stop]))


def _folded(words: str) -> list[str]:
    return [fold(word) for word in words.split()]


def _is_abbreviation(word: str, text: str) -> bool:
    """Whether its spelling in the text holds a second capital: "PM", "LED's", "McKay" is given the benefit."""
    return not re.search(rf"(?<!\w){re.escape(word[:1].upper() + word[1:])}(?!\w)", text)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
