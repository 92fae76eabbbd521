"""Costs and budgets in a terminal."""

import io

import pytest
from rich.console import Console

from api import money_terminal
from api.money_schemas import OverrideView, PaceView, StopView
from tests.unit.api.accounts import budget, budgets, costs, forecast, row, savings
from tests.unit.api.test_terminal import printed, words


def test_costs_show_each_group_with_a_bar_the_total_and_the_savings() -> None:
    lines = printed(money_terminal.costs(costs())).splitlines()
    text = " ".join(" ".join(lines).split())

    assert [line.count("█") for line in lines if line.strip().startswith("2026-11-0")] == [24, 0, 6]
    assert "2026-11-05 ██████ $0.50 2 1,542" in text
    assert "$2.50 for 12 calls, 2026-11-01 to 2026-11-30 (UTC)." in text
    assert "At anthropic/claude-opus-5-5 $10.00 Other models -$8.00" in text
    assert "Calls that brought nothing +$0.50 Paid $2.50 Saved 75.0 %." in text


def test_a_refusal_to_claim_stands_where_the_claim_would() -> None:
    text = words(money_terminal.costs(costs(savings=savings(saved_usd=None, claim="no claim: the prices are old"))))

    assert text.endswith("Paid $2.50 No claim: the prices are old.")


def test_days_without_any_call_are_a_sentence() -> None:
    assert words(money_terminal.costs(costs().model_copy(update={"data": ()}))) == (
        "Nothing was spent from 2026-11-01 to 2026-11-30 (UTC)."
    )


def test_a_terminal_without_block_signs_gets_plain_ones() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")

    Console(file=file, width=100, color_system=None).print(money_terminal.costs(costs()))
    file.flush()

    shown = file.buffer.getvalue().decode("ascii")
    assert "######" in shown
    assert "2026-11-05" in shown


def test_the_smallest_cost_is_still_seen() -> None:
    view = costs(row("2026-11-03", "900.000000"), row("2026-11-04", "0.000001"))

    assert "▏" in printed(money_terminal.costs(view))


@pytest.mark.parametrize("name", ["\x1b[31mred", "\x1b]0;title\x07", "a\u202eb", "[bold]x[/bold]"])
def test_a_projects_name_cannot_steer_the_terminal(name: str) -> None:
    shown = printed(money_terminal.costs(costs(row(name, "1.000000"), group_by="project")))

    assert not set(shown) & set("\x1b\x07\u202e")
    assert "[bold]x[/bold]" in shown or "[bold]" not in name


def test_a_budget_shows_limit_spent_held_left_and_what_is_to_come() -> None:
    text = words(money_terminal.budgets(budgets()))

    assert "tenant, month $100.00 $48.120934 $51.879066 $74.92 until 2026-12-01 $0.081 held $61.20 to $92.77" in text


def test_a_budget_without_a_limit_is_only_counted() -> None:
    free = budget(limit_usd=None, remaining_usd=None, pace=None, forecast=forecast(passes_limit=None))

    text = words(money_terminal.budgets(budgets(free)))

    assert "tenant, month none $48.120934 $74.92 until 2026-12-01 $0.081 held $61.20 to $92.77" in text


def test_an_override_says_until_when_it_holds() -> None:
    held = budget(override=OverrideView(limit_usd="150.000000", until="2026-11-29T00:00:00.000Z"))

    text = words(money_terminal.budgets(budgets(held)))

    assert "tenant, month $150.00" in text
    assert "until 2026-12-01 until 2026-11-29" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"remaining_usd": "-3.000000"}, "tenant, month: more is spent than the limit allows."),
        (
            {"forecast": forecast(passes_limit=True)},
            "tenant, month: the limit may be passed before 2026-12-01 (the forecast is 11.4 % off on average).",
        ),
        (
            {"forecast": forecast(passes_limit=True, back_test_percent=None)},
            "tenant, month: the limit may be passed before 2026-12-01 (too early to tell how good the forecast is).",
        ),
        (
            {"pace": PaceView(allowed_to_date_usd="10.000000", ahead=True)},
            "tenant, month: more is used than at an even pace, which would have come to $10.00 by now.",
        ),
    ],
)
def test_what_to_look_at_is_a_sentence(changed: dict[str, object], said: str) -> None:
    assert list(money_terminal.warnings(budgets(budget(**changed)))) == [said]


def test_a_calm_budget_warns_of_nothing() -> None:
    assert list(money_terminal.warnings(budgets())) == []


def test_a_stop_says_since_when_why_and_how_to_lift_it() -> None:
    stopped = budgets(stopped=StopView(at="2026-11-27T10:00:00.000Z", why="a bill above its bound"))

    assert words(money_terminal.budgets(stopped)).endswith(
        "New jobs are not taken in since 2026-11-27 10:00:00 UTC: a bill above its bound."
        " Once you have looked: meetingmind budgets resume"
    )


def test_at_eighty_columns_no_name_is_broken() -> None:
    shown = printed(
        money_terminal.costs(costs(row("anthropic/claude-opus-5-5", "123.456789"), group_by="model")),
        money_terminal.budgets(budgets(budget(scope="project:crm"))),
        width=80,
    )

    assert "anthropic/claude-opus-5-5" in shown
    assert "project:crm, month" in shown


@pytest.mark.parametrize("width", [50, 100])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    shown = printed(money_terminal.costs(costs()), money_terminal.budgets(budgets()), width=width)

    assert max(len(line) for line in shown.splitlines()) <= width
