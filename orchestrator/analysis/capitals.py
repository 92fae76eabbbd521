"""Words that are written with a capital letter although no sentence begins there. Pure.

In English, Spanish and French these are names, of people or not; in German they are nouns as well. A title in capitals
throughout says nothing: where most words that could have a small letter have a capital one, none counts.
"""

import re
from collections.abc import Iterable
from typing import Final

from orchestrator.analysis.quotes import fold

HABIT: Final = 0.7  # of a text's longer words: above it capitals are a manner of writing

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_ENDS: Final = re.compile(r"(?:^|[.!?:;…]|--|[\"“„«(\[])\s*[\"“„«(\[]*$")
_ALWAYS_CAPITAL: Final = frozenset(("i", "i'm", "i'll", "i've", "i'd"))
_MIN_LETTERS: Final = 2
_LOOK_BACK: Final = 6  # characters: an end of a sentence, its quotation mark and spaces


def capitalised(text: str) -> frozenset[str]:
    """The folded words of a text whose capital is not due to their place."""
    found = [match for match in _WORD.finditer(text) if len(match[0]) >= _MIN_LETTERS]
    with_capital = [match[0] for match in found if match[0][0].isupper() and _is_inside(text, match)]
    if not with_capital:  # as in most texts: then it does not matter how many words could have one
        return frozenset()
    return frozenset() if _is_habit(text, found, len(with_capital)) else frozenset(map(fold, with_capital))


def begins(text: str, place: int) -> bool:
    """Whether a sentence, or something in quotation marks or brackets, begins at this place of a text."""
    return _SENTENCE_ENDS.search(text, max(0, place - _LOOK_BACK), place) is not None


def _is_inside(text: str, word: re.Match[str]) -> bool:
    """Whether a word stands within a sentence, and could be written either way."""
    return not begins(text, word.start()) and fold(word[0]) not in _ALWAYS_CAPITAL


def _is_habit(text: str, words: Iterable[re.Match[str]], with_capital: int) -> bool:
    """Whether most words that could have a small letter have a capital one. Looks at no more words than that takes."""
    inside = 0
    for word in words:
        inside += _is_inside(text, word)
        if with_capital <= HABIT * inside:
            return False
    return inside > 2
