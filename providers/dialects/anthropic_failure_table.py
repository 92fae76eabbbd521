"""What the failures of Anthropic are told by: one table, first row that fits. Pure data.

What the provider calls a thing comes before the phrases it uses, and these before the bare status: an error in
mid-stream has the status 200, and one from the edge of its network has nothing but a status.

Source: shared design page providers.md, sections 1.2, 2.2 and 2.3.
"""

import re
from typing import Final, NamedTuple

from providers.calls import Value
from providers.errors import (
    BadReply,
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
    """An error body, read leniently. `words` are its type and codes, in lower case."""

    status: int
    words: frozenset[str]
    text: str


class Row(NamedTuple):
    """A failure is of this kind if its status is listed (none: any), one of its words fits and its text says so.

    What a row leaves out is not asked for. A word fits as a whole, a phrase anywhere in the text.
    """

    name: str
    kind: type[ProviderError]
    statuses: frozenset[int] = frozenset()
    word: re.Pattern[str] | None = None
    phrase: re.Pattern[str] | None = None

    def fits(self, failure: Failure) -> bool:
        if self.statuses and failure.status not in self.statuses:
            return False
        if self.word is not None and not any(self.word.fullmatch(word) for word in failure.words):
            return False
        return self.phrase is None or self.phrase.search(failure.text) is not None


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_SUCCESS: Final = frozenset(range(200, 300))  # the status of an error in mid-stream
# 413 is a wrong request as well: the edge sends it for its size in bytes, the model's server for its tokens.
_WRONG: Final = _SUCCESS | {400, 413}

# One test per row: tests/unit/providers/dialects/test_anthropic_failures.py.
TABLE: Final[tuple[Row, ...]] = (
    # All three come as another failure's type; the detail, or the phrase, says what they are.
    Row("organisation on hold", Unauthenticated, word=_any("organization_on_hold")),
    Row(
        "spend limit",
        QuotaExhausted,
        word=_any("enforced_spend_limit_reached", "contract_spend_limit_reached", r"linked_organization_\w+"),
    ),
    Row("no credit", QuotaExhausted, statuses=_SUCCESS | {400, 429}, phrase=_any("credit balance is too low")),
    Row(
        "prompt too long",
        ContextTooLong,
        statuses=_WRONG,
        phrase=_any("prompt is too long", r"exceeds? (?:the )?context limit"),
    ),
    Row("request too large by type", ContextTooLong, word=_any("request_too_large")),
    Row("billing by type", QuotaExhausted, word=_any("billing_error")),
    Row("overloaded by type", Overloaded, word=_any("overloaded_error")),
    Row("rate limit by type", RateLimited, word=_any("rate_limit_error", "ramp_limit_exceeded")),
    Row("wrong key by type", Unauthenticated, word=_any("authentication_error")),
    Row("not allowed by type", Unauthenticated, word=_any("permission_error")),
    Row("no such model by type", ModelNotFound, word=_any("not_found_error")),
    Row("provider's own timeout by type", TimedOut, word=_any("timeout_error")),
    Row("conflict by type", ServerFault, word=_any("conflict_error")),
    Row("fault of the server by type", ServerFault, word=_any("api_error")),
    # No type that we know: a gateway's page, a proxy in between, a body that was cut.
    Row("wrong key", Unauthenticated, statuses=frozenset((401,))),
    Row("payment", QuotaExhausted, statuses=frozenset((402,))),
    Row("not allowed", Unauthenticated, statuses=frozenset((403,))),
    Row("no such model", ModelNotFound, statuses=frozenset((404,))),
    Row("provider's own timeout", TimedOut, statuses=frozenset((408, 504))),
    Row("conflict", ServerFault, statuses=frozenset((409,))),
    Row("request too large", ContextTooLong, statuses=frozenset((413,))),
    Row("rate limit", RateLimited, statuses=frozenset((429,))),
    Row("overloaded", Overloaded, statuses=frozenset((503, 529))),
    Row("other fault of the server", ServerFault, statuses=frozenset(range(500, 600))),
    # Inside a success this is still a refusal. The status comes first elsewhere: a 413 may say no more than this.
    Row("refused by type", Refused, word=_any("invalid_request_error")),
    Row("unreadable success", BadReply, statuses=_SUCCESS),
    # Everything else: a request that is wrong for this target, or a redirect, which is never followed.
    Row("refused", Refused),
)
