import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from providers.emulator.limit_words import (
    anthropic_headers,
    azure_headers,
    duration,
    gemini_details,
    openai_headers,
    openai_reason,
    openai_retry_headers,
    said,
)
from providers.emulator.limits import Kind, Limits, LimitsOrder, OverLimit, Standing, Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def limited(**order: object) -> Limits:
    limits = Limits()
    limits.set(LimitsOrder.model_validate({"persona": "openai"} | order), NOW)
    return limits


def enter(limits: Limits, name: str = "r", tokens: int = 1, after_s: float = 0.0, key: str = "k") -> Standing:
    return limits.enter("openai", key, name, tokens, NOW + timedelta(seconds=after_s))


def refused(limits: Limits, name: str = "r", tokens: int = 1, after_s: float = 0.0) -> OverLimit:
    with pytest.raises(OverLimit) as caught:
        enter(limits, name, tokens, after_s)
    return caught.value


def test_without_an_order_nobody_is_held_up() -> None:
    limits = Limits()

    assert [enter(limits, tokens=10**9) for _ in range(100)] == [Standing()] * 100


def test_a_bucket_empties_refills_and_never_overflows() -> None:
    limits = limited(requests_per_minute=60)

    for _ in range(60):
        enter(limits)
    over = refused(limits)

    assert (over.kind, over.limit, over.retry_after_s) == ("requests", 60, 1.0)
    assert enter(limits, after_s=1.0).requests == Window(60, 0, 60.0)
    assert enter(limits, after_s=100_000).requests == Window(60, 59, 1.0)


def test_who_is_refused_for_tokens_has_not_used_up_a_request() -> None:
    limits = limited(requests_per_minute=2, tokens_per_minute=100)
    enter(limits, tokens=80)

    assert refused(limits, tokens=50).kind == "tokens"
    assert enter(limits, tokens=20).requests == Window(2, 0, 60.0)


def test_a_request_above_the_limit_of_a_minute_is_told_that_waiting_is_no_cure() -> None:
    over = refused(limited(tokens_per_minute=100), tokens=101)

    assert (over.kind, over.retry_after_s) == ("too_large", None)


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_whoever_waits_as_long_as_told_passes(limit: int, first: int, second: int) -> None:
    limits = limited(tokens_per_minute=500)
    enter(limits, tokens=first)
    wait_s: float | None = 0.0

    try:
        enter(limits, tokens=second)
    except OverLimit as over:
        wait_s = over.retry_after_s
        enter(limits, tokens=second, after_s=(wait_s or 0.0) + 1e-6)

    assert wait_s is not None
    assert (wait_s == 0.0) is (first + second <= 500)


@settings(deadline=None)  # timed by nobody: the machine may be busy
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 60)), max_size=60))
def test_no_minute_lets_more_through_than_a_full_bucket_and_its_refill(asked: list[tuple[float, int]]) -> None:
    limits = limited(tokens_per_minute=60)
    passed, at_s = 0, 0.0

    for wait_s, tokens in asked:
        at_s += wait_s
        try:
            enter(limits, tokens=tokens, after_s=at_s)
        except OverLimit:
            continue
        passed += tokens

    assert passed <= 60 + at_s + 1e-6


def test_a_key_s_own_limits_come_before_those_of_the_house() -> None:
    limits = limited(requests_per_minute=1)
    limits.set(LimitsOrder(persona="openai", key="rich", requests_per_minute=100), NOW)

    assert enter(limits, key="rich").requests == Window(100, 99, 0.6)
    assert enter(limits).requests == Window(1, 0, 60.0)
    assert refused(limits).kind == "requests"


def test_a_place_is_free_again_once_somebody_leaves_and_leaving_twice_is_harmless() -> None:
    limits = limited(concurrency=2, above_concurrency=503)
    enter(limits, "a")
    enter(limits, "b")

    over = refused(limits, "c")
    limits.leave("a")
    limits.leave("a")
    limits.leave("never came")
    enter(limits, "c")

    assert (over.kind, over.status) == ("concurrency", 503)
    assert refused(limits, "d").kind == "concurrency"


def test_a_rate_may_grow_step_by_step() -> None:
    limits = limited(growth_percent=200)

    def passes(after_s: float) -> int:
        return sum(tried(after_s) for _ in range(100))

    def tried(after_s: float) -> bool:
        try:
            enter(limits, after_s=after_s)
        except OverLimit:
            return False
        return True

    assert [passes(window * 10.0) for window in range(4)] == [5, 10, 20, 40]
    over = refused(limits, after_s=34.0)
    assert (over.kind, over.retry_after_s) == ("growth", 6.0)
    assert passes(60.0) == 5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.0004, "1ms"),
        (0.012, "12ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (360, "6m0s"),
        (3_600, "1h0m0s"),
        (59.9999, "1m0s"),
    ],
)
def test_a_duration_is_spelt_as_openai_spells_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_who_writes_more_than_is_left_makes_the_next_one_wait() -> None:
    limits = limited(persona="anthropic", tokens_per_minute=100, output_tokens_per_minute=60)

    before = limits.enter("anthropic", "k", "r", 10, NOW)
    after = limits.write("anthropic", "k", 90, NOW)
    with pytest.raises(OverLimit) as caught:
        limits.enter("anthropic", "k", "r", 10, NOW)

    assert (before.output, after.output) == (Window(60, 60, 0.0), Window(60, -30, 90.0))
    assert (caught.value.kind, caught.value.retry_after_s) == ("output_tokens", 31.0)
    assert limits.enter("anthropic", "k", "r", 10, NOW + timedelta(seconds=31)).output == Window(60, 1, 59.0)


def test_what_is_written_counts_where_somebody_counts_it() -> None:
    limits = limited(tokens_per_minute=100)
    entered = enter(limits, tokens=10)

    assert limits.write("openai", "k", 10**9, NOW) == entered
    assert limits.write("deepseek", "k", 10**9, NOW) == Standing()
    with pytest.raises(ValidationError, match="openai has no limit of its own"):
        limited(output_tokens_per_minute=1)


STANDING = Standing(requests=Window(10, 4, 6.0), tokens=Window(1_000, 0, 60.0))


def test_the_headers_of_openai_tell_limit_remaining_and_reset() -> None:
    assert openai_headers(STANDING) == {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "6s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "1m0s",
    }
    assert openai_headers(Standing()) == {}


def test_azure_tells_minus_one_where_it_does_not_know() -> None:
    told = azure_headers(Standing(requests=STANDING.requests))

    assert told["x-ratelimit-remaining-tokens"] == "-1"
    assert told["x-ratelimit-remaining-requests"] == "4"


def test_anthropic_tells_times_of_its_own_clock() -> None:
    told = anthropic_headers(STANDING, NOW)

    assert told["anthropic-ratelimit-requests-reset"] == "2026-11-20T12:00:06Z"
    assert told["anthropic-ratelimit-input-tokens-remaining"] == "0"


def test_anthropic_tells_tokens_in_and_out_apart_and_together() -> None:
    told = anthropic_headers(Standing(tokens=Window(1_000, 400, 36.0), output=Window(100, -5, 63.0)), NOW)

    assert {name.removeprefix("anthropic-ratelimit-"): value for name, value in told.items()} == {
        "tokens-limit": "1100",
        "tokens-remaining": "400",
        "tokens-reset": "2026-11-20T12:01:03Z",
        "input-tokens-limit": "1000",
        "input-tokens-remaining": "400",
        "input-tokens-reset": "2026-11-20T12:00:36Z",
        "output-tokens-limit": "100",
        "output-tokens-remaining": "0",
        "output-tokens-reset": "2026-11-20T12:01:03Z",
    }


def over(kind: Kind, retry_after_s: float | None, status: int = 429) -> OverLimit:
    return OverLimit(kind, 10, retry_after_s, STANDING, status)


def test_gemini_tells_a_quota_and_a_delay() -> None:
    quota, retry = gemini_details(over("requests", 13.2))

    assert isinstance(quota, dict)
    assert isinstance(retry, dict)
    assert retry["retryDelay"] == "14s"
    assert "PerDay" not in str(quota)
    assert len(gemini_details(over("concurrency", None))) == 1


@pytest.mark.parametrize(
    ("limit", "status", "kind", "code"),
    [
        (over("requests", 1.0), 429, "requests", "rate_limit_exceeded"),
        (over("tokens", 1.0), 429, "tokens", "rate_limit_exceeded"),
        (over("too_large", None), 429, "tokens", "rate_limit_exceeded"),
        (over("growth", 3.0), 429, "requests", "slow_down"),
        (over("concurrency", None), 429, "requests", "rate_limit_exceeded"),
        (over("concurrency", None, 503), 503, "server_error", "server_is_overloaded"),
    ],
)
def test_the_openai_family_words_a_limit(limit: OverLimit, status: int, kind: str, code: str) -> None:
    reason = openai_reason(limit)

    assert (reason.status, reason.type, reason.code) == (status, kind, code)


def test_a_wait_is_told_in_seconds_and_milliseconds_or_not_at_all() -> None:
    assert openai_retry_headers(over("requests", 0.82)) == {"retry-after": "1", "retry-after-ms": "820"}
    assert openai_retry_headers(over("too_large", None)) == {}
    assert said(over("requests", 0.82)).endswith("Please try again in 820ms.")
    assert math.isclose(float("0.82"), over("requests", 0.82).retry_after_s or 0)
