"""What the failures of the OpenAI family are told by: one table, first row that fits. Pure data.

What a provider calls a thing comes before the phrases it uses, and these before the bare status.

Source: shared design page providers.md, sections 2.2 and 2.3.
"""

import re
from typing import Final, NamedTuple

from providers.calls import Value
from providers.errors import (
    BadReply,
    ContentFiltered,
    ContextTooLong,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    Unauthenticated,
)


class Failure(Value):
    """An error body, whatever its shape. `words`: codes, types and names of telling fields, in lower case."""

    status: int
    words: frozenset[str]
    text: str
    told_to_wait: bool


class Row(NamedTuple):
    """A failure is of this kind if its status is listed (none: any), and a word or a phrase fits (neither: always)."""

    name: str
    kind: type[ProviderError]
    statuses: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    phrase: re.Pattern[str] | None = None
    only_if_told_to_wait: bool = False

    def fits(self, failure: Failure) -> bool:
        if self.statuses and failure.status not in self.statuses:
            return False
        if self.only_if_told_to_wait and not failure.told_to_wait:
            return False
        if not self.words and self.phrase is None:
            return True
        said = self.phrase is not None and self.phrase.search(failure.text) is not None
        return said or not self.words.isdisjoint(failure.words)


def _phrase(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_INSIDE_A_SUCCESS: Final = frozenset(range(200, 300))  # an error that gives itself no status

# One test per row: tests/unit/providers/dialects/test_openai_failures.py.
TABLE: Final[tuple[Row, ...]] = (
    Row(
        "filtered by code",
        ContentFiltered,
        words=frozenset(
            (
                "content_filter",
                "content_policy_violation",
                "responsibleaipolicyviolation",
                "misalignment",
                "flagged_input",
            )
        ),
    ),
    Row(
        "filtered as an invalid prompt",
        ContentFiltered,
        statuses=frozenset((400,)),
        phrase=_phrase("usage polic", "content management policy"),
    ),
    Row(
        "filtered by moderation",
        ContentFiltered,
        statuses=frozenset((403,)),
        words=frozenset(("moderation",)),
        phrase=_phrase("moderation", "usage guidelines", "safety_check", r"\bflagged\b"),
    ),
    Row(
        "too long by code",
        ContextTooLong,
        words=frozenset(
            (
                "context_length_exceeded",
                "too_many_prompt_tokens",
                "string_above_max_length",
                "exceed_context_size_error",
            )
        ),
    ),
    Row(
        "too long by phrase",
        ContextTooLong,
        statuses=frozenset((400, 413, 422)),
        phrase=_phrase(
            "maximum context length",
            "reduce the length",
            "context window",
            "prompt is too long",
            "length of all messages is too long",
            "exceeds the maximum number of tokens",
            "exceeds? (?:the )?(?:available )?context",
        ),
    ),
    # One request above the limit of a whole minute: waiting never helps. Before the rate limit, whose code it has.
    Row("larger than the rate", ContextTooLong, statuses=frozenset((413, 429)), phrase=_phrase("request too large")),
    Row(
        "quota by code",
        QuotaExhausted,
        words=frozenset(
            (
                "insufficient_quota",
                "billing_hard_limit_reached",
                "credit_balance_exhausted",
                "organization_spend_limit_exceeded",
                "project_spend_limit_exceeded",
                "organization_usage_limit_exceeded",
            )
        ),
    ),
    Row(
        "quota by phrase",
        QuotaExhausted,
        statuses=frozenset((400, 429)),
        phrase=_phrase("credit balance is too low", "insufficient (?:balance|credits)", "exceeded your current quota"),
    ),
    Row(
        "credits used up at an aggregator",
        QuotaExhausted,
        statuses=frozenset((403,)),
        phrase=_phrase(r"\bcredits?\b", r"\bbalance\b", r"\blimit\b", r"\bpayment\b"),
    ),
    # OpenRouter's budget for calls in flight: frees itself.
    Row("payment that will clear", RateLimited, statuses=frozenset((402,)), only_if_told_to_wait=True),
    Row("payment", QuotaExhausted, statuses=frozenset((402,))),
    # The flex tier has no room; not charged.
    Row(
        "no capacity at this tier",
        Overloaded,
        statuses=frozenset((429,)),
        words=frozenset(("resource_unavailable",)),
        phrase=_phrase("resource unavailable", "resources? (?:is|are) (?:currently )?unavailable"),
    ),
    Row(
        "overloaded by code",
        Overloaded,
        words=frozenset(("server_is_overloaded", "overloaded_error", "insufficient_system_resource")),
    ),
    Row(
        "overloaded by phrase, where no status tells",
        Overloaded,
        statuses=_INSIDE_A_SUCCESS,
        phrase=_phrase(r"\boverloaded\b", "too busy", "over capacity"),
    ),
    Row(
        "rate limit by code",
        RateLimited,
        words=frozenset(("rate_limit_exceeded", "ratelimitreached", "rate_limit_error")),
    ),
    # With 503 the same word is of a server that is short of capacity.
    Row("rate limit by asking to slow down", RateLimited, statuses=_INSIDE_A_SUCCESS, words=frozenset(("slow_down",))),
    Row("rate limit", RateLimited, statuses=frozenset((429,))),
    Row(
        "wrong key by code",
        Unauthenticated,
        words=frozenset(
            (
                "invalid_api_key",
                "authentication_error",
                "permission_error",
                "permissiondenied",
                "unsupported_country_region_territory",
            )
        ),
    ),
    Row("wrong key", Unauthenticated, statuses=frozenset((401,))),
    Row("not allowed", Unauthenticated, statuses=frozenset((403,))),
    Row(
        "no such model by code",
        ModelNotFound,
        words=frozenset(("model_not_found", "deploymentnotfound", "model_decommissioned")),
    ),
    Row(
        "no such model by phrase",
        ModelNotFound,
        statuses=frozenset((400, 422)),
        phrase=_phrase(
            "supported api model names", "is not a valid model", "model .{0,100} (?:does not exist|not found)"
        ),
    ),
    Row("no such model", ModelNotFound, statuses=frozenset((404,))),
    # The model wrote a call to a tool, or JSON, that its own provider found broken: the next try may be sound.
    Row("output found broken", BadReply, words=frozenset(("tool_use_failed", "json_validate_failed"))),
    Row("provider's own timeout", TimedOut, statuses=frozenset((408, 504))),
    Row("conflict", ServerFault, statuses=frozenset((409,))),
    Row("overloaded", Overloaded, statuses=frozenset((503, 529))),
    Row("other fault of the server", ServerFault, statuses=frozenset(range(500, 600))),
    Row(
        "fault by code, where no status tells",
        ServerFault,
        statuses=_INSIDE_A_SUCCESS,
        words=frozenset(("server_error", "internal_server_error", "internal_error", "api_error")),
    ),
    Row("unreadable success", BadReply, statuses=_INSIDE_A_SUCCESS),
    # Everything else: a request that is wrong for this target, or a redirect, which is never followed.
    Row("refused", Refused),
)
