"""What a seat is asked: the transcript first, framed as data, the instruction last. Pure.

The layout is a contract with whoever reads numbered utterances (the built-in extractive models, the emulator):

    <<<transcript BOUNDARY>>>
    u1 00:00:04 Ann Lee: Let us begin.
    u2 - ?: No time and no speaker known.
    <<<end BOUNDARY>>>

An utterance is named by its place, `u1` being the first: ids that callers choose never reach a model, so that they
cannot carry instructions. The boundary is random per job, so that nobody who speaks in a meeting can close the frame.
The transcript stands at the start so that all seats of a provider share the longest possible prompt-cache prefix. Hints
and instruction follow it (`closing`); they are made once, when the job is posted, and kept with it: every ask of a job,
whenever it is made and by whatever release, says the same words.

A model whose window is too small is shown one part after the other, each in a prompt of its own, in which utterances
keep their names. The end of the part before may stand above the frame, to be read and not to be cited:

    <<<before BOUNDARY>>>
    u40 00:12:09 Bob: So who takes it?
    <<<transcript BOUNDARY>>>
    u41 00:12:11 Ann Lee: I do.
    <<<end BOUNDARY>>>
"""

from collections.abc import Iterator, Sequence
from typing import Final

from orchestrator.analysis import hints, tongues
from orchestrator.analysis.hints import NOTHING, Hints
from orchestrator.analysis.items import KINDS
from orchestrator.analysis.prompt_texts import (
    CONTRACT,
    LANGUAGE_OF_MEETING,
    LEAD,
    LOOK_FOR,
    PART,
    PROMPT_VERSION,
    REDACTED,
    SYSTEM,
    TYPE_QUESTION,
    language_rule,
)
from orchestrator.analysis.templates import Template
from orchestrator.meeting.context import MEETING_TYPES, MeetingType
from orchestrator.meeting.segments import Part, Span, shown
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import JsonObject, Message, Value

SCHEMA_NAME: Final = "meeting_analysis_v1"
MAX_ITEMS_PER_KIND: Final = 50  # a longer list is a model repeating itself; code cuts it, since schemas cannot
_HAS_TOKENS: Final = "+tokens"  # stands in the version of words that speak of tokens
_ASKS_TYPE: Final = "+type"  # ends the version of words that ask of what type the meeting is, too


class Wording(Value):
    """What a seat is told beside the transcript: `system` before it, `closing` after it.

    `version` names them all, and with them the shape of the answer. `part` goes before the closing where only a part is
    shown, with places for its number and for how many there are.
    """

    version: str
    system: str
    closing: str
    part: str = ""


def wording(
    meeting_type: MeetingType = "general",
    *,
    template: Template | None = None,
    language: str | None = None,
    known: Hints = NOTHING,
    with_type: bool = False,
    redacted: bool = False,
) -> Wording:
    """The words for one job.

    Args:
        template: the tenant's own text; None: ours for the type.
        language: that the answer shall be in, as a BCP 47 code; None or "und": that of the meeting.
        known: names and words, for their spelling.
        with_type: the seat is also asked of what type the meeting is.
        redacted: tokens stand for some of what was said.
    """
    look_for = LOOK_FOR[meeting_type] if template is None else template.instruction
    wanted = LANGUAGE_OF_MEETING if language is None or not tongues.is_known(language) else _in(language)
    told = hints.written(known)
    rules = "\n".join((CONTRACT, *([TYPE_QUESTION] if with_type else []), wanted))
    parts = (*([told] if told else []), *([REDACTED] if redacted else []), f"{LEAD}\n{look_for}", rules)
    version = f"{PROMPT_VERSION}/{meeting_type}" if template is None else template.name
    version += _HAS_TOKENS if redacted else ""
    return Wording(
        version=f"{version}{_ASKS_TYPE}" if with_type else version,
        system=SYSTEM,
        closing="\n\n".join(parts),
        part=PART,
    )


GENERAL: Final = wording()


def asks_type(version: str) -> bool:
    """Whether the words of this version ask of what type the meeting is."""
    return version.endswith(_ASKS_TYPE)


def frame(transcript: Transcript, boundary: str) -> str:
    """Write the numbered utterances between their boundary lines."""
    lines = (line(number, utterance) for number, utterance in enumerate(transcript.utterances, start=1))
    return "\n".join((f"<<<transcript {boundary}>>>", *lines, f"<<<end {boundary}>>>"))


def frame_of_part(part: Part, transcript: Transcript, boundary: str) -> str:
    """The same of a part alone, under the names that its utterances have in the whole; above it what was before."""
    before = (f"<<<before {boundary}>>>", *_lines(part.context, transcript)) if part.context else ()
    own = (f"<<<transcript {boundary}>>>", *_lines(part.spans, transcript), f"<<<end {boundary}>>>")
    return "\n".join((*before, *own))


def messages(
    transcript: Transcript, boundary: str, words: Wording = GENERAL, *, cached: bool = False
) -> tuple[Message, ...]:
    """Everything a seat is shown.

    `cached`: other seats will be shown the same, letter by letter, so that the provider may keep it.
    """
    return (
        Message(role="system", text=words.system),
        Message(role="user", text=f"{frame(transcript, boundary)}\n\n{words.closing}", cached=cached),
    )


def messages_of_part(
    parts: Sequence[Part], number: int, transcript: Transcript, boundary: str, words: Wording
) -> tuple[Message, ...]:
    """Everything a seat is shown that is asked about part `number` of these, counted from 1."""
    told = words.part.format(part=number, parts=len(parts))
    framed = frame_of_part(parts[number - 1], transcript, boundary)
    return (
        Message(role="system", text=words.system),
        Message(role="user", text=f"{framed}\n\n{told}\n\n{words.closing}"),
    )


def _lines(spans: Sequence[Span], transcript: Transcript) -> Iterator[str]:
    return (line(span.place + 1, shown(transcript, span)) for span in spans)


def _in(language: str) -> str:
    return language_rule(tongues.named(language))


def line(number: int, utterance: Utterance) -> str:
    """An utterance as it is shown."""
    speaker = (utterance.speaker or "?").replace(": ", " - ")  # the first colon of a line ends the speaker
    return f"u{number} {_clock(utterance.start_s)} {speaker}: {utterance.text}"


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _object(properties: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_STRING: Final[JsonObject] = {"type": "string"}
_EVIDENCE: Final[JsonObject] = {"type": "array", "items": {"$ref": "#/$defs/evidence"}}
_PLAIN_ITEM: Final = _object({"text": _STRING, "evidence": _EVIDENCE})
_ACTION_ITEM: Final = _object(
    {"text": _STRING, "owner": _STRING, "due_text": _STRING, "due_date": _STRING, "evidence": _EVIDENCE}
)

# The subset that OpenAI's strict mode, Anthropic's and Gemini's schema output all take unchanged: every property
# required, no unions, no numeric or length limits (shared design page providers.md, section 9.1).
_FIELDS: Final[JsonObject] = {
    "language": _STRING,
    "summary": _object({"text": _STRING, "bullets": {"type": "array", "items": _STRING}}),
    **{kind: {"type": "array", "items": _ACTION_ITEM if kind == "action_items" else _PLAIN_ITEM} for kind in KINDS},
}
_PARTS: Final[JsonObject] = {"$defs": {"evidence": _object({"utterance": _STRING, "quote": _STRING})}}
_TYPE: Final[JsonObject] = {"meeting_type": {"type": "string", "enum": list(MEETING_TYPES)}}

SCHEMA: Final[JsonObject] = _object(_FIELDS) | _PARTS
SCHEMA_WITH_TYPE: Final[JsonObject] = _object(_FIELDS | _TYPE) | _PARTS


def schema(*, with_type: bool) -> JsonObject:
    """The shape of the answer to words that ask of what type the meeting is, or do not."""
    return SCHEMA_WITH_TYPE if with_type else SCHEMA
