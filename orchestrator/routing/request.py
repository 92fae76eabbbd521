"""What an upstream posts, word for word the HTTP contract's `POST /v1/jobs`. Pure data; unknown fields are refused."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from orchestrator.analysis.evidence import Unverified
from orchestrator.delivery.bodies import Payload
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.mentions import words_of
from orchestrator.meeting.reading import TranscriptFormat
from orchestrator.meeting.tokens import Kind
from orchestrator.meeting.transcript import MAX_UTTERANCE_CHARACTERS, MAX_UTTERANCES, Utterance
from orchestrator.synthesis import STRATEGIES
from orchestrator.work.lanes import Lane
from orchestrator.work.scopes import PROJECT_NAME
from providers.calls import JsonObject, Value
from providers.catalog import Region

MICRO_PER_USD = 1_000_000
MAX_PANEL = 10
MAX_DEADLINE_S = 86_400.0

Priority: TypeAlias = Lane  # what callers call a lane
Policy: TypeAlias = Literal["aggressive", "balanced", "quality"]
RoutingStrategy: TypeAlias = Literal["preference", "performance", "cost", "round-robin"]


def _is_clean(text: str) -> str:
    if clean(text) != text:
        raise ValueError("must not hold control or hidden characters, nor space at its ends or twice in a row")
    return text


def _is_term(text: str) -> str:
    if not words_of(text):
        raise ValueError("must hold a letter or a digit")
    return text


def storable(text: str) -> str:
    """Whatever text there is, but for the one character that PostgreSQL cannot keep."""
    if "\x00" in text:
        raise ValueError("must not hold the character U+0000")
    return text


def _is_money(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("must be a decimal number of US dollars, such as 0.50") from None
    if not amount.is_finite() or amount < 0 or amount > 1_000_000 or amount != round(amount, 6):
        raise ValueError("must be between 0 and 1000000 US dollars with at most six places")
    return text


_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def _read_moment(given: object) -> object:
    """Read here, where its form is judged: a bare number is no moment, and neither is a day."""
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or not _MOMENT.fullmatch(given):
        raise ValueError("write a time with its zone, as in 2026-12-01T02:00:00Z")
    return datetime.fromisoformat(given.upper())


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_read_moment)]
Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_is_clean)]
Term: TypeAlias = Annotated[Line, AfterValidator(_is_term)]
MoneyText: TypeAlias = Annotated[str, StringConstraints(max_length=20), AfterValidator(_is_money)]


class Strict(Value):
    """Strict types: "5" is no number."""

    model_config = ConfigDict(strict=True)


class PostedUtterance(Strict):
    """One utterance as posted; without an id it is named by its place, `u1` being the first."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_is_clean)] | None = None
    speaker: str | None = Field(default=None, max_length=200)
    start_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    text: str = Field(max_length=MAX_UTTERANCE_CHARACTERS)


# Exactly one of the forms, in the words of JSON schema.
_FORMS: Final[tuple[JsonObject, ...]] = tuple(
    {"required": [form], "properties": {form: {"not": {"type": "null"}}}}
    for form in ("content", "utterances", "transcript_id")
)


class PostedTranscript(Strict):
    """Exactly one of the three forms: a file as text, utterances, or the id of a stored transcript."""

    model_config = ConfigDict(strict=True, json_schema_extra={"oneOf": [*_FORMS]})

    format: TranscriptFormat = "auto"
    content: str | None = None
    utterances: Annotated[tuple[PostedUtterance, ...], Field(max_length=MAX_UTTERANCES)] | None = None
    transcript_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _exactly_one_form(self) -> Self:
        if sum(form is not None for form in (self.content, self.utterances, self.transcript_id)) != 1:
            raise ValueError("give exactly one of content, utterances and transcript_id")
        return self


class Participant(Strict):
    name: Line
    id: Line | None = None
    aliases: tuple[Line, ...] = Field(default=(), max_length=20)


class MeetingFacts(Strict):
    """What the caller knows about the meeting; null means: find out."""

    title: Line | None = None
    type: Line | None = None
    industry: Line | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    started_at: Annotated[datetime, Field(strict=False)] | None = None
    participants: tuple[Participant, ...] = Field(default=(), max_length=200)
    glossary: tuple[Line, ...] = Field(default=(), max_length=200)


class PanelWish(Strict):
    models: tuple[Line, ...] = Field(default=(), max_length=MAX_PANEL)
    size: int | None = Field(default=None, ge=1, le=MAX_PANEL)


class RoutingWish(Strict):
    """How models are chosen, and where the meeting may go. `strategy` None: the policy's own.

    `regions`: every place where a provider may handle the meeting must be among them; empty: anywhere. What is asked
    for here comes on top of what the house demands. `preferred_provider`: its models go before others of their tier.
    `pinned`: a model that fails is replaced in the house's order, whatever the price and however the models fare.
    """

    strategy: RoutingStrategy | None = None
    regions: Annotated[tuple[Region, ...], Field(max_length=20)] = ()
    zero_retention: bool = False
    preferred_provider: Line | None = None
    pinned: bool = False


class RedactionWish(Strict):
    """What models must not see: it is shown to them as tokens, and stands in the result as it was said.

    `kinds` are found by their form; "person": the participants and speakers who are known, no other names. `terms` are
    found as they are, whatever their case. What the house demands comes on top.
    """

    kinds: Annotated[tuple[Kind, ...], Field(max_length=20)] = ()
    terms: Annotated[tuple[Term, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _hides_something(self) -> Self:
        if not (self.kinds or self.terms):
            raise ValueError("name at least one kind or term")
        return self


WebhookEvent: TypeAlias = Literal[
    "job.queued", "job.started", "seat.attempted", "seat.failed_over", "seat.answered", "seat.failed",
    "items.found", "job.synthesizing", "job.succeeded", "job.failed", "job.canceled", "job.expired", "job.erased",
    "batch.finished", "budget.threshold", "budget.forecast", "budget.bound_passed",
    "provider.opened", "provider.closed",
]  # fmt: skip
ENDS: tuple[WebhookEvent, ...] = ("job.succeeded", "job.failed", "job.canceled", "job.expired")


class WebhookWish(Strict):
    """An endpoint for this job alone, beside those that the tenant has named. Without `events`: how it ends.

    `payload` full: the message that it has ended has the whole Job. `result_url`: the one that it has succeeded has a
    link by which whoever has it reads the result, for a time.
    """

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    events: Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=20)] = ENDS
    payload: Payload = "thin"
    result_url: bool = False


class AnalysisRequest(Strict):
    """One job, as posted. `project` names a part of the tenant that has budgets of its own.

    `not_before`: nobody is asked earlier, and `deadline_s` counts from it; at most 30 days ahead. One that has passed
    means now.
    """

    transcript: PostedTranscript
    meeting: MeetingFacts = MeetingFacts()
    strategy: Annotated[
        str, StringConstraints(max_length=40), Field(json_schema_extra={"enum": ["auto", *STRATEGIES]})
    ] = "auto"
    policy: Policy = "balanced"
    panel: PanelWish = PanelWish()
    routing: RoutingWish = RoutingWish()
    redaction: RedactionWish | None = None
    quorum: int | None = Field(default=None, ge=1, le=MAX_PANEL)
    allow_substitution: bool = True
    allow_extractive: bool = True
    unverified: Unverified = "drop"
    priority: Priority = "standard"
    max_cost_usd: MoneyText | None = None
    deadline_s: float = Field(default=300.0, ge=1, le=MAX_DEADLINE_S, allow_inf_nan=False)
    not_before: Moment | None = None
    project: Annotated[str, StringConstraints(pattern=f"^{PROJECT_NAME}$")] | None = None
    webhook: WebhookWish | None = None
    reference: Line | None = None
    tags: tuple[Line, ...] = Field(default=(), max_length=20)
    metadata: dict[Line, Annotated[str, StringConstraints(max_length=500), AfterValidator(storable)]] = Field(
        default={}, max_length=20
    )

    @property
    def max_cost_micro_usd(self) -> int | None:
        return None if self.max_cost_usd is None else int(Decimal(self.max_cost_usd) * MICRO_PER_USD)


def as_utterances(posted: tuple[PostedUtterance, ...]) -> tuple[Utterance, ...]:
    """Clean the posted utterances, name the nameless, leave out those without a word."""
    return tuple(
        Utterance(
            id=one.id or f"u{place}",
            speaker=clean(one.speaker or "") or None,
            start_s=one.start_s,
            end_s=one.end_s,
            text=text,
        )
        for place, one in enumerate(posted, start=1)
        if (text := clean(one.text))
    )
