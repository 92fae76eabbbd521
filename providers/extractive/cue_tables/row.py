"""What a row of a cue table means. Pure data.

Weights add up; 3 is enough for an item on its own, 1 only supports others, a negative one speaks against. The patterns
of a row are alternatives; they are tried only on a statement that holds one of the triggers, which keeps long meetings
cheap. They see straight apostrophes and no fillers, and ignore case.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from providers.extractive.findings import Kind

Role: TypeAlias = Literal["speaker", "addressee", "named", "group", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """`role` says who acts: the speaker, who is spoken to, who is named, or everybody; "" where nobody does."""

    kind: Kind
    role: Role
    weight: float
    triggers: frozenset[str]
    pattern: str


def row(kind: Kind, role: Role, weight: float, triggers: str, *patterns: str) -> Row:
    """Write a row: triggers apart by spaces, then one or more patterns of which any may match."""
    return Row(kind, role, weight, frozenset(triggers.split()), "|".join(patterns))
