"""The meeting as text: utterances in order, each with an id that evidence can name. Pure."""

from pydantic import ConfigDict, Field

from orchestrator.once import Once
from providers.calls import Value

MAX_UTTERANCES = 20_000  # a ten-hour meeting has about half as many; more is an attack or an accident
MAX_UTTERANCE_CHARACTERS = 300_000  # one cue of a badly cut file can hold a whole meeting
MAX_SPEAKER_CHARACTERS = 200


class Utterance(Value):
    """What one speaker said without a break. Times are seconds from the start of the recording; None: not known."""

    id: str = Field(min_length=1, max_length=64)
    speaker: str | None = Field(default=None, max_length=MAX_SPEAKER_CHARACTERS)
    start_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    text: str = Field(min_length=1, max_length=MAX_UTTERANCE_CHARACTERS)


class Transcript(Value):
    """At least one utterance, in the order of the file, ids unique."""

    model_config = ConfigDict(ignored_types=(Once,))

    utterances: tuple[Utterance, ...] = Field(min_length=1)

    @Once
    def by_id(self) -> dict[str, Utterance]:
        return {utterance.id: utterance for utterance in self.utterances}

    @Once
    def words(self) -> int:
        """White-space separated words; says little about languages without spaces."""
        return sum(len(utterance.text.split()) for utterance in self.utterances)

    @Once
    def duration_s(self) -> float | None:
        """Latest known time, or None when the transcript has no times."""
        times = [t for u in self.utterances for t in (u.start_s, u.end_s) if t is not None]
        return max(times) if times else None

    @Once
    def speakers(self) -> tuple[str, ...]:
        """Names in the order of their first word."""
        return tuple(dict.fromkeys(u.speaker for u in self.utterances if u.speaker))
