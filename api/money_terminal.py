"""What people see of budgets and costs in a terminal: rich renderables. Pure.

Names of projects come from callers and pass through `terminal.said`, as all words from outside do.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, ConsoleRenderable, Group, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from api import cost_lines, wording
from api.cost_lines import Line
from api.money_schemas import BudgetsView, BudgetView, CostsView, SavingsView
from api.terminal import said

_BAR_CELLS: Final = 24
_FEWEST_CELLS: Final = 4
_ANY_WIDTH: Final = 1_000  # wide enough that no name is broken
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"  # of a cell, from the left
_FIGURES: Final = frozenset({"Cost", "Calls", "Tokens", "Limit", "Spent", "Left", "Forecast"})


class _Costs:
    """The table, whose bars get what the names leave free."""

    def __init__(self, view: CostsView) -> None:
        self._head = cost_lines.HEADS[view.group_by]
        self._lines = cost_lines.lines(view)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bare = Measurement.get(console, options.update(max_width=_ANY_WIDTH), self._table(options, 0)).maximum
        yield self._table(options, max(_FEWEST_CELLS, min(_BAR_CELLS, options.max_width - bare)))

    def _table(self, options: ConsoleOptions, cells: int) -> Table:
        table = _table(self._head, "", "Cost", "Calls", "Tokens")
        for line in self._lines:
            drawn = Text(_bar(line.share, cells, ascii_only=options.ascii_only), "cyan", no_wrap=True)
            table.add_row(said(line.label), drawn, *_figures(line))
        return table


def costs(view: CostsView) -> ConsoleRenderable:
    """The groups with a bar each, the total, and what was saved."""
    if not view.data:
        return said(f"Nothing was spent from {view.first} to {view.last} (UTC).")
    return Group(_Costs(view), said(cost_lines.summary(view)), "", *_savings(view.savings))


def budgets(view: BudgetsView) -> ConsoleRenderable:
    """One row a budget, then what should be looked at."""
    rows = _table("Budget", "Limit", "Spent", "Left", "Forecast")
    for one in view.data:
        rows.add_row(_name(one), _limit(one), _spent(one), _left(one), _forecast(one))
    return Group(rows, *(said(warning, "yellow") for warning in warnings(view)))


def warnings(view: BudgetsView) -> Iterator[str]:
    """What a person should look at, a sentence each."""
    if view.stopped is not None:
        yield (
            f"New jobs are not taken in since {view.stopped.at[:19].replace('T', ' ')} UTC: {view.stopped.why}."
            " Once you have looked: meetingmind budgets resume"
        )
    for one in view.data:
        name = f"{one.scope}, {one.period}"
        if one.remaining_usd is not None and one.remaining_usd.startswith("-"):
            yield f"{name}: more is spent than the limit allows."
        elif one.forecast.passes_limit:
            yield f"{name}: the limit may be passed before {one.resets_at[:10]}{_tested(one)}."
        if one.pace is not None and one.pace.ahead:
            even = wording.dollars(one.pace.allowed_to_date_usd)
            yield f"{name}: more is used than at an even pace, which would have come to {even} by now."


def _savings(savings: SavingsView) -> Iterator[ConsoleRenderable]:
    yield said("Savings", "bold cyan")
    rows = Table.grid(padding=(0, 2))
    rows.add_column()
    rows.add_column(justify="right")
    for step in cost_lines.steps(savings):
        amount = wording.dollars(step.amount_usd) if step.whole else cost_lines.taken_off(step.amount_usd)
        rows.add_row(said(step.label if step.whole else f"  {step.label}"), amount)
    yield rows
    yield said(cost_lines.claim(savings))


def _figures(line: Line) -> tuple[str, str, str]:
    return wording.dollars(line.cost_usd), f"{line.calls:,}", f"{line.tokens_in + line.tokens_out:,}"


def _name(one: BudgetView) -> Text:
    return said(f"{one.scope}, {one.period}").append(f"\nuntil {one.resets_at[:10]}", "dim")


def _limit(one: BudgetView) -> Text:
    if one.override is not None:
        held = wording.dollars(one.override.limit_usd)
        return Text(held).append(f"\nuntil {one.override.until[:10]}", "dim")
    return Text("none" if one.limit_usd is None else wording.dollars(one.limit_usd))


def _spent(one: BudgetView) -> Text:
    is_held = Decimal(one.held_usd) != 0
    return Text(wording.dollars(one.spent_usd)).append(f"\n{wording.dollars(one.held_usd)} held" * is_held, "dim")


def _left(one: BudgetView) -> str:
    return "" if one.remaining_usd is None else wording.dollars(one.remaining_usd)


def _forecast(one: BudgetView) -> Text:
    made = one.forecast
    middle = Text(_cents(made.mid_usd), "yellow" if made.passes_limit else "")
    return middle.append(f"\n{_cents(made.low_usd)} to {_cents(made.high_usd)}", "dim")


def _tested(one: BudgetView) -> str:
    error = one.forecast.back_test_percent
    return (
        " (too early to tell how good the forecast is)"
        if error is None
        else f" (the forecast is {error:g} % off on average)"
    )


def _cents(amount_usd: str) -> str:
    """A forecast is not worth more places."""
    return wording.dollars(f"{round(Decimal(amount_usd), 2):f}")


def _bar(share: float, cells: int, *, ascii_only: bool) -> str:
    if ascii_only:
        return "#" * round(share * cells)
    # What is not nothing is seen.
    eighths = max(round(share * cells * 8), 1 if share > 0 and cells else 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _table(*columns: str) -> Table:
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        is_figure = column in _FIGURES
        found.add_column(column, justify="right" if is_figure else "left", no_wrap=is_figure, overflow="fold")
    return found
