"""What one key may give another: never more than it has, and for no longer than it lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.errors import BeyondOwnKey, InvalidRequest
from orchestrator.tenancy.grants import LONGEST_S, check_change, check_scopes, earlier, end_of_made, wished_end

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=30)


def test_a_key_gives_what_it_has() -> None:
    check_scopes({"read", "keys"}, {"read"})
    check_scopes({"read", "keys"}, {"read", "keys"})


def test_a_key_gives_nothing_that_it_lacks_and_is_told_what() -> None:
    with pytest.raises(BeyondOwnKey, match="with admin, ops"):
        check_scopes({"read", "keys"}, {"ops", "read", "admin"})


@pytest.mark.parametrize(
    ("at", "in_s", "end"),
    [(None, None, None), (LATER, None, LATER), (None, 3_600, SOON), (None, 1, NOW + timedelta(seconds=1))],
)
def test_an_end_is_said_as_a_time_or_as_seconds_from_now(
    at: datetime | None, in_s: int | None, end: datetime | None
) -> None:
    assert wished_end(NOW, at, in_s) == end


@pytest.mark.parametrize(
    ("at", "in_s", "pointer"),
    [
        (LATER, 60, "/expires_in_s"),
        (NOW, None, "/expires_at"),
        (NOW - timedelta(seconds=1), None, "/expires_at"),
        (NOW + timedelta(seconds=LONGEST_S + 1), None, "/expires_at"),
        (LATER.replace(tzinfo=None), None, "/expires_at"),
    ],
)
def test_an_end_that_cannot_be_is_refused_by_its_field(at: datetime, in_s: int | None, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        wished_end(NOW, at, in_s)

    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("wished", "usual", "own", "end"),
    [
        (None, None, None, None),
        (None, None, SOON, SOON),
        (None, LATER, None, LATER),
        (None, LATER, SOON, SOON),
        (None, SOON, LATER, SOON),
        (SOON, None, None, SOON),
        (SOON, LATER, SOON, SOON),
        (LATER, SOON, None, LATER),
    ],
)
def test_a_key_ends_as_wished_or_with_its_maker(
    wished: datetime | None, usual: datetime | None, own: datetime | None, end: datetime | None
) -> None:
    assert end_of_made(wished, usual, own) == end


def test_no_key_outlasts_its_maker() -> None:
    with pytest.raises(BeyondOwnKey, match="no key a later end"):
        end_of_made(LATER, None, SOON)


@pytest.mark.parametrize(
    ("own", "before", "after", "longer"),
    [
        (None, None, SOON, False),
        (SOON, None, LATER, False),  # a shorter life, though longer than the caller's own
        (None, SOON, LATER, True),
        (None, SOON, None, True),
        (LATER, SOON, LATER, True),
        (SOON, LATER, LATER, False),
    ],
)
def test_a_change_says_whether_it_prolongs(
    own: datetime | None, before: datetime | None, after: datetime | None, longer: bool
) -> None:
    assert check_change(own, before, after) is longer


@pytest.mark.parametrize("after", [LATER, None])
def test_nobody_prolongs_beyond_their_own_end(after: datetime | None) -> None:
    with pytest.raises(BeyondOwnKey):
        check_change(SOON, SOON, after)


def test_of_two_ends_the_first_counts_and_none_never_comes() -> None:
    assert earlier(SOON, LATER) == earlier(LATER, SOON) == earlier(SOON, None) == earlier(None, SOON) == SOON
    assert earlier(None, None) is None
