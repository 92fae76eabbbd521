"""Times on the command line, and what is refused before anybody is asked."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from api.cli import hooking
from api.cli.exits import USAGE, Told
from api.cli.options import Where
from api.cli.times import moment


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (None, None),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T09:30", datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
        ("2026-12-01T09:30:15Z", datetime(2026, 12, 1, 9, 30, 15, tzinfo=UTC)),
        ("2026-12-01T09:30+02:00", datetime(2026, 12, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_a_day_is_its_first_moment_and_without_a_zone_it_is_utc(text: str | None, at: datetime | None) -> None:
    assert moment(text, "--since") == at


@pytest.mark.parametrize(("since", "until"), [("yesterday", None), (None, "2026-11-01"), ("2026-11-01", "soon")])
def test_what_is_no_span_is_refused_with_its_option(since: str | None, until: str | None) -> None:
    with pytest.raises(Told, match="--until" if until else "--since") as told:
        hooking.redeliver("whk_1", since, until, Where(None, None, None), as_json=False)

    assert told.value.code == USAGE
