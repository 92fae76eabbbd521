"""How many requests a key may make, by a clock that the test drives."""

import pytest

from api.rates import MAX_KEYS, Left, Rates


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(rates: Rates, key: str = "key_a") -> Left:
    left = rates.take(key)
    assert left is not None
    return left


def test_a_minutes_worth_may_come_at_once_and_no_more(clock: Clock) -> None:
    rates = Rates(3, clock)

    found = [taken(rates) for _ in range(4)]

    assert [one.fits for one in found] == [True, True, True, False]
    assert [one.remaining for one in found] == [2, 1, 0, 0]
    assert [one.reset_s for one in found] == [20, 40, 20, 20]


def test_the_bucket_fills_evenly_and_not_beyond_its_rim(clock: Clock) -> None:
    rates = Rates(3, clock)
    for _ in range(3):
        taken(rates)

    clock.now_s = 20.0
    one = taken(rates)
    clock.now_s = 30.0
    too_soon = taken(rates)
    clock.now_s = 1_000.0
    full = taken(rates)

    assert (one.fits, too_soon.fits) == (True, False)
    assert too_soon.reset_s == 10
    assert (full.fits, full.remaining) == (True, 2)


def test_a_key_does_not_drink_from_the_bucket_of_another(clock: Clock) -> None:
    rates = Rates(1, clock)
    taken(rates, "key_a")

    assert taken(rates, "key_b").fits
    assert not taken(rates, "key_a").fits


def test_the_headers_say_it_in_the_draft_s_words_and_in_the_older_ones(clock: Clock) -> None:
    assert taken(Rates(60, clock)).headers == {
        "RateLimit-Policy": '"key";q=60;w=60',
        "RateLimit": '"key";r=59;t=1',
        "RateLimit-Limit": "60",
        "RateLimit-Remaining": "59",
        "RateLimit-Reset": "1",
    }


def test_nobody_is_counted_where_there_is_no_quota(clock: Clock) -> None:
    assert Rates(0, clock).take("key_a") is None


def test_what_is_remembered_is_bounded(clock: Clock) -> None:
    rates = Rates(1, clock)

    for nth in range(MAX_KEYS + 1):
        taken(rates, f"key_{nth}")

    assert len(rates._levels) == 1
    assert not taken(rates, f"key_{MAX_KEYS}").fits
