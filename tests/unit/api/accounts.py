"""A tenant's costs and budgets as the service tells them, for the tests of what people see. Written for these tests."""

from api.money_schemas import (
    BudgetsView,
    BudgetView,
    CostRow,
    CostsView,
    ForecastView,
    PaceView,
    SavingsView,
    TokensView,
)


def row(key: str | None, cost_usd: str, *, calls: int = 10, groups: int = 1, **changed: int) -> CostRow:
    return CostRow(
        key=key,
        groups=groups,
        cost_usd=cost_usd,
        calls=calls,
        unknown_calls=changed.get("unknown_calls", 0),
        estimated_calls=changed.get("estimated_calls", 0),
        tokens=TokensView(
            input_tokens=1200,
            cached_input_tokens=300,
            cache_write_tokens=0,
            output_tokens=40,
            reasoning_tokens=2,
            image_tokens=0,
        ),
    )


def savings(**changed: object) -> SavingsView:
    return SavingsView(
        reference="anthropic/claude-opus-5-5",
        price_date="2026-11-20",
        stale=False,
        reference_usd="10.000000",
        actual_usd="2.500000",
        saved_usd="7.500000",
        saved_percent=75.0,
        levers={"overhead": "-0.500000", "routing": "8.000000", "batch": "0.000000"},
        claim="saved 75.0 %",
    ).model_copy(update=changed)


def costs(*rows: CostRow, **changed: object) -> CostsView:
    """By day, of three days of which the middle one had no call, unless told otherwise."""
    return CostsView(
        first="2026-11-01",
        last="2026-11-30",
        group_by="day",
        total_usd="2.500000",
        data=rows or (row("2026-11-03", "2.000000"), row("2026-11-05", "0.500000", calls=2)),
        savings=savings(),
    ).model_copy(update=changed)


def budget(**changed: object) -> BudgetView:
    return BudgetView(
        scope="tenant",
        period="month",
        limit_usd="100.000000",
        override=None,
        spent_usd="48.120934",
        held_usd="0.081000",
        remaining_usd="51.879066",
        resets_at="2026-12-01T00:00:00.000Z",
        pace=PaceView(allowed_to_date_usd="97.500000", ahead=False),
        forecast=forecast(),
    ).model_copy(update=changed)


def forecast(**changed: object) -> ForecastView:
    return ForecastView(
        low_usd="61.204410",
        mid_usd="74.918002",
        high_usd="92.771350",
        confidence_percent=90,
        back_test_percent=11.4,
        method="average of each weekday",
        passes_limit=False,
    ).model_copy(update=changed)


def budgets(*data: BudgetView, **changed: object) -> BudgetsView:
    return BudgetsView(data=data or (budget(),), stopped=None).model_copy(update=changed)
