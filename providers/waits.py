"""How long a provider asks us to wait. Pure: the clock is its own Date header, so that ours may be wrong.

Source: shared design page providers.md, section 2.4. The first that makes sense is taken: retry-after-ms, retry-after
(seconds or an HTTP date), the reset of a limit that is used up.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_WAIT_S: Final = 86_400.0  # quotas are renewed daily; a longer wait is a mistake or a word we misread

_UNIT_S: Final[dict[str, float]] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.ASCII)
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
# The limits as OpenAI names them (requests, tokens) and as OpenRouter does (one, without a name).
_LIMITS: Final = ("-requests", "-tokens", "")
# Anthropic's. They say when a limit is whole again as a time (RFC 3339), not as a length.
_TIMED_LIMITS: Final = ("requests", "tokens", "input-tokens", "output-tokens")
_EPOCH_MS: Final = 1e11  # as seconds that is the year 5138; as milliseconds, 1973
_EPOCH_S: Final = 1e9


def told(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the headers say; None when they say nothing that makes sense.

    Zero and less say nothing: the provider has just refused, so the length of the pause is then ours to choose.
    """
    now = _date(headers.get("date", ""))
    waits = (
        _sane(_number(headers.get("retry-after-ms", "")), 0.001),
        _sane(_retry_after(headers.get("retry-after", ""), now)),
        _used_up(headers, now),
    )
    return next((wait for wait in waits if wait is not None), None)


def duration_s(text: str) -> float | None:
    """Read `6m0s`, `1.5s`, `120ms` or bare seconds; None for anything else."""
    if _DURATION.fullmatch(text):
        return sum(float(amount) * _UNIT_S[unit] for amount, unit in _PART.findall(text))
    return _number(text)


def reset_s(text: str, headers: Mapping[str, str]) -> float | None:
    """Seconds until a limit is whole again: a duration, or a moment by the Date header; None if it makes no sense."""
    seconds = _reset(text, _date(headers.get("date", "")))
    return seconds if seconds is not None and 0 <= seconds <= MAX_WAIT_S else None


def until_s(instant: str, headers: Mapping[str, str]) -> float | None:
    """Seconds from the answer's own Date to an RFC 3339 time, less than 0 if it is past; None if either is not told."""
    return _until(instant, _date(headers.get("date", "")))


def _used_up(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """The longest reset among the limits of which nothing remains."""
    resets = [
        _sane(_reset(headers.get(f"x-ratelimit-reset{limit}", ""), now))
        for limit in _LIMITS
        if headers.get(f"x-ratelimit-remaining{limit}", "").strip() == "0"
    ]
    resets += [
        _sane(_until(headers.get(f"anthropic-ratelimit-{limit}-reset", ""), now))
        for limit in _TIMED_LIMITS
        if headers.get(f"anthropic-ratelimit-{limit}-remaining", "").strip() == "0"
    ]
    return max((reset for reset in resets if reset is not None), default=None)


def _until(instant: str, now: datetime | None) -> float | None:
    try:
        at = datetime.fromisoformat(instant.strip())
    except ValueError:
        return None
    return None if now is None or at.tzinfo is None else (at - now).total_seconds()


def _reset(text: str, now: datetime | None) -> float | None:
    seconds = duration_s(text.strip())
    if seconds is None or seconds < _EPOCH_S:
        return seconds
    at_s = seconds / 1000 if seconds >= _EPOCH_MS else seconds
    return None if now is None else at_s - now.timestamp()


def _retry_after(text: str, now: datetime | None) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    at = _date(text)
    return None if at is None or now is None else (at - now).total_seconds()


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)  # an HTTP date is GMT, whatever it forgets to say


def _sane(value: float | None, unit_s: float = 1.0) -> float | None:
    if value is None or not 0 < value * unit_s <= MAX_WAIT_S:
        return None
    return value * unit_s
