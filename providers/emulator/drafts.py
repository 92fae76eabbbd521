"""An analysis before it takes the shape of a schema. Pure data."""

from dataclasses import dataclass
from typing import Final

KINDS: Final = ("topics", "decisions", "action_items", "risks", "questions")


@dataclass(frozen=True)
class DraftItem:
    """One item before it takes the shape of a schema."""

    kind: str
    text: str
    utterance: str
    quote: str
    owner: str = ""
    due_text: str = ""
    due_date: str = ""


@dataclass(frozen=True)
class Draft:
    """What a model means to report. `planted`: the texts that its mode put into it."""

    language: str
    summary: str
    bullets: tuple[str, ...]
    items: tuple[DraftItem, ...]
    planted: tuple[str, ...] = ()

    def of(self, kind: str) -> tuple[DraftItem, ...]:
        """The items of one kind."""
        return tuple(item for item in self.items if item.kind == kind)
