"""From a length of time to the moment that is posted."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from api.cli import inputs, scheduling
from api.cli.exits import USAGE, Told
from api.cli.options import Wishes

NOW = datetime(2026, 11, 28, 9, 30, 5, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("90s", "2026-11-28T09:31:35Z"),
        ("30m", "2026-11-28T10:00:05Z"),
        (" 2H ", "2026-11-28T11:30:05Z"),
        ("1d12h", "2026-11-29T21:30:05Z"),
        ("1h30m5s", "2026-11-28T11:00:10Z"),
        ("0s", "2026-11-28T09:30:05Z"),
    ],
)
def test_a_length_is_a_moment_from_now(said: str, meant: str) -> None:
    wishes = scheduling.scheduled(Wishes(delay=said), NOW.astimezone(timezone(timedelta(hours=2))))

    assert inputs.wished(wishes) == {"not_before": meant}


def test_a_moment_is_posted_as_it_was_typed() -> None:
    wishes = Wishes(at="tomorrow")

    assert scheduling.scheduled(wishes, NOW) is wishes
    assert inputs.wished(wishes) == {"not_before": "tomorrow"}


@pytest.mark.parametrize("said", ["", "2", "h", "2 hours", "-1h", "1.5h", "30m2h", "99999d"])
def test_what_is_no_length_is_a_wrong_command(said: str) -> None:
    with pytest.raises(Told) as told:
        scheduling.scheduled(Wishes(delay=said), NOW)

    assert told.value.code == USAGE


def test_both_at_once_are_a_wrong_command() -> None:
    with pytest.raises(Told) as told:
        scheduling.scheduled(Wishes(at="2026-12-01T02:00:00Z", delay="2h"), NOW)

    assert told.value.code == USAGE
