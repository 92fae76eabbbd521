"""What the headers of an answer say of rate limits. Pure.

Most of the family name the limit (requests, tokens); OpenRouter has one, of requests, and gives it no name. A number
that is negative or none means that the provider does not know (section 1.4).

Source: shared design page providers.md, sections 1.1, 1.4, 1.5 and 2.5.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

from providers import waits
from providers.calls import LimitReading

_COUNT: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_LIMITS: Final[tuple[tuple[Literal["requests", "tokens"], str], ...]] = (
    ("requests", "-requests"),
    ("tokens", "-tokens"),
    ("requests", ""),
)


def limits(headers: Mapping[str, str]) -> tuple[LimitReading, ...]:
    """One reading per limit of which a size or a remainder is told."""
    readings = (_reading(of, suffix, headers) for of, suffix in _LIMITS)
    return tuple(reading for reading in readings if reading.limit is not None or reading.remaining is not None)


def _reading(of: Literal["requests", "tokens"], suffix: str, headers: Mapping[str, str]) -> LimitReading:
    return LimitReading(
        of=of,
        limit=_count(headers.get(f"x-ratelimit-limit{suffix}", "")) or None,
        remaining=_count(headers.get(f"x-ratelimit-remaining{suffix}", "")),
        reset_s=waits.reset_s(headers.get(f"x-ratelimit-reset{suffix}", ""), headers),
    )


def _count(text: str) -> int | None:
    return int(text.strip()) if _COUNT.fullmatch(text.strip()) else None
