"""Templates as the HTTP contract shows them: what models are told to look for, by type of meeting."""

from typing import Final, Literal

from pydantic import ConfigDict

from api.schemas import Shown
from orchestrator.analysis.templates import TemplateFor
from orchestrator.routing.request import MeetingFacts, PostedTranscript, RedactionWish, Strict
from providers.calls import JsonObject

_INSTRUCTION: Final = "- action_items: what blocks a release, with its ticket.\n- risks: dates that somebody doubted."
_TEMPLATE: Final[JsonObject] = {
    "meeting_type": "standup",
    "ours": False,
    "applies_to": "standup",
    "version": "tpl_06a9k3v0x1q8h5t2n7c4e0m9zr/3",
    "instruction": _INSTRUCTION,
    "set_at": "2026-11-28T09:30:00.000Z",
}


class TemplateBody(Strict):
    """What to look for, in your words, a rule a line: it takes the place of ours, up to 4,000 characters.

    The shape of the answer, the rule that each item is proved, and that a meeting instructs nobody are added to it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"instruction": _INSTRUCTION}]})

    instruction: str


class PreviewBody(Strict):
    """What to show a seat. Without `instruction` what is in force, without `transcript` a small sample."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"meeting_type": "standup"},
                {
                    "meeting_type": "standup",
                    "instruction": _INSTRUCTION,
                    "transcript": {"format": "text", "content": "Ann: I'll ship it on Friday.\nBob: Agreed."},
                    "meeting": {"language": "de", "glossary": ["Kubernetes"]},
                },
            ]
        }
    )

    meeting_type: TemplateFor | None = None
    instruction: str | None = None
    transcript: PostedTranscript | None = None
    meeting: MeetingFacts = MeetingFacts()
    redaction: RedactionWish | None = None


class TemplateView(Shown):
    """What a job of this type posted now is asked with.

    `ours`: you have set none. `applies_to`: the type that the text was set for, `all` where this type has none of its
    own. `version` is what a job's `provenance.prompt_version` will say. Of `all`, ours has no text: each type has one.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_TEMPLATE]})

    meeting_type: TemplateFor
    ours: bool
    applies_to: TemplateFor
    version: str
    instruction: str
    set_at: str | None


class TemplatesView(Shown):
    """One for each type of meeting, and the one for all that have none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_TEMPLATE]}]})

    data: tuple[TemplateView, ...]


class MessageView(Shown):
    role: Literal["system", "user", "assistant", "tool"]
    text: str


class PreviewView(Shown):
    """The messages that a seat would be shown; nobody was. The boundary in them is drawn anew for each job.

    `version` is `draft` for an instruction that was only posted here. `prompt_tokens` is an estimate; each model counts
    in its own way.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "meeting_type": "standup",
                    "version": "draft",
                    "messages": [{"role": "system", "text": "You analyse meeting transcripts. ..."}],
                    "prompt_tokens": 640,
                }
            ]
        }
    )

    meeting_type: TemplateFor
    version: str
    messages: tuple[MessageView, ...]
    prompt_tokens: int
