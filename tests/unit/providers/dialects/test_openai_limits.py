"""What the headers of the OpenAI family say of rate limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import LimitReading
from providers.dialects.openai_chat import OpenAIChat
from providers.wire import Dialect

DIALECT: Dialect = OpenAIChat()
NAMES = [f"x-ratelimit-{what}{of}" for what in ("limit", "remaining", "reset") for of in ("-requests", "-tokens", "")]


@pytest.mark.parametrize(
    ("headers", "readings"),
    [
        ({}, ()),
        ({"retry-after": "3"}, ()),
        (
            {
                "x-ratelimit-limit-requests": "10000",
                "x-ratelimit-remaining-requests": "9999",
                "x-ratelimit-reset-requests": "6m0s",
                "x-ratelimit-limit-tokens": "4000000",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "250ms",
            },
            (
                LimitReading(of="requests", limit=10_000, remaining=9_999, reset_s=360.0),
                LimitReading(of="tokens", limit=4_000_000, remaining=0, reset_s=0.25),
            ),
        ),
        (  # Azure tells a remainder alone, and numbers below nought where it does not know
            {
                "x-ratelimit-remaining-requests": "119",
                "x-ratelimit-limit-tokens": "-1",
                "x-ratelimit-remaining-tokens": "-1",
            },
            (LimitReading(of="requests", remaining=119),),
        ),
        (
            {"x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0"},
            (LimitReading(of="tokens", remaining=0),),
        ),
        ({"x-ratelimit-reset-requests": "24"}, ()),  # of what, and how much, is not said
        (
            {
                "x-ratelimit-limit": "20",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "1759845420000",
                "date": "Tue, 07 Oct 2025 13:56:16 GMT",
            },
            (LimitReading(of="requests", limit=20, remaining=0, reset_s=44.0),),
        ),
        (
            {"x-ratelimit-limit-requests": " 5 ", "x-ratelimit-reset-requests": "soon"},
            (LimitReading(of="requests", limit=5),),
        ),
        ({"x-ratelimit-limit-requests": "٣", "x-ratelimit-remaining-tokens": "1e3"}, ()),
    ],
)
def test_what_is_told_of_a_limit_is_read(headers: dict[str, str], readings: tuple[LimitReading, ...]) -> None:
    assert DIALECT.limits(headers) == readings


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20) | st.integers().map(str)))
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    assert len(DIALECT.limits(headers)) <= 3
