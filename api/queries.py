"""Times in queries and bodies, as RFC 3339 writes them: a bare number is neither a day nor a moment."""

import re
from datetime import date, datetime
from typing import Annotated, Final, TypeAlias

from pydantic import AwareDatetime, BeforeValidator, TypeAdapter, ValidationError

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}.*", re.ASCII)

_READER: Final[TypeAdapter[datetime]] = TypeAdapter(AwareDatetime)


def _as_day(given: object) -> object:
    if isinstance(given, str) and not _DAY.fullmatch(given):
        raise ValueError("write a day as in 2026-11-28")
    return given


def _as_moment(given: object) -> object:
    if not isinstance(given, str) or not _MOMENT.fullmatch(given):
        raise ValueError("write a time as in 2026-11-28T09:30:00Z")
    return given


def _read_moment(given: object) -> datetime:
    try:
        return _READER.validate_python(_as_moment(given))
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None


Day: TypeAlias = Annotated[date, BeforeValidator(_as_day)]
Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_as_moment)]
# The same of a body, which is read so strictly that nothing may be made of a text any more.
PostedMoment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_read_moment)]
