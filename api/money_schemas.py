"""Budgets and costs as the HTTP contract shows them. Money is a decimal string in US dollars with six places."""

from typing import Final

from pydantic import ConfigDict, Field

from api.queries import PostedMoment
from api.schemas import Shown
from orchestrator.routing.request import MoneyText, Strict
from orchestrator.work.scopes import Period
from orchestrator.work.sums import GroupBy
from providers.calls import JsonObject

_FORECAST: Final[JsonObject] = {
    "low_usd": "61.204410",
    "mid_usd": "74.918002",
    "high_usd": "92.771350",
    "confidence_percent": 90,
    "back_test_percent": 11.4,
    "method": "average of each weekday, newer weeks weighing more",
    "passes_limit": False,
}
_BUDGET: Final[JsonObject] = {
    "scope": "project:crm",
    "period": "month",
    "limit_usd": "100.000000",
    "override": {"limit_usd": "150.000000", "until": "2026-12-01T00:00:00.000Z"},
    "spent_usd": "48.120934",
    "held_usd": "0.081000",
    "remaining_usd": "101.879066",
    "resets_at": "2026-12-01T00:00:00.000Z",
    "pace": {"allowed_to_date_usd": "97.500000", "ahead": False},
    "forecast": _FORECAST,
}
_TOKENS: Final[JsonObject] = {
    "input_tokens": 812_400,
    "cached_input_tokens": 96_000,
    "cache_write_tokens": 0,
    "output_tokens": 40_118,
    "reasoning_tokens": 11_020,
    "image_tokens": 0,
}


class BudgetBody(Strict):
    """A limit to be set, null to take it away. An override holds in its place until its time has passed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"period": "month", "limit_usd": "100.00"},
                {
                    "period": "month",
                    "limit_usd": "100.00",
                    "override_usd": "150.00",
                    "override_until": "2026-12-01T00:00:00Z",
                },
                {"period": "day", "limit_usd": None},
            ]
        }
    )

    period: Period
    limit_usd: MoneyText | None
    override_usd: MoneyText | None = None
    override_until: PostedMoment | None = None


class OverrideView(Shown):
    """Holds in the limit's place until then."""

    limit_usd: str
    until: str


class PaceView(Shown):
    """What an even pace would have used by now, and whether more is used, holds included."""

    allowed_to_date_usd: str
    ahead: bool


class ForecastView(Shown):
    """What the period will have cost. `back_test_percent` null: there is too little history to test the method on."""

    low_usd: str
    mid_usd: str
    high_usd: str
    confidence_percent: int
    back_test_percent: float | None
    method: str
    passes_limit: bool | None


class BudgetView(Shown):
    """One budget in its present period. Without a limit, what depends on one is null.

    `remaining_usd` counts what is held as not spent yet; it is below zero where a limit was set below what is spent.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_BUDGET]})

    scope: str
    period: Period
    limit_usd: str | None
    override: OverrideView | None
    spent_usd: str
    held_usd: str
    remaining_usd: str | None
    resets_at: str
    pace: PaceView | None
    forecast: ForecastView


class StopView(Shown):
    """Since when and why no new jobs are taken in."""

    at: str
    why: str


class BudgetsView(Shown):
    """The tenant's day and month, then every other budget that has a limit; the platform's month for `ops` alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_BUDGET], "stopped": None}]})

    data: tuple[BudgetView, ...]
    stopped: StopView | None


class ResumedView(Shown):
    """`resumed` false: jobs were taken in all along."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resumed": True}]})

    resumed: bool


class TokensView(Shown):
    """Disjoint classes: together they are all that was read and written."""

    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    image_tokens: int


class SumsView(Shown):
    """Of `calls`, `unknown_calls` never told their outcome and count at the most that they can have cost; of
    `estimated_calls` the provider named no tokens, so that we counted them.
    """

    cost_usd: str
    calls: int
    unknown_calls: int
    estimated_calls: int
    tokens: TokensView


class CostRow(SumsView):
    """One group. `key` null: calls that have none, or, where `groups` is above 1, all groups beyond the first 1,000."""

    key: str | None
    groups: int = 1


class SavingsView(Shown):
    """What was saved against the reference: a panel of its seats, each asking its model, directly, at its list price.

    `levers` add up to `reference_usd` less `actual_usd`, to the micro-dollar; one that cost more than it saved is below
    zero. Where no saving is claimed, `saved_usd` and `saved_percent` are null, `levers` may be empty, and `claim` says
    why. Answers of which nothing is known by this reference, `left_out`, are in none of these figures.
    """

    reference: str | None
    price_date: str
    stale: bool
    reference_usd: str
    actual_usd: str
    saved_usd: str | None
    saved_percent: float | None
    levers: dict[str, str]
    left_out: int = 0
    claim: str


class CostsView(Shown):
    """What the calls of these days (in UTC, both included) came to. `data` adds up to the total."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from": "2026-11-01",
                    "to": "2026-11-27",
                    "group_by": "model",
                    "total_usd": "3.114092",
                    "data": [
                        {
                            "key": "openai/gpt-6-luna",
                            "groups": 1,
                            "cost_usd": "3.114092",
                            "calls": 402,
                            "unknown_calls": 1,
                            "estimated_calls": 0,
                            "tokens": _TOKENS,
                        }
                    ],
                    "savings": {
                        "reference": "anthropic/claude-opus-5-5",
                        "price_date": "2026-11-20",
                        "stale": False,
                        "reference_usd": "12.400000",
                        "actual_usd": "3.114092",
                        "saved_usd": "9.285908",
                        "saved_percent": 74.9,
                        "levers": {
                            "panel": "2.000000",
                            "routing": "7.000000",
                            "caching": "0.385908",
                            "service_tier": "0.000000",
                            "channel": "0.000000",
                            "dedupe": "0.000000",
                            "batch": "0.000000",
                            "overhead": "-0.100000",
                        },
                        "left_out": 0,
                        "claim": (
                            "saved 74.9 % against anthropic/claude-opus-5-5 on each of 3 seats,"
                            " list prices of 2026-11-20"
                        ),
                    },
                }
            ]
        },
        serialize_by_alias=True,
        validate_by_name=True,
    )

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    group_by: GroupBy
    total_usd: str
    data: tuple[CostRow, ...]
    savings: SavingsView
