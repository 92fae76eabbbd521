"""The meeting as text: utterances in order, each with an id that evidence can name. Pure."""

import re
import unicodedata
from functools import cached_property

from pydantic import Field

from providers.calls import Value

MAX_UTTERANCES = 20_000  # a ten-hour meeting has about half as many; more is an attack or an accident
MAX_UTTERANCE_CHARACTERS = 300_000  # one cue of a badly cut file can hold a whole meeting
MAX_SPEAKER_CHARACTERS = 200

_SPACE = re.compile(r"\s+")
# Controls, bidirectional overrides, zero-width and tag characters: they hide text from readers or forge what they see.
# The zero-width joiner and non-joiner stay: Indic and Persian words and many emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Make text safe to store and show: NFC, single spaces, no hidden characters, no lone surrogates."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _SPACE.sub(" ", _HIDDEN.sub("", unicodedata.normalize("NFC", whole))).strip()


class Utterance(Value):
    """What one speaker said without a break. Times are seconds from the start of the recording; None: not known."""

    id: str = Field(min_length=1, max_length=64)
    speaker: str | None = Field(default=None, max_length=MAX_SPEAKER_CHARACTERS)
    start_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    text: str = Field(min_length=1, max_length=MAX_UTTERANCE_CHARACTERS)


class Transcript(Value):
    """At least one utterance, in the order of the file, ids unique."""

    utterances: tuple[Utterance, ...] = Field(min_length=1)

    @cached_property
    def by_id(self) -> dict[str, Utterance]:
        return {utterance.id: utterance for utterance in self.utterances}

    @cached_property
    def words(self) -> int:
        """White-space separated words; says little about languages without spaces."""
        return sum(len(utterance.text.split()) for utterance in self.utterances)

    @cached_property
    def duration_s(self) -> float | None:
        """Latest known time, or None when the transcript has no times."""
        times = [t for u in self.utterances for t in (u.start_s, u.end_s) if t is not None]
        return max(times) if times else None

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Names in the order of their first word."""
        return tuple(dict.fromkeys(u.speaker for u in self.utterances if u.speaker))
