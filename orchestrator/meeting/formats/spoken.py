"""What every reader finds in a file: stretches of speech, as raw as they stand there. Pure data."""

from typing import NamedTuple


class Spoken(NamedTuple):
    """One stretch of speech. Text and names are not cleaned yet; times are finite seconds from 0, None: not known."""

    text: str
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    id: str | None = None

    def in_order(self) -> "Spoken":
        """The same, without an end that lies before the start: a slip of the writer, so not known."""
        if self.start_s is None or self.end_s is None or self.start_s <= self.end_s:
            return self
        return self._replace(end_s=None)


def voice(label: str | None) -> str | None:
    """What to call the voice that a machine told apart from others: "Speaker 0" and "Speaker A" for a bare 0 and A."""
    bare = (label or "").strip()
    return f"Speaker {bare}" if bare.isdigit() or len(bare) == 1 else bare or None
