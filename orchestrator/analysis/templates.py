"""A tenant's own words on what to look for in a meeting, and what they may be. Pure.

A template takes the place of ours in that one part of the instruction. The contract that follows it (shape, proof, data
instructs nobody) is ours in every case, and the frame around the transcript is out of its reach: its text is appended
as it stands, never formatted, and may hold no line that looks like a boundary.
"""

from typing import Final, Literal, TypeAlias, get_args

from orchestrator.analysis.prompt_texts import LOOK_FOR, PROMPT_VERSION
from orchestrator.errors import InvalidRequest
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.context import MeetingType, type_named
from providers.calls import Value

MAX_CHARACTERS: Final = 4_000  # four times ours; every seat of every job pays for it
ALL: Final = "all"

TemplateFor: TypeAlias = Literal[MeetingType, "all"]
TEMPLATES_FOR: Final[tuple[TemplateFor, ...]] = (ALL, *get_args(MeetingType))

_BOUNDARIES: Final = ("<<<", ">>>")


class Template(Value):
    """One version of a tenant's text for a type of meeting, or for all that have none of their own. Never changed."""

    id: str
    meeting_type: TemplateFor
    version: int
    instruction: str

    @property
    def name(self) -> str:
        """How a job says what it was asked with."""
        return f"{self.id}/{self.version}"


def meeting_type(word: str | None) -> MeetingType:
    """The type that a caller's word means; `general` for a word that we do not know."""
    return type_named(word or "") or "general"


def checked(instruction: str) -> str:
    """A tenant's text as it is kept: clean, line by line, with no more than one blank line in a row.

    Raises:
        InvalidRequest: nothing is left of it, it is too long, or it imitates a boundary line.
    """
    lines = [clean(line) for line in instruction.splitlines()]
    text = "\n".join(line for place, line in enumerate(lines) if line or (place and lines[place - 1])).strip()
    if not text:
        raise InvalidRequest("must hold words", pointer="/instruction")
    if len(text) > MAX_CHARACTERS:
        raise InvalidRequest(f"must have at most {MAX_CHARACTERS} characters", pointer="/instruction")
    if any(mark in text for mark in _BOUNDARIES):
        raise InvalidRequest("must not hold <<< or >>>, which frame the transcript", pointer="/instruction")
    return text


def ours(wanted: TemplateFor) -> str:
    """What to look for where a tenant has no template; "" for all types together, since each has its own."""
    return "" if wanted == ALL else LOOK_FOR[wanted]


def our_name(wanted: TemplateFor) -> str:
    """How a job says that it was asked with ours."""
    return PROMPT_VERSION if wanted == ALL else f"{PROMPT_VERSION}/{wanted}"
