"""What every reader finds in a file: stretches of speech, as raw as they stand there. Pure data."""

from typing import NamedTuple


class Spoken(NamedTuple):
    """One stretch of speech. Text and names are not cleaned yet; times are finite seconds from 0, None: not known."""

    text: str
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    id: str | None = None
