"""What the failures of generateContent are told by: one table, first row that fits. Pure data.

Google names its failures: a name or a reason decides first, then a phrase, and the bare status last, for gateways that
answer in Google's place.

Source: shared design page providers.md, sections 2.2 and 2.3, part Gemini.
"""

import re
from typing import Final, NamedTuple

from providers.calls import Value
from providers.errors import (
    BadReply,
    ContextTooLong,
    Interrupted,
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

DAILY: Final = "a quota of the day"  # our own word, for any quota whose id says PerDay


class Failure(Value):
    """An error body, whatever its shape. `words`: names and reasons as Google writes them, and `DAILY`."""

    status: int
    words: frozenset[str]
    text: str


class Row(NamedTuple):
    """A failure is of this kind if its status is listed (none: any) and it says a word or the phrase (if there are)."""

    name: str
    kind: type[ProviderError]
    statuses: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    phrase: re.Pattern[str] | None = None

    def fits(self, failure: Failure) -> bool:
        if self.statuses and failure.status not in self.statuses:
            return False
        if self.phrase is not None:
            return self.phrase.search(failure.text) is not None
        return not self.words or not self.words.isdisjoint(failure.words)


def _words(*names: str) -> frozenset[str]:
    return frozenset(names)


def _phrase(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _at(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


# One test per row: tests/unit/providers/dialects/test_gemini_failures.py.
TABLE: Final[tuple[Row, ...]] = (
    Row(
        "too long",
        ContextTooLong,
        statuses=_at(400),
        phrase=_phrase(r"input token count\b.{0,100}\bexceeds the maximum", "exceeds the maximum number of tokens"),
    ),
    # A wrong key comes as INVALID_ARGUMENT, and only its reason tells. A gateway may have dropped that.
    Row("wrong key by reason", Unauthenticated, words=_words("API_KEY_INVALID", "API_KEY_EXPIRED")),
    Row(
        "wrong key by phrase",
        Unauthenticated,
        statuses=_at(400),
        phrase=_phrase(r"api key (?:is )?(?:not valid|invalid|expired)"),
    ),
    # Billing is off, or the service is not offered where we are: the account's fault, not the request's.
    Row("account not ready", Unauthenticated, words=_words("FAILED_PRECONDITION")),
    Row("not allowed by name", Unauthenticated, words=_words("UNAUTHENTICATED", "PERMISSION_DENIED")),
    Row("quota of the day", QuotaExhausted, words=_words(DAILY)),
    Row(
        "spend limit",
        QuotaExhausted,
        statuses=_at(429),
        phrase=_phrase(r"\bspend(?:ing)?[ -](?:limit|cap)\b", r"\bcredits? (?:is|are) (?:depleted|exhausted)\b"),
    ),
    Row("rate limit by name", RateLimited, words=_words("RESOURCE_EXHAUSTED")),
    Row("no such model by name", ModelNotFound, words=_words("NOT_FOUND")),
    Row("conflict by name", ServerFault, words=_words("ABORTED", "ALREADY_EXISTS")),
    # Not by us: we would be gone. Something between the model and us gave up.
    Row("canceled by name", Interrupted, words=_words("CANCELLED")),
    Row("overloaded by name", Overloaded, words=_words("UNAVAILABLE")),
    Row("out of time by name", TimedOut, words=_words("DEADLINE_EXCEEDED")),
    Row("fault by name", ServerFault, words=_words("INTERNAL", "UNKNOWN", "DATA_LOSS")),
    Row("refused by name", Refused, words=_words("INVALID_ARGUMENT", "OUT_OF_RANGE", "UNIMPLEMENTED")),
    Row("not allowed", Unauthenticated, statuses=_at(401, 403)),
    Row("no such model", ModelNotFound, statuses=_at(404)),
    Row("out of time", TimedOut, statuses=_at(408, 504)),
    Row("conflict", ServerFault, statuses=_at(409)),
    Row("rate limit", RateLimited, statuses=_at(429)),
    Row("canceled", Interrupted, statuses=_at(499)),
    Row("not offered", Refused, statuses=_at(501)),
    Row("overloaded", Overloaded, statuses=_at(503, 529)),
    Row("other fault of the server", ServerFault, statuses=frozenset(range(500, 600))),
    Row("unreadable success", BadReply, statuses=frozenset(range(200, 300))),
    # Everything else: a request that is wrong for this target, or a redirect, which is never followed.
    Row("refused", Refused),
)
