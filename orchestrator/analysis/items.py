"""What an analysis is made of. The names are those of the HTTP contract; see `Analysis` there. Pure data."""

from typing import Final, Literal, TypeAlias

from pydantic import Field

from providers.calls import Value

Kind: TypeAlias = Literal["topics", "decisions", "action_items", "risks", "questions"]

KINDS: Final[tuple[Kind, ...]] = ("topics", "decisions", "action_items", "risks", "questions")


class Evidence(Value):
    """A verbatim quote and the utterances that it stands in; `start_s` of the first of them, None without times."""

    utterances: tuple[str, ...] = Field(min_length=1)
    quote: str = Field(min_length=1)
    start_s: float | None = None


class Owner(Value):
    """Who has to act. `id` is the caller's, where the owner is a known participant."""

    name: str
    id: str | None = None


class Due(Value):
    """When: the words that were said, and the day they mean (ISO) where the meeting's own day is known."""

    text: str
    date: str | None = None


class Item(Value):
    """A topic, decision, action item, risk or question. `verified`: code found every quote where it claims to be."""

    id: str
    text: str
    evidence: tuple[Evidence, ...]
    confidence: float = Field(ge=0, le=1)
    seats: tuple[int, ...]
    verified: bool
    owner: Owner | None = None
    due: Due | None = None


class Summary(Value):
    text: str
    bullets: tuple[str, ...]


class Candidate(Value):
    """A seat's checked output: what survived `replies.read` and `evidence.check`. `dropped` counts what did not."""

    language: str
    summary: Summary
    topics: tuple[Item, ...] = ()
    decisions: tuple[Item, ...] = ()
    action_items: tuple[Item, ...] = ()
    risks: tuple[Item, ...] = ()
    questions: tuple[Item, ...] = ()
    dropped: int = 0

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items


class Quality(Value):
    """How good the analysis is, by checks that need no judge. Each component and the score lie in 0..1."""

    score: float = Field(ge=0, le=1)
    components: dict[str, float]


class Provenance(Value):
    seats: tuple[int, ...]
    strategy: str
    prompt_version: str
    catalog_version: str


class Analysis(Value):
    """The final document: `result` of a succeeded job."""

    schema_version: Literal[1] = 1
    language: str
    summary: Summary
    topics: tuple[Item, ...]
    decisions: tuple[Item, ...]
    action_items: tuple[Item, ...]
    risks: tuple[Item, ...]
    questions: tuple[Item, ...]
    quality: Quality
    provenance: Provenance

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items
