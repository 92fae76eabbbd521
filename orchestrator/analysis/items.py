"""What an analysis is made of. The names are those of the HTTP contract; see `Analysis` there. Pure data."""

from typing import Final, Literal, TypeAlias

from pydantic import Field

from orchestrator.meeting.context import MeetingType
from providers.calls import Value

Kind: TypeAlias = Literal["topics", "decisions", "action_items", "risks", "questions"]

# What a person finds of an item, or of the whole: `edited` it is right in other words, `missing` is what has no item.
Verdict: TypeAlias = Literal["right", "wrong", "edited", "missing"]

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
    """A topic, decision, action item, risk or question. `verified`: code found every quote where it claims to be.

    The evidence of an item that is not verified shows where its model pointed, and proves nothing.
    """

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
    """A seat's checked output: what survived `replies.read` and `evidence.check`.

    `dropped` counts what did not, `removed` the same by kind: items, what was cut, owners and due words without proof,
    and the pieces of texts that `foreign.py` names. `refused` counts the items among them by their own kind: what was
    claimed and had no proof. `meeting_type` is the seat's vote on it, None where it has none. Candidates of older
    releases have neither, the oldest no `removed`.
    """

    language: str
    summary: Summary
    topics: tuple[Item, ...] = ()
    decisions: tuple[Item, ...] = ()
    action_items: tuple[Item, ...] = ()
    risks: tuple[Item, ...] = ()
    questions: tuple[Item, ...] = ()
    dropped: int = 0
    removed: dict[str, int] = Field(default_factory=dict)
    refused: dict[Kind, int] = Field(default_factory=dict)
    meeting_type: MeetingType | None = None

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items


class Quality(Value):
    """How good the analysis is, by checks that need no judge. Each component and the score lie in 0..1."""

    score: float = Field(ge=0, le=1)
    components: dict[str, float]


class Missed(Value):
    """Words that sound like a task or a decision which no item covers; the quote is verbatim in the utterances."""

    cue: str
    utterances: tuple[str, ...] = Field(min_length=1)
    quote: str = Field(min_length=1)


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
    possibly_missed: tuple[Missed, ...] = ()
    quality: Quality
    provenance: Provenance

    def of(self, kind: Kind) -> tuple[Item, ...]:
        items: tuple[Item, ...] = getattr(self, kind)
        return items
