"""Sums of the ledger's rows, as reports are made of them. Pure values."""

from datetime import date
from typing import Literal, TypeAlias

from providers.calls import Value

GroupBy: TypeAlias = Literal["day", "model", "provider", "project", "policy"]


class Span(Value):
    """Days in UTC from `first` to `last`, both included."""

    first: date
    last: date


class Tokens(Value):
    """Disjoint classes: together they are all that was read and written."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    image_tokens: int = 0


class Sums(Value):
    """What calls came to.

    Of `calls`, `unknown` ones never told their outcome and are booked at their worst case; of `estimated` ones the
    provider did not say how many tokens it read and wrote, so that we counted.
    """

    cost_micro_usd: int = 0
    calls: int = 0
    unknown: int = 0
    estimated: int = 0
    tokens: Tokens = Tokens()


class Group(Value):
    """The sums of one key; None: of calls that have none. `groups` above 1: the row of all beyond the first."""

    key: str | None
    groups: int
    sums: Sums
