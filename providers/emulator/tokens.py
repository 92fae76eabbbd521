"""How many tokens this provider says a text has. Pure, and deliberately not the product's own estimate.

Close to what OpenAI's o200k vocabulary counts on meeting talk (shared design page providers.md, section 6), and never
above it by the margin with which a careful client reserves.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache

MESSAGE_TOKENS = 4  # what the vendor adds for the role and the borders of a message
_WIDE_TOKENS = 0.7  # one Han, Kana or Hangul character, measured on Chinese and Japanese samples

# A piece is one token: up to twelve Latin letters, three digits, five letters of another alphabet, a run of newlines,
# or any other sign. Wide characters are counted apart.
_PIECE = re.compile(r"[A-Za-z]{1,12}|[0-9]{1,3}|\n+|[^\W\d_a-zA-Z]{1,5}|[^\s\w]|_|\d")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]")


@lru_cache(maxsize=128)  # the seats of a panel send the same transcript within seconds
def count(text: str) -> int:
    """Tokens of one text, on its own."""
    wide = 0 if text.isascii() else len(_WIDE.findall(text))
    narrow = _WIDE.sub(" ", text) if wide else text
    return len(_PIECE.findall(narrow)) + math.ceil(wide * _WIDE_TOKENS)


def count_prompt(texts: Iterable[str]) -> int:
    """Tokens of a whole prompt, one text a message."""
    return sum(count(text) + MESSAGE_TOKENS for text in texts)
