"""What each scripted fault of the emulator has to mean to our client, at each provider: tables, and one look-up.

Classes: shared design page providers.md, sections 2.2 and 2.3 (and 1.9, "finish", for what comes with a success). A
fault that a vendor cannot have is worded as the OpenAI family words it; where that vendor's own table has no such row,
the row that its status or name falls under is the exception listed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from providers.calls import Reply
from providers.errors import (
    BadReply,
    ContentFiltered,
    ContextTooLong,
    CutOff,
    DeadlineExceeded,
    EmptyReply,
    Interrupted,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    Stalled,
    TimedOut,
    Unauthenticated,
)
from tests.acceptance.conformance import Way

Result: TypeAlias = type[Reply] | type[ProviderError]

_ANTHROPIC, _GOOGLE = ("anthropic",), ("google",)
FAMILY: Final = ("openai", "aimlapi", "azure", "openrouter", "deepseek")
_THE_OTHERS: Final = (*_ANTHROPIC, *_GOOGLE)


def _at(providers: tuple[str, ...], result: Result) -> dict[str, Result]:
    return dict.fromkeys(providers, result)


@dataclass(frozen=True)
class Meaning:
    """What a fault comes to. `streamed`: where a stream meets it otherwise than a whole answer.

    `but`: at these providers it is something else, whichever way the answer comes. `only`: no other provider plays the
    fault, and its answer is a good one.
    """

    whole: Result
    streamed: Result | None = None
    but: Mapping[str, Result] | None = None
    but_streamed: Mapping[str, Result] | None = None
    only: tuple[str, ...] = ()

    def at(self, provider: str, way: Way) -> Result:
        """The class that our client has to make of it."""
        if self.only and provider not in self.only:
            return Reply
        exceptions = dict(self.but or {}) | (dict(self.but_streamed or {}) if way == "streamed" else {})
        usual = (self.streamed or self.whole) if way == "streamed" else self.whole
        return exceptions.get(provider, usual)


# The vendor says no: a status that is no success, the same for a stream, and never billed.
REFUSALS: Final[Mapping[str, Meaning]] = {
    "307": Meaning(Refused),  # never followed (section 7.2)
    "400": Meaning(Refused),
    "400_billing": Meaning(Unauthenticated, only=_GOOGLE),
    "400_context": Meaning(ContextTooLong),
    "400_credit": Meaning(QuotaExhausted, only=_ANTHROPIC),
    "400_expired": Meaning(Unauthenticated, only=_GOOGLE),
    "400_filter": Meaning(ContentFiltered, but=_at(_THE_OTHERS, Refused)),  # "anything else" in both their tables
    "400_grammar": Meaning(Refused, only=_ANTHROPIC),
    # The object that tells of it has no place in the bodies of these four.
    "400_misalignment": Meaning(ContentFiltered, but=_at(("aimlapi", "deepseek", *_THE_OTHERS), Refused)),
    "400_on_hold": Meaning(Unauthenticated, only=_ANTHROPIC),
    "400_range": Meaning(Refused, only=_GOOGLE),
    "400_system_role": Meaning(Refused),
    "401": Meaning(Unauthenticated),
    "401_oauth": Meaning(Unauthenticated, only=_GOOGLE),
    "402": Meaning(QuotaExhausted, but=_at(_GOOGLE, Refused)),  # Google knows no 402: its INVALID_ARGUMENT
    # OpenRouter's. A body of the family that says when to come back is transient wherever it comes from.
    "402_in_flight": Meaning(RateLimited, but=_at(_ANTHROPIC, QuotaExhausted) | _at(_GOOGLE, Refused)),
    "403": Meaning(Unauthenticated),
    "403_credits": Meaning(QuotaExhausted, but=_at(_THE_OTHERS, Unauthenticated)),  # AIMLAPI's
    "403_flagged": Meaning(ContentFiltered, but=_at(_THE_OTHERS, Unauthenticated)),  # OpenRouter's
    "404": Meaning(ModelNotFound),
    "408": Meaning(TimedOut, but=_at(_GOOGLE, Refused)),  # Google knows no 408: its INVALID_ARGUMENT
    "409": Meaning(ServerFault),
    "413": Meaning(Refused, but=_at(_ANTHROPIC, ContextTooLong)),
    "413_text": Meaning(ContextTooLong, but=_at(_GOOGLE, Refused)),
    "422": Meaning(Refused),
    "429": Meaning(RateLimited),
    "429_flex": Meaning(Overloaded, but=_at(_THE_OTHERS, RateLimited)),
    "429_quota": Meaning(QuotaExhausted),
    "429_ramp": Meaning(RateLimited, only=_ANTHROPIC),
    "429_slow_down": Meaning(RateLimited),
    "429_too_large": Meaning(ContextTooLong, but=_at(_THE_OTHERS, RateLimited)),
    "499": Meaning(Interrupted, only=_GOOGLE),
    "500": Meaning(ServerFault),
    "500_hidden_400": Meaning(Refused, but=_at(_THE_OTHERS, ServerFault)),  # AIMLAPI's
    "501": Meaning(Refused, only=_GOOGLE),
    "502": Meaning(ServerFault),
    "503": Meaning(Overloaded),
    "504": Meaning(TimedOut),
    "529": Meaning(Overloaded),
    "echo_authorization": Meaning(Unauthenticated),
}

# The model did something else than answer well. What it did is billed, and told: to the token.
DEEDS: Final[Mapping[str, Meaning]] = {
    "blocked": Meaning(ContentFiltered, only=_GOOGLE),
    "cached": Meaning(Reply),
    "content_filter": Meaning(ContentFiltered),
    "continuation": Meaning(Reply),  # only gemini-4-argon plays it, see the module of tests
    "empty": Meaning(EmptyReply),
    "fenced": Meaning(Reply),
    "insufficient_system_resource": Meaning(Overloaded, only=FAMILY),
    "length": Meaning(CutOff),
    "malformed_call": Meaning(BadReply, only=_GOOGLE),
    "odd_characters": Meaning(Reply),
    "other_language": Meaning(Reply, only=FAMILY),
    "other_model": Meaning(Reply),
    "other_schema": Meaning(Reply),
    "pause_turn": Meaning(BadReply, only=_ANTHROPIC),
    "recitation": Meaning(ContentFiltered, only=_GOOGLE),
    "refusal": Meaning(ContentFiltered),
    "says": Meaning(Reply, only=FAMILY),
    "tool_call": Meaning(Reply),  # no tools are offered here: a model that may call none answers in words
    "window_exceeded": Meaning(CutOff, only=_ANTHROPIC),
}

# What is written about a good answer is wrong. It is billed as the good one that it is, unless it is the vendor's own
# failure after the start (`error_in_200`).
LIES: Final[Mapping[str, Meaning]] = {
    # A stream without choices never says that the model has finished.
    "choices_empty": Meaning(BadReply, Interrupted, but=_at(_ANTHROPIC, EmptyReply)),
    # Anthropic's first event holds no content anyway, so that a null there takes nothing away.
    "choices_null": Meaning(BadReply, Interrupted, but_streamed=_at(_ANTHROPIC, Reply)),
    "error_in_200": Meaning(ServerFault),
    "finish_empty": Meaning(Reply),  # of a whole answer all has come; a stream says the word in its last chunk
    "message_null": Meaning(EmptyReply, only=FAMILY),
    "usage_above_limit": Meaning(Reply),
    "usage_missing": Meaning(Reply),
    "usage_negative": Meaning(Reply),
    "usage_words": Meaning(Reply, only=FAMILY),
    "wrong_json": Meaning(BadReply, Interrupted),
    # Google's dialect sees that no piece has any of its fields; to the others the stream never finishes.
    "wrong_shape": Meaning(BadReply, Interrupted, but_streamed=_at(_GOOGLE, BadReply)),
}

# The way is broken, or merely strange. The model has worked all the same.
MISHAPS: Final[Mapping[str, Meaning]] = {
    "blank_lines": Meaning(Reply),
    "close": Meaning(Interrupted),
    "close_after_response": Meaning(Reply),
    "close_after_work": Meaning(Interrupted),
    "cut": Meaning(Reply, Interrupted),  # a whole answer has no border at which it could end politely
    "gzip_bomb": Meaning(BadReply),
    "html_in_200": Meaning(BadReply),
    "huge": Meaning(BadReply),
    "idle_close": Meaning(Reply),
    "long_string": Meaning(BadReply),
    "reset": Meaning(Interrupted),
    "reset_after_headers": Meaning(Interrupted),
    "reset_before": Meaning(Interrupted),
    "split": Meaning(Reply),
    # Each says in its own words what broke: a server error here, an overload there.
    "stream_error": Meaning(Reply, ServerFault, but_streamed=_at(_THE_OTHERS, Overloaded)),
    "truncated": Meaning(BadReply, Interrupted),
    "wrong_content_type": Meaning(Reply),
}

# Nothing comes, or nothing that gets on: a whole answer waits for its deadline, a stream for its progress.
STANDSTILLS: Final[Mapping[str, Meaning]] = {
    "drip": Meaning(DeadlineExceeded, Stalled),
    "endless": Meaning(DeadlineExceeded, Stalled),
    "stall": Meaning(DeadlineExceeded, Stalled),
    "stall_mid": Meaning(DeadlineExceeded, Stalled),
}

# Of batches; a chat never meets them.
NOT_OF_CHATS: Final = frozenset({"batch_expired", "batch_failed", "batch_loses", "batch_repeats"})

ALL: Final[Mapping[str, Meaning]] = {**REFUSALS, **DEEDS, **LIES, **MISHAPS, **STANDSTILLS}

# The knobs that keep a fault quick, or make it bite.
ARGS: Final[Mapping[str, dict[str, Any]]] = {
    "drip": {"interval_ms": 40},
    "endless": {"interval_ms": 40},
    "gzip_bomb": {"size_mb": 9},  # one above what we read
    "huge": {"size_mb": 9},
    "long_string": {"size_mb": 9},
    "split": {"crlf": True},
}
UNBILLED: Final = frozenset({"close", "error_in_200"})  # no work was done; nor for a refusal
