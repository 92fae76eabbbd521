"""What can go wrong between us and a provider, one class per thing the caller should do.

    ProviderError
    ├── Unreachable          no connection, nothing was sent: nothing can have been billed
    ├── Interrupted          the exchange broke after the first byte left: may have been billed
    │   ├── DeadlineExceeded our own total deadline passed
    │   └── Stalled          a stream made no progress for too long, alive or not
    ├── RateLimited          wait `retry_after_s`, or go elsewhere
    │   └── QuotaExhausted   waiting does not help: credits or a hard limit are used up
    ├── Overloaded           the provider is short of capacity
    ├── ServerFault          the provider broke
    │   └── TimedOut         the provider gave up waiting for its own model
    ├── Refused              the request is wrong for this target; repeating it cannot help
    │   ├── Unauthenticated  the key is missing, wrong or not allowed
    │   ├── ModelNotFound    the target does not exist (any more)
    │   ├── ContextTooLong   the prompt does not fit this model's window
    │   └── ContentFiltered  the provider refused the content
    ├── BadReply             a success status around something unusable
    │   ├── EmptyReply       no answer text (all output spent on reasoning, or none at all)
    │   └── CutOff           the output limit ended the answer in mid-word
    ├── NotAdmitted          our own gate held the call back: nothing was sent. Wait `retry_after_s`, or go elsewhere
    │   ├── CircuitOpen      the target is out of order, or is being tried by another call
    │   ├── Saturated        no permit, request or token is left, or the provider asked for a pause
    │   ├── KeyParked        every key was refused lately: missing rights, or no credit
    │   └── Withheld         the caller's own condition for a call (its money) was not met
    └── Canceled             we stopped it ourselves

`retryable` and `may_be_billed` have a default per class; an instance may know better (a provider's own word on
repeating, a call that was stopped before its first byte left).

Messages are for the operator and never hold a key: `providers/client.py` masks them. Source of the classes:
shared design page providers.md, section 2.
"""

from typing import ClassVar, Literal, TypeAlias

from providers.calls import LimitReading, Usage

ErrorType: TypeAlias = Literal[
    "authentication",
    "rate_limit",
    "quota",
    "invalid_request",
    "context_length",
    "content_filter",
    "overloaded",
    "api_error",
    "network_error",
    "timeout",
    "canceled",
]


class ProviderError(Exception):
    """Base. `may_be_billed` says whether the provider could charge for the exchange.

    `usage` and `model_served` are what a failure inside a success answer said of itself: such tokens are billed.
    `limits` are what the answer, if one came, said of rate limits.
    """

    code: ClassVar[str] = "provider_error"
    type: ClassVar[ErrorType] = "api_error"
    retryable: bool = True
    may_be_billed: bool = False

    def __init__(
        self, message: str, *, provider: str = "", status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.status = status
        self.request_id = request_id
        self.usage: Usage | None = None
        self.model_served = ""
        self.limits: tuple[LimitReading, ...] = ()


class Unreachable(ProviderError):
    code: ClassVar[str] = "unreachable"
    type: ClassVar[ErrorType] = "network_error"


class Interrupted(ProviderError):
    code: ClassVar[str] = "interrupted"
    type: ClassVar[ErrorType] = "network_error"
    may_be_billed: bool = True


class DeadlineExceeded(Interrupted):
    code: ClassVar[str] = "deadline_exceeded"
    type: ClassVar[ErrorType] = "timeout"


class Stalled(Interrupted):
    code: ClassVar[str] = "stalled"
    type: ClassVar[ErrorType] = "timeout"


class RateLimited(ProviderError):
    """`retry_after_s` is what the provider asked for, or None when it did not say."""

    code: ClassVar[str] = "rate_limited"
    type: ClassVar[ErrorType] = "rate_limit"

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        provider: str = "",
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, provider=provider, status=status, request_id=request_id)
        self.retry_after_s = retry_after_s


class QuotaExhausted(RateLimited):
    code: ClassVar[str] = "quota_exhausted"
    type: ClassVar[ErrorType] = "quota"


class Overloaded(ProviderError):
    code: ClassVar[str] = "overloaded"
    type: ClassVar[ErrorType] = "overloaded"


class ServerFault(ProviderError):
    code: ClassVar[str] = "server_fault"
    type: ClassVar[ErrorType] = "api_error"


class TimedOut(ServerFault):
    """The provider's own time ran out (408, 504). The model may have worked, and been paid, until then."""

    code: ClassVar[str] = "timed_out"
    type: ClassVar[ErrorType] = "timeout"
    may_be_billed: bool = True


class Refused(ProviderError):
    code: ClassVar[str] = "refused"
    type: ClassVar[ErrorType] = "invalid_request"
    retryable: bool = False


class Unauthenticated(Refused):
    code: ClassVar[str] = "unauthenticated"
    type: ClassVar[ErrorType] = "authentication"


class ModelNotFound(Refused):
    code: ClassVar[str] = "model_not_found"


class ContextTooLong(Refused):
    code: ClassVar[str] = "context_too_long"
    type: ClassVar[ErrorType] = "context_length"


class ContentFiltered(Refused):
    """Some providers answer a refusal with 200 and bill the tokens; `may_be_billed` covers that."""

    code: ClassVar[str] = "content_filtered"
    type: ClassVar[ErrorType] = "content_filter"
    may_be_billed: bool = True


class BadReply(ProviderError):
    code: ClassVar[str] = "bad_reply"
    type: ClassVar[ErrorType] = "api_error"
    may_be_billed: bool = True


class EmptyReply(BadReply):
    code: ClassVar[str] = "empty_reply"


class CutOff(BadReply):
    code: ClassVar[str] = "cut_off"


class NotAdmitted(ProviderError):
    """`reason` is for the operator; `retry_after_s` is when asking again can make sense, in seconds."""

    code: ClassVar[str] = "not_admitted"
    type: ClassVar[ErrorType] = "overloaded"

    def __init__(self, message: str, *, reason: str, retry_after_s: float, provider: str = "") -> None:
        super().__init__(message, provider=provider)
        self.reason = reason
        self.retry_after_s = retry_after_s


class CircuitOpen(NotAdmitted):
    code: ClassVar[str] = "circuit_open"


class Saturated(NotAdmitted):
    code: ClassVar[str] = "saturated"
    type: ClassVar[ErrorType] = "rate_limit"


class KeyParked(NotAdmitted):
    code: ClassVar[str] = "key_parked"
    type: ClassVar[ErrorType] = "authentication"


class Withheld(NotAdmitted):
    """`final`: waiting does not help; else it may be met after `retry_after_s`."""

    code: ClassVar[str] = "withheld"
    type: ClassVar[ErrorType] = "quota"

    def __init__(self, message: str, *, reason: str, retry_after_s: float, final: bool, provider: str = "") -> None:
        super().__init__(message, reason=reason, retry_after_s=retry_after_s, provider=provider)
        self.final = final


class Canceled(ProviderError):
    code: ClassVar[str] = "canceled"
    type: ClassVar[ErrorType] = "canceled"
    retryable: bool = False
    may_be_billed: bool = True
