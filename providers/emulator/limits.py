"""How much a vendor serves at once and in a minute: token buckets and a capacity, kept on the emulator's own clock.

Nothing is limited until an order says so. An order without a key limits the whole persona, all keys together, and one
with a key gives that key limits of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

MINUTE_S: Final = 60.0
GROWTH_WINDOW_S: Final = 10.0  # short enough for a test to see two of them, long enough to hold a burst
GROWTH_FLOOR: Final = 5  # a vendor lets everybody begin

COUNTS_OUTPUT: Final = ("anthropic",)

Kind: TypeAlias = Literal["requests", "tokens", "output_tokens", "too_large", "concurrency", "growth"]
Positive: TypeAlias = Annotated[int, Field(ge=1)]


class LimitsOrder(BaseModel):
    """Limits of a persona, or of one key there; what is left out is not limited.

    `growth_percent`: within ten seconds at most so many per cent of the requests of the ten seconds before, and never
    less than five. `above_concurrency`: the status that refuses a request when the capacity is taken.
    `output_tokens_per_minute`: of vendors who count what they write apart; `tokens_per_minute` is then what they read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona: str
    key: str | None = None
    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    output_tokens_per_minute: Positive | None = None
    concurrency: Positive | None = None
    growth_percent: Annotated[int, Field(ge=100)] | None = None
    above_concurrency: Literal[429, 503] = 429

    @model_validator(mode="after")
    def _counts_output(self) -> Self:
        if self.output_tokens_per_minute is not None and self.persona not in COUNTS_OUTPUT:
            raise ValueError(f"{self.persona} has no limit of its own for output tokens")
        return self


@dataclass(frozen=True)
class Window:
    """One limit as it stands. `reset_s`: how long until it is whole again if nobody asks."""

    limit: int
    remaining: int
    reset_s: float


@dataclass(frozen=True)
class Standing:
    """The limits that vendors tell; None where there is none."""

    requests: Window | None = None
    tokens: Window | None = None
    output: Window | None = None


class OverLimit(Exception):
    """No room. `retry_after_s` is when the same request would pass; None when waiting is no cure or cannot be told."""

    def __init__(self, kind: Kind, limit: int, retry_after_s: float | None, standing: Standing, status: int) -> None:
        super().__init__(f"{kind}: limit {limit}")
        self.kind: Kind = kind
        self.limit = limit
        self.retry_after_s = retry_after_s
        self.standing = standing
        self.status = status


class _Bucket:
    """Full at first; refills evenly within a minute."""

    def __init__(self, limit: int, now: datetime) -> None:
        self.limit = limit
        self._level = float(limit)
        self._seen = now

    def fill(self, now: datetime) -> None:
        gone_s = max(0.0, (now - self._seen).total_seconds())
        self._level = min(float(self.limit), self._level + gone_s * self.limit / MINUTE_S)
        self._seen = now

    def wait_s(self, amount: int) -> float:
        return max(0.0, (amount - self._level) * MINUTE_S / self.limit)

    def take(self, amount: int) -> None:
        self._level -= amount

    @property
    def window(self) -> Window:
        missing = self.limit - self._level
        return Window(self.limit, int(self._level), missing * MINUTE_S / self.limit)


@dataclass
class _Growth:
    """Requests of this window and of the one before it."""

    percent: int
    began: datetime
    now: int = 0
    before: int = 0

    def turn(self, now: datetime) -> None:
        windows = int((now - self.began).total_seconds() // GROWTH_WINDOW_S)
        if windows > 0:
            self.before = self.now if windows == 1 else 0
            self.now, self.began = 0, now

    @property
    def most(self) -> int:
        return max(GROWTH_FLOOR, self.before * self.percent // 100)


@dataclass
class _Account:
    order: LimitsOrder
    requests: _Bucket | None
    tokens: _Bucket | None
    growth: _Growth | None
    output: _Bucket | None = None
    inside: set[str] = field(default_factory=set)

    @property
    def standing(self) -> Standing:
        return Standing(*(bucket.window if bucket else None for bucket in (self.requests, self.tokens, self.output)))


class Limits:
    """The limits in force, and who is inside."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str | None], _Account] = {}

    def set(self, order: LimitsOrder, now: datetime) -> None:
        """Put limits in force, with full buckets and nobody inside."""
        self._accounts[order.persona, order.key] = _Account(
            order,
            _Bucket(order.requests_per_minute, now) if order.requests_per_minute else None,
            _Bucket(order.tokens_per_minute, now) if order.tokens_per_minute else None,
            _Growth(order.growth_percent, now) if order.growth_percent else None,
            _Bucket(order.output_tokens_per_minute, now) if order.output_tokens_per_minute else None,
        )

    def enter(self, persona: str, key: str, request_id: str, tokens: int, now: datetime) -> Standing:
        """Let a request in and say how the limits stand with it; it stays inside until `leave`.

        Raises:
            OverLimit: there is no room; nothing was taken.
        """
        account = self._account(persona, key)
        if account is None:
            return Standing()
        _check_capacity(account)
        _check_growth(account, now)
        _check_buckets(account, tokens, now)
        account.inside.add(request_id)
        return account.standing

    def write(self, persona: str, key: str, tokens: int, now: datetime) -> Standing:
        """Count what was written, where it is counted apart; an answer may be longer than what was left.

        Whoever asks next waits until there is room again. Returns how the limits stand then.
        """
        account = self._account(persona, key)
        if account is None:
            return Standing()
        if account.output is not None:
            account.output.fill(now)
            account.output.take(tokens)
        return account.standing

    def leave(self, request_id: str) -> None:
        """The request is done, or its client has gone. Harmless for one that never was inside."""
        for account in self._accounts.values():
            account.inside.discard(request_id)

    def _account(self, persona: str, key: str) -> _Account | None:
        return self._accounts.get((persona, key)) or self._accounts.get((persona, None))


def _check_capacity(account: _Account) -> None:
    most = account.order.concurrency
    if most is not None and len(account.inside) >= most:
        raise OverLimit("concurrency", most, None, account.standing, account.order.above_concurrency)


def _check_growth(account: _Account, now: datetime) -> None:
    growth = account.growth
    if growth is None:
        return
    growth.turn(now)
    if growth.now >= growth.most:
        left_s = GROWTH_WINDOW_S - (now - growth.began).total_seconds()
        raise OverLimit("growth", growth.most, left_s, account.standing, 429)
    growth.now += 1


def _check_buckets(account: _Account, tokens: int, now: datetime) -> None:
    asked: list[tuple[Kind, _Bucket | None, int]] = [
        ("requests", account.requests, 1),
        ("tokens", account.tokens, tokens),
        ("output_tokens", account.output, 1),  # how long the answer will be, nobody knows yet
    ]
    buckets = [(kind, bucket, amount) for kind, bucket, amount in asked if bucket is not None]
    for _, bucket, _ in buckets:
        bucket.fill(now)
    for kind, bucket, amount in buckets:
        if amount > bucket.limit:
            raise OverLimit("too_large", bucket.limit, None, account.standing, 429)
        if wait_s := bucket.wait_s(amount):
            raise OverLimit(kind, bucket.limit, wait_s, account.standing, 429)
    for kind, bucket, amount in buckets:
        if kind != "output_tokens":  # see `Limits.write`
            bucket.take(amount)
