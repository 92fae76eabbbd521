"""What an upstream posts, word for word the HTTP contract's `POST /v1/jobs`. Pure data; unknown fields are refused."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.reading import TranscriptFormat
from orchestrator.meeting.transcript import MAX_UTTERANCES, Utterance
from orchestrator.work.lanes import Lane
from orchestrator.work.scopes import PROJECT_NAME
from providers.calls import Value

MICRO_PER_USD = 1_000_000
MAX_PANEL = 10
MAX_DEADLINE_S = 86_400.0

Priority: TypeAlias = Lane  # what callers call a lane
Policy: TypeAlias = Literal["aggressive", "balanced", "quality"]


def _is_clean(text: str) -> str:
    if clean(text) != text:
        raise ValueError("must not hold control or hidden characters, nor space at its ends or twice in a row")
    return text


def _is_money(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("must be a decimal number of US dollars, such as 0.50") from None
    if not amount.is_finite() or amount < 0 or amount > 1_000_000 or amount != round(amount, 6):
        raise ValueError("must be between 0 and 1000000 US dollars with at most six places")
    return text


Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_is_clean)]
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
    text: str


class PostedTranscript(Strict):
    """Exactly one of the three forms: a file as text, utterances, or the id of a stored transcript."""

    format: TranscriptFormat = "auto"
    content: str | None = None
    utterances: Annotated[tuple[PostedUtterance, ...], Field(max_length=MAX_UTTERANCES)] | None = None
    transcript_id: str | None = Field(default=None, max_length=64)

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


class AnalysisRequest(Strict):
    """One job, as posted. `project` names a part of the tenant that has budgets of its own."""

    transcript: PostedTranscript
    meeting: MeetingFacts = MeetingFacts()
    strategy: Annotated[str, StringConstraints(max_length=40)] = "auto"
    policy: Policy = "balanced"
    panel: PanelWish = PanelWish()
    quorum: int | None = Field(default=None, ge=1, le=MAX_PANEL)
    allow_substitution: bool = True
    allow_extractive: bool = True
    priority: Priority = "standard"
    max_cost_usd: MoneyText | None = None
    deadline_s: float = Field(default=300.0, ge=1, le=MAX_DEADLINE_S, allow_inf_nan=False)
    project: Annotated[str, StringConstraints(pattern=f"^{PROJECT_NAME}$")] | None = None
    reference: Line | None = None
    tags: tuple[Line, ...] = Field(default=(), max_length=20)
    metadata: dict[Line, Annotated[str, StringConstraints(max_length=500)]] = Field(default={}, max_length=20)

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
