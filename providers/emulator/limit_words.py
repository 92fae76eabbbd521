"""How each dialect tells its limits: headers on every answer, and what a refusal adds. Pure.

Source: shared design page providers.md, sections 1.1 (durations such as 6m0s), 1.4 (negative values), 2.3 and
appendices A3 to A5.
"""

import math
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from providers.emulator.limits import Kind, OverLimit, Standing, Window
from providers.emulator.refusals import Reason

_TYPES: Final = "type.googleapis.com/google.rpc."
_QUOTA_IDS: Final[dict[Kind, str]] = {
    "tokens": "GenerateContentInputTokensPerModelPerMinute",
    "too_large": "GenerateContentInputTokensPerModelPerMinute",
}
_SAID: Final[dict[Kind, str]] = {
    "requests": "Rate limit reached on requests per min (RPM): Limit {limit}.",
    "tokens": "Rate limit reached on tokens per min (TPM): Limit {limit}.",
    "output_tokens": "Rate limit reached on output tokens per min (OTPM): Limit {limit}.",
    "too_large": "Request too large on tokens per min (TPM): Limit {limit}.",
    "concurrency": "Too many concurrent requests: Limit {limit}.",
    "growth": "Slow down: your request rate grows too fast. Please keep it steady and increase it gradually.",
}


def duration(seconds: float) -> str:
    """A duration in OpenAI's spelling: 12ms, 1s, 1.5s, 6m0s, 1h0m0s."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    whole, part = divmod(math.ceil(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{rest}{f'.{part:03}'.rstrip('0') if part else ''}s"


def openai_headers(standing: Standing) -> dict[str, str]:
    """The six x-ratelimit headers, as far as there are limits."""
    rows: dict[str, str] = {}
    for name, window in (("requests", standing.requests), ("tokens", standing.tokens)):
        if window is not None:
            rows |= _openai_rows(name, window)
    return rows


def azure_headers(standing: Standing) -> dict[str, str]:
    """OpenAI's; a limit that is not known is told as -1."""
    unknown = {
        f"x-ratelimit-{figure}-{name}": "-1" for figure in ("limit", "remaining") for name in ("requests", "tokens")
    }
    return unknown | openai_headers(standing)


def no_headers(_standing: Standing) -> dict[str, str]:
    """Of vendors who tell nothing."""
    return {}


def anthropic_headers(standing: Standing, now: datetime) -> dict[str, str]:
    """Limit, remaining and reset time of requests, of tokens in and out, and of both together; by the vendor's clock.

    Of both together: the sum of what is limited, and whole again when the last of them is. General knowledge.
    """
    named = {
        "requests": standing.requests,
        "tokens": _together(standing.tokens, standing.output),
        "input-tokens": standing.tokens,
        "output-tokens": standing.output,
    }
    rows: dict[str, str] = {}
    for name, window in named.items():
        if window is not None:
            at = (now + timedelta(seconds=math.ceil(window.reset_s))).strftime("%Y-%m-%dT%H:%M:%SZ")
            head = f"anthropic-ratelimit-{name}"
            remaining = str(max(0, window.remaining))
            rows |= {f"{head}-limit": str(window.limit), f"{head}-remaining": remaining, f"{head}-reset": at}
    return rows


def gemini_details(over: OverLimit) -> list[JsonValue]:
    """The `details` of a RESOURCE_EXHAUSTED error."""
    quota = _QUOTA_IDS.get(over.kind, "GenerateRequestsPerMinutePerProjectPerModel")
    violation: JsonValue = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
        "quotaId": quota,
        "quotaValue": str(over.limit),
    }
    details: list[JsonValue] = [{"@type": f"{_TYPES}QuotaFailure", "violations": [violation]}]
    if over.retry_after_s is not None:
        details.append({"@type": f"{_TYPES}RetryInfo", "retryDelay": f"{math.ceil(over.retry_after_s)}s"})
    return details


def retry_headers(over: OverLimit) -> dict[str, str]:
    """`retry-after` in whole seconds, if a time can be told; Anthropic tells this much."""
    return {} if over.retry_after_s is None else {"retry-after": str(math.ceil(over.retry_after_s))}


def openai_retry_headers(over: OverLimit) -> dict[str, str]:
    """`retry-after` and `retry-after-ms`."""
    if over.retry_after_s is None:
        return {}
    return retry_headers(over) | {"retry-after-ms": str(math.ceil(over.retry_after_s * 1000))}


def openai_reason(over: OverLimit) -> Reason:
    """The refusal in the OpenAI family's words, without headers: those differ from vendor to vendor."""
    message = said(over)
    if over.status == 503:
        return Reason(503, "The engine is currently overloaded.", type="server_error", code="server_is_overloaded")
    if over.kind == "growth":
        return Reason(429, message, type="requests", code="slow_down")
    kind = "tokens" if over.kind in ("tokens", "too_large") else "requests"
    return Reason(429, message, type=kind, code="rate_limit_exceeded")


def said(over: OverLimit) -> str:
    """One English sentence, which every dialect can put into its own error body."""
    wait = "" if over.retry_after_s is None else f" Please try again in {duration(over.retry_after_s)}."
    return _SAID[over.kind].format(limit=over.limit) + wait


def _openai_rows(name: str, window: Window) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{name}": str(window.limit),
        f"x-ratelimit-remaining-{name}": str(max(0, window.remaining)),
        f"x-ratelimit-reset-{name}": duration(window.reset_s),
    }


def _together(one: Window | None, other: Window | None) -> Window | None:
    if one is None or other is None:
        return one or other
    left = max(0, one.remaining) + max(0, other.remaining)
    return Window(one.limit + other.limit, left, max(one.reset_s, other.reset_s))
