"""How long a provider asks us to wait, in all the ways in which they say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.waits import MAX_WAIT_S, duration_s, reset_s, told, until_s

DATE = "Tue, 07 Oct 2025 13:56:16 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "0", "retry-after": "1"}, 1.0),  # Azure has been seen to say both
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "Tue, 07 Oct 2025 13:57:00 GMT", "date": DATE}, 44.0),
        ({"retry-after": "Tue, 07 Oct 2025 13:57:00", "date": "Tue, 07 Oct 2025 13:56:16"}, 44.0),
        ({"retry-after": "Tue, 07 Oct 2025 13:57:00 GMT"}, None),  # no clock to hold it against
        ({"retry-after": "Tue, 07 Oct 2025 13:55:00 GMT", "date": DATE}, None),  # past
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9999999"}, None),
        ({"retry-after": "٣"}, None),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "5.976s"}, 5.976),
        ({"x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "5.976s"}, None),
        ({"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "5.976s"}, None),
        (
            {
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "2s",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1m0s",
            },
            60.0,
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1759845420000", "date": DATE}, 44.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1759845420", "date": DATE}, 44.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1759845420000"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "24"}, 24.0),
        ({"x-ratelimit-remaining": "0"}, None),
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2025-10-07T13:57:00Z",
                "anthropic-ratelimit-requests-remaining": "1",
                "anthropic-ratelimit-requests-reset": "2025-10-07T13:58:00Z",
                "date": DATE,
            },
            44.0,
        ),
        (
            {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2025-10-07T13:57:00Z"},
            None,
        ),
        ({"anthropic-ratelimit-tokens-remaining": "0", "date": DATE}, None),
    ],
)
def test_the_first_wait_that_makes_sense_is_taken(headers: dict[str, str], seconds: float | None) -> None:
    assert told(headers) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("25m54.8s", 1554.8),
        ("8m37.681999999s", 517.681999999),
        ("1h2m3s", 3723.0),
        ("2d", 172800.0),
        ("24", 24.0),
        ("", None),
        ("5 s", None),
        ("s", None),
        ("-1s", None),
    ],
)
def test_durations_are_read_in_all_their_units(text: str, seconds: float | None) -> None:
    assert duration_s(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("instant", "date", "seconds"),
    [
        ("2025-10-07T13:57:00Z", DATE, 44.0),
        ("2025-10-07T15:57:00.5+02:00", DATE, 44.5),
        ("2025-10-07T13:56:15Z", DATE, -1.0),
        ("2025-10-07T13:57:00", DATE, None),  # where?
        ("2025-10-07T13:57:00Z", "", None),
        ("44s", DATE, None),
        ("", DATE, None),
    ],
)
def test_times_are_held_against_the_date_of_the_answer(instant: str, date: str, seconds: float | None) -> None:
    assert until_s(instant, {"date": date}) == seconds


NAMES = (
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-tokens-reset",
    "date",
    "retry-after",
    "retry-after-ms",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
)


@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.text(max_size=40), st.just("0"), st.just(DATE))))
def test_whatever_a_server_says_the_wait_is_none_or_sane(headers: dict[str, str]) -> None:
    wait = told(headers)

    assert wait is None or 0 < wait <= MAX_WAIT_S


@pytest.mark.parametrize(
    ("text", "headers", "seconds"),
    [
        ("6m0s", {}, 360.0),
        ("120ms", {}, 0.12),
        ("0s", {}, 0.0),
        ("24", {}, 24.0),
        (" 24 ", {}, 24.0),
        ("1759845420000", {"date": DATE}, 44.0),
        ("1759845420", {"date": DATE}, 44.0),
        ("1759845420000", {}, None),  # no clock to hold it against
        ("1759845000000", {"date": DATE}, None),  # past
        ("9d", {}, None),
        ("-1", {}, None),
        ("soon", {}, None),
        ("", {}, None),
    ],
)
def test_a_reset_is_a_duration_or_a_moment(text: str, headers: dict[str, str], seconds: float | None) -> None:
    assert reset_s(text, headers) == pytest.approx(seconds)
