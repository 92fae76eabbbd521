"""Other wordings of an item by rule, for meetings that nobody wrote paraphrases for: milder than a person's.

Two are made: one in the style of notes (no articles, no auxiliaries, roles abbreviated), one with its parts turned
round. Where neither differs from the original there is no other wording.
"""

import re
from typing import Final

_NOTES: Final[tuple[tuple[str, str], ...]] = (
    (r"\b(?:The|A|An|the|a|an) ", ""),
    (r"\bwill be\b", "to be"),
    (r"\bwill\b", "to"),
    (r"\b(?:has|have) been\b", "was"),
    (r"\b[Pp]roject manager\b|\bProject Manager\b", "PM"),
    (r"\b[Ii]ndustrial designer\b|\bIndustrial Designer\b", "ID"),
    (r"\b(?:[Uu]ser )?[Ii]nterface designer\b|\bUser Interface Designer\b", "UI designer"),
    (r"\bin order to\b", "to"),
    (r"^(?:Moreover|Also|However|Therefore|On the other hand|Finally), ", ""),
)
_TURNS: Final[tuple[tuple[str, str], ...]] = (
    (r"^([^,]{12,}?),? (because|since|so that|in order to|when|if|where|while|as|to) (.{8,})\.$", r"\2 \3: \1."),
    (r"^(.{3,40}?) (?:will|is going to|are going to) (.{6,})\.$", r"Planned: \2 (by \1)."),
    (r"^(.{3,60}?) (?:is|are|was|were) (.{6,})\.$", r"\2: that is what \1 has come to."),
    (r"^([^,]{8,}), (.{12,})\.$", r"\2, \1."),
)


def reworded(text: str) -> tuple[str, ...]:
    """None to two other wordings."""
    notes = _capital(_all(text))
    turned = next((_capital(re.sub(before, after, text)) for before, after in _TURNS if re.search(before, text)), text)
    return tuple(other for other in dict.fromkeys((notes, turned)) if other != text)


def _all(text: str) -> str:
    for before, after in _NOTES:
        text = re.sub(before, after, text)
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
