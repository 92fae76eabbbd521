"""How many items of a kind suit the length of a meeting. Pure.

People write down a handful of actions and decisions whatever was said; a list that grows with the talk is noise. An
hour of talk is about 9,000 words.
"""

from typing import Final

from providers.extractive.findings import Kind

# kind: at least, at most, and how many tokens call for one more.
_AMOUNTS: Final[dict[Kind, tuple[int, int, int]]] = {
    "topics": (3, 8, 1500),
    "decisions": (5, 12, 450),
    "action_items": (5, 12, 450),
    "risks": (2, 8, 1000),
    "questions": (3, 12, 800),
}


def of(kind: Kind, token_count: int) -> int:
    """The most items of `kind` for a meeting of that many tokens."""
    least, most, tokens_each = _AMOUNTS[kind]
    return max(least, min(most, token_count // tokens_each))
