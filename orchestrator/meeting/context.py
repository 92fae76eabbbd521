"""What is known of a meeting beside its words: of what type it is, in which language, who takes part. Pure data.

Everything that was found out, rather than told by the caller, says how sure that is and why.
"""

from typing import Final, Literal, TypeAlias, get_args

from pydantic import Field

from providers.calls import Value

MeetingType: TypeAlias = Literal[
    "interview",
    "sales",
    "executive",
    "standup",
    "planning",
    "retrospective",
    "design",
    "support",
    "committee",
    "lecture",
    "one-to-one",
    "general",
]

MEETING_TYPES: Final[tuple[MeetingType, ...]] = get_args(MeetingType)

UNKNOWN_LANGUAGE: Final = "und"  # BCP 47: undetermined
TOLD: Final = "told by the caller"
MOST_ATTENDEES: Final = 200  # as many as a caller may name; a file with more speakers is an odd one


class Person(Value):
    """Somebody whom the caller named. `id` is the caller's own; `aliases` are other names for the same person."""

    name: str
    id: str | None = None
    aliases: tuple[str, ...] = ()


class Told(Value):
    """What the caller said of the meeting; None: it is to be found out."""

    title: str | None = None
    type: str | None = None
    industry: str | None = None
    language: str | None = None
    participants: tuple[Person, ...] = ()


class Finding(Value):
    """Something found out. `confidence` in 0..1, 1 where the caller said so; `because`: the reasons, for a reader."""

    value: str
    confidence: float = Field(ge=0, le=1)
    because: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether the caller said so."""
        return self.because == (TOLD,)


class Attendee(Value):
    """Somebody who spoke or was named. `speakers`: what the transcript calls them; empty: no word of theirs is known.

    `name` and `id` are the participant's whom the caller named; None: the voice fits nobody, or several. `role` is None
    unless there is strong evidence for one.
    """

    speakers: tuple[str, ...]
    name: str | None = None
    id: str | None = None
    role: Finding | None = None


class Context(Value):
    """A meeting's circumstances.

    `type` holds a `MeetingType`, or a caller's own word for one; `language` a BCP 47 code, "und" where it is not known;
    `industry` is None where nothing points to one. `speakers` counts voices that were told apart, 0 where none were;
    `heads` those and the participants whom the caller named beside them. `attendees`: who spoke, most words first, then
    who was only named; no more than `MOST_ATTENDEES`.
    """

    type: Finding
    language: Finding
    industry: Finding | None = None
    speakers: int = Field(ge=0)
    words: int = Field(ge=0)
    duration_s: float | None = None
    heads: int = Field(default=0, ge=0)
    attendees: tuple[Attendee, ...] = Field(default=(), max_length=MOST_ATTENDEES)


def type_named(word: str) -> MeetingType | None:
    """The type that a word means, however it is spelled; None: none that we know."""
    plain = "-".join(word.casefold().replace("_", " ").replace("-", " ").split())
    return next((known for known in MEETING_TYPES if known == plain), None)
