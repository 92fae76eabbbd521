"""Which moments a job may wait for, and how many may."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from orchestrator.errors import InvalidRequest
from orchestrator.work import schedule

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1), timedelta(days=-900)])
def test_what_has_passed_and_what_is_now_holds_nobody(length: timedelta) -> None:
    assert schedule.due(NOW + length, NOW) is None
    assert schedule.due(None, NOW) is None


def test_what_is_yet_to_come_holds_in_whatever_zone_it_is_written() -> None:
    moment = (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=-9)))

    assert schedule.due(moment, NOW) == moment


def test_nobody_plans_further_than_a_month_ahead() -> None:
    schedule.require_near(None, NOW)
    schedule.require_near(NOW + schedule.FURTHEST, NOW)
    with pytest.raises(InvalidRequest) as refusal:
        schedule.require_near(NOW + schedule.FURTHEST + timedelta(seconds=1), NOW)

    assert refusal.value.pointer == "/not_before"


def test_only_so_many_may_wait_for_their_moments() -> None:
    assert schedule.refusal(1, 2) is None
    refused = schedule.refusal(2, 2)

    assert refused is not None
    assert (refused.code, refused.retry_after_s) == ("queue-full", schedule.RETRY_AFTER_S)


def test_a_moment_is_told_in_utc_with_milliseconds() -> None:
    assert schedule.told(NOW.astimezone(timezone(timedelta(hours=2)))) == "2026-11-28T09:30:00.000Z"
