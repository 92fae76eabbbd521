"""Days and moments in queries: as RFC 3339 writes them, and no number."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from api.queries import Day, Moment

DAY: TypeAdapter[date] = TypeAdapter(Day)
MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def test_a_day_and_a_moment_are_read() -> None:
    assert DAY.validate_python("2026-11-28") == date(2026, 11, 28)
    assert MOMENT.validate_python("2026-11-28T09:30:00.5Z") == datetime(2026, 11, 28, 9, 30, 0, 500_000, UTC)
    assert MOMENT.validate_python("2026-11-28 10:30:00+01:00") == datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0", "1764288000", "2026-11-28T00:00:00Z", "2026-13-01", "yesterday", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(text)


@pytest.mark.parametrize("text", ["0.5", "1764288000", "2026-11-28", "2026-11-28T09:30:00", "2026-11-28T09:30Z", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)
