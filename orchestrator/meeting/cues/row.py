"""What a row of a cue table means. Pure data.

Phrases stand between commas. They are compared token by token, in lower case; apostrophes and hyphens part tokens, so
that "follow-up" and "follow up" are one phrase.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cues:
    """`strong` are hardly said in other meetings; `plain` are said there too, but less often."""

    strong: str = ""
    plain: str = ""
