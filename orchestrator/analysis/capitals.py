"""Words that are written with a capital letter although no sentence begins there. Pure.

In English, Spanish and French these are names, of people or not; in German they are nouns as well. A title in capitals
throughout says nothing: where most words that could have a small letter have a capital one, none counts.
"""

import re
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
    inside = [match for match in found if not begins(text, match.start()) and fold(match[0]) not in _ALWAYS_CAPITAL]
    with_capital = [match[0] for match in inside if match[0][0].isupper()]
    if len(inside) > 2 and len(with_capital) > HABIT * len(inside):
        return frozenset()
    return frozenset(map(fold, with_capital))


def begins(text: str, place: int) -> bool:
    """Whether a sentence, or something in quotation marks or brackets, begins at this place of a text."""
    return _SENTENCE_ENDS.search(text, max(0, place - _LOOK_BACK), place) is not None
