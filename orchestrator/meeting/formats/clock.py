"""Times of day in a recording, as transcripts write them: `1:02`, `00:01:02.500`, `0:0:1,5`, `100:00:00.08`. Pure."""

from typing import Final

# Hours may be missing or above 99; fields may have one digit (Microsoft Graph documents `0:0:0.0`). Bounded, so that
# no row of digits can overflow a number.
_FIELDS = r"(?:[0-9]{1,6}:)?[0-9]{1,4}:[0-9]{1,2}"
_FRACTION = r"[.,][0-9]{1,9}"
TIME: Final = rf"{_FIELDS}(?:{_FRACTION})?"
EXACT_TIME: Final = _FIELDS + _FRACTION  # with its fraction, as captions have and nobody says


def seconds(time: str) -> float:
    """Seconds of a text that matches `TIME` or `EXACT_TIME`; the nearest float to what is written."""
    fields, _, fraction = time.replace(",", ".").partition(".")
    whole = 0
    for field in fields.split(":"):
        whole = whole * 60 + int(field)
    return float(f"{whole}.{fraction or 0}")


def span(start: str, end: str | None) -> tuple[float, float | None]:
    """Start and end in seconds; an end before the start is a slip of the writer, so not known."""
    start_s = seconds(start)
    end_s = None if end is None else seconds(end)
    return start_s, end_s if end_s is None or end_s >= start_s else None
