"""The numbers behind the gate, and what an outcome means to it: tables and pure functions, no state.

Source of the weights and of the parks: shared design page providers.md, section 2.1; of the limits: section 2.5.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from pydantic import Field

from providers.calls import LimitReading, Reply, Usage, Value
from providers.errors import (
    ErrorType,
    NotAdmitted,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Unauthenticated,
    Unreachable,
)

Outcome: TypeAlias = Reply | ProviderError
SettlementKind: TypeAlias = Literal["success", "rate_limit", "park", "other"]


class CircuitRules(Value):
    """When a circuit opens, for how long, and how traffic returns.

    It opens on at least `min_faults` of weight and at least `fault_percent` of the calls of the last `window_s`. It
    stays open `open_s`, twice that after each opening that follows without a full return, up to `open_cap_s`; the
    target's own share of `jitter_percent` comes on top. `ramp` is the share of calls, in percent, that pass in each
    step of the return; `ramp_successes` end a step. What nobody used for `forget_s` starts afresh.
    """

    window_s: float = Field(default=30.0, gt=0)
    min_faults: int = Field(default=6, gt=0)
    fault_percent: int = Field(default=50, ge=0, le=100)
    open_s: float = Field(default=5.0, gt=0)
    open_cap_s: float = Field(default=120.0, gt=0)
    jitter_percent: int = Field(default=20, ge=0, le=100)
    ramp: tuple[int, ...] = (25, 50, 75)
    ramp_successes: int = Field(default=3, gt=0)
    recheck_s: float = Field(default=1.0, gt=0)  # what a caller is told to wait while a probe is out
    forget_s: float = Field(default=3_600.0, gt=0)


class LimitRules(Value):
    """How many calls of a key may be under way, and how long a key rests.

    Permits start at `start_permits`; each window of as many successes as there are permits adds `step_up` if they were
    all in use, a rate limit halves them, at most once in `cut_every_s`. `most_permits` holds where the card names no
    concurrency. A rate limit that told no wait pauses the key for `pause_s`, doubled with each in a row up to
    `pause_cap_s`, times a share between a half and one. A dead key is tried again after `park_s`, an exhausted one
    after `quota_park_s` unless the provider told when.
    """

    start_permits: int = Field(default=16, gt=0)
    most_permits: int = Field(default=64, gt=0)
    step_up: float = Field(default=1.0, gt=0)
    cut_every_s: float = Field(default=5.0, gt=0)
    pause_s: float = Field(default=0.5, gt=0)
    pause_cap_s: float = Field(default=600.0, gt=0)
    park_s: float = Field(default=3_600.0, gt=0)
    quota_park_s: float = Field(default=900.0, gt=0)
    permit_wait_s: float = Field(default=0.5, gt=0)  # what a caller is told to wait for a permit; calls take seconds
    memory_s: float = Field(default=600.0, gt=0)  # how long an expired permit is remembered; above any call's timeout
    forget_s: float = Field(default=3_600.0, gt=0)
    alone_permits: int = Field(default=4, gt=0)  # a provider's, in each process, while Redis is away


WEIGHTS: Final[Mapping[ErrorType, int]] = {
    "authentication": 0,
    "rate_limit": 0,
    "quota": 0,
    "invalid_request": 0,
    "context_length": 0,
    "content_filter": 0,
    "canceled": 0,
    "overloaded": 1,
    "api_error": 1,
    "network_error": 1,
    "timeout": 1,
}

# Who refuses a request in its own right is at work: such an answer ends a probe as well as a good one.
ALIVE: Final[frozenset[ErrorType]] = frozenset({"invalid_request", "context_length", "content_filter"})

# Classes that weigh other than their type does; the nearest ancestor counts.
WEIGHTS_BY_CLASS: Final[Mapping[type[ProviderError], int]] = {Unreachable: 2, NotAdmitted: 0}


class Evidence(Value):
    """What an outcome says of the target's health: a fault of some weight, a sign of life, or nothing at all."""

    weight: int = Field(ge=0)
    alive: bool
    code: str = ""


def evidence(outcome: Outcome) -> Evidence:
    """What a circuit learns from an outcome. Rate limits, quotas and keys say nothing of the target's health."""
    if isinstance(outcome, Reply):
        return Evidence(weight=0, alive=True)
    by_class = (WEIGHTS_BY_CLASS[cls] for cls in type(outcome).__mro__ if cls in WEIGHTS_BY_CLASS)
    weight = next(by_class, WEIGHTS[outcome.type])
    return Evidence(weight=weight, alive=outcome.type in ALIVE, code=outcome.code)


class Bucket(Value):
    """The strictest that an answer said of one bucket."""

    limit: int | None = None
    remaining: int | None = None
    reset_s: float | None = None


class Settlement(Value):
    """What a key's limits learn from an outcome.

    `told_s` is the wait that a rate limit named, `park_s` how long the key counts as dead; `tokens_back` were held and
    not used (negative: used beyond what was held). `rest_s` is a limit without a bucket of ours that is used up.
    """

    kind: SettlementKind
    told_s: float | None = None
    park_s: float = 0.0
    why: str = ""
    tokens_back: int = 0
    requests: Bucket | None = None
    tokens: Bucket | None = None
    rest_s: float = 0.0


def settlement(outcome: Outcome, *, tokens: int, rules: LimitRules) -> Settlement:
    """Read an outcome for the limits.

    Args:
        tokens: what the call held of the token bucket.
    """
    readings = outcome.limits
    return Settlement(
        kind=_kind(outcome),
        told_s=outcome.retry_after_s if isinstance(outcome, RateLimited) else None,
        park_s=_park_s(outcome, rules),
        why=_why(outcome),
        tokens_back=tokens - _used(outcome, tokens),
        requests=strictest(readings, {"requests"}),
        tokens=strictest(readings, {"tokens", "input_tokens"}),
        rest_s=_rest_s(readings),
    )


def strictest(readings: Iterable[LimitReading], kinds: set[str]) -> Bucket | None:
    """Join what was said of one bucket under several names; None: nothing was."""
    found = [reading for reading in readings if reading.of in kinds]
    if not found:
        return None
    tightest = min(found, key=lambda reading: float("inf") if reading.remaining is None else reading.remaining)
    limits = [reading.limit for reading in found if reading.limit is not None]
    return Bucket(limit=min(limits, default=None), remaining=tightest.remaining, reset_s=tightest.reset_s)


def _kind(outcome: Outcome) -> SettlementKind:
    if isinstance(outcome, Reply) or outcome.type in ALIVE:
        return "success"
    if isinstance(outcome, Unauthenticated | QuotaExhausted):
        return "park"
    return "rate_limit" if isinstance(outcome, RateLimited) else "other"


def _park_s(outcome: Outcome, rules: LimitRules) -> float:
    if isinstance(outcome, QuotaExhausted):
        return outcome.retry_after_s or rules.quota_park_s
    return rules.park_s if isinstance(outcome, Unauthenticated) else 0.0


def _why(outcome: Outcome) -> str:
    if isinstance(outcome, Reply):
        return ""
    return outcome.code if outcome.status is None else f"{outcome.code} ({outcome.status})"


def _used(outcome: Outcome, held: int) -> int:
    """Tokens that the provider will have counted: those it reports, none where nothing was sent, else all held."""
    if isinstance(outcome, Unreachable | NotAdmitted):
        return 0
    if isinstance(outcome, Reply) and not outcome.usage.estimated:
        return _sum(outcome.usage) or held
    return held


def _sum(usage: Usage) -> int:
    return (
        usage.input_tokens
        + usage.cached_input_tokens
        + usage.cache_write_tokens
        + usage.output_tokens
        + usage.reasoning_tokens
        + usage.image_tokens
    )


def _rest_s(readings: Iterable[LimitReading]) -> float:
    """Output tokens have no bucket of ours, since nobody knows them beforehand: used up, the key rests."""
    output = strictest(readings, {"output_tokens"})
    if output is None or output.remaining != 0:
        return 0.0
    return output.reset_s or 0.0
