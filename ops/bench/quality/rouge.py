"""ROUGE-1, ROUGE-2 and ROUGE-L as F-measures, over lower-cased words without stemming.

Definition: C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", ACL workshop "Text Summarization
Branches Out", 2004, sections 2 and 3 (of one reference; L at the level of the whole summary, as one sequence).
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


def rouge(summary: str, reference: str) -> dict[str, float]:
    """Each F-measure in 0..1, by its name."""
    ours, theirs = _words(summary), _words(reference)
    return {
        "ROUGE-1": _overlapping(ours, theirs, 1),
        "ROUGE-2": _overlapping(ours, theirs, 2),
        "ROUGE-L": _f(_longest(ours, theirs), len(ours), len(theirs)),
    }


def best(summary: str, references: Sequence[str]) -> dict[str, float]:
    """Against the reference that fits best, each measure by itself; at least one reference."""
    found = [rouge(summary, reference) for reference in references]
    return {name: max(one[name] for one in found) for name in found[0]}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _overlapping(ours: Sequence[str], theirs: Sequence[str], size: int) -> float:
    one, other = (Counter(zip(*(text[n:] for n in range(size)), strict=False)) for text in (ours, theirs))
    return _f(sum((one & other).values()), sum(one.values()), sum(other.values()))


def _longest(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(theirs) + 1)
    for word in ours:
        corner = 0
        for place, other in enumerate(theirs, start=1):
            corner, row[place] = row[place], corner + 1 if word == other else max(row[place], row[place - 1])
    return row[-1]


def _f(shared: int, ours: int, theirs: int) -> float:
    return 2 * shared / (ours + theirs) if ours + theirs else 0.0
