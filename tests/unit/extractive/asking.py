"""Asks a built-in model about a few lines of talk, and reads its answer strictly."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from orchestrator.analysis import prompts
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import Call, Message
from providers.extractive import conversation, frame
from providers.extractive.answering import answer
from providers.extractive.conversation import Conversation


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Quote(Strict):
    utterance: str
    quote: str


class Plain(Strict):
    text: str
    evidence: list[Quote]


class Task(Plain):
    owner: str
    due_text: str
    due_date: str


class Told(Strict):
    text: str
    bullets: list[str]


class Analysed(Strict):
    """The answer's schema once more, every field required and no other allowed."""

    language: str
    summary: Told
    topics: list[Plain]
    decisions: list[Plain]
    action_items: list[Task]
    risks: list[Plain]
    questions: list[Plain]

    def all_items(self) -> list[Plain]:
        return [*self.topics, *self.decisions, *self.action_items, *self.risks, *self.questions]


def transcript(*said: tuple[str | None, str]) -> Transcript:
    return Transcript(
        utterances=tuple(
            Utterance(id=f"x{number}", speaker=speaker, text=text) for number, (speaker, text) in enumerate(said)
        )
    )


def call(messages: Sequence[Message]) -> Call:
    return Call(call_id="c-1", messages=tuple(messages), max_output_tokens=8_000, timeout_s=30.0)


def ask(model: str, *said: tuple[str | None, str], boundary: str = "token") -> Analysed:
    """The answer about utterances given as (speaker, words)."""
    reply = answer(call(prompts.messages(transcript(*said), boundary)), model)
    return Analysed.model_validate_json(reply.text)


def heard(*said: tuple[str | None, str]) -> Conversation:
    """The same utterances as the models' rooms see them."""
    return conversation.listen(frame.read(prompts.messages(transcript(*said), "token")))
