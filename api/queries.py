"""Times in queries, as RFC 3339 writes them: a bare number is neither a day nor a moment."""

import re
from datetime import date
from typing import Annotated, Final, TypeAlias

from pydantic import AwareDatetime, BeforeValidator

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}.*")


def _as_day(given: object) -> object:
    if isinstance(given, str) and not _DAY.fullmatch(given):
        raise ValueError("write a day as in 2026-11-28")
    return given


def _as_moment(given: object) -> object:
    if isinstance(given, str) and not _MOMENT.fullmatch(given):
        raise ValueError("write a time as in 2026-11-28T09:30:00Z")
    return given


Day: TypeAlias = Annotated[date, BeforeValidator(_as_day)]
Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_as_moment)]
