"""What the commands about money do: costs, budgets and their setting."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pydantic import BaseModel
from rich.console import ConsoleRenderable

from api import cost_page, money_terminal, terminal
from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.times import moment
from api.cli.work import as_line
from api.client import Client, Trouble
from api.money_schemas import BudgetsView, BudgetView, CostsView, ResumedView
from orchestrator.work.scopes import Period
from orchestrator.work.sums import GroupBy


def costs(by: GroupBy, first: str | None, last: str | None, where: Where, *, html: Path | None, as_json: bool) -> None:
    """Print the costs, and write the page if one is wanted."""
    begin, end = _day(first, "--from"), _day(last, "--to")
    if html is not None and html.is_dir():
        raise Told(f"{html} is a folder; name the file for the page.", code=USAGE)
    with _asking(where) as client:
        view = client.costs(by, first=begin, last=end)
        if html is not None:
            _write(html, _page(client, view))
    _show(view, money_terminal.costs(view), as_json=as_json)


def budgets(where: Where, *, as_json: bool) -> None:
    """Print how the budgets stand."""
    with _asking(where) as client:
        view = client.budgets()
    _show(view, money_terminal.budgets(view), as_json=as_json)


def put(
    scope: str, period: Period, limit: str, override: str | None, until: str | None, where: Where, *, as_json: bool
) -> None:
    """Set a limit and print how the budget stands then."""
    ends = moment(until, "--until")
    if (override is None) != (ends is None):
        raise Told("--override and --until go together.", code=USAGE)
    with _asking(where) as client:
        view = client.set_budget(scope, period, limit, override_usd=override, override_until=ends)
    _print_one(view, as_json=as_json)


def remove(scope: str, period: Period, where: Where, *, as_json: bool) -> None:
    """Take a limit away."""
    with _asking(where) as client:
        view = client.set_budget(scope, period, None)
    _print_one(view, as_json=as_json)


def resume(where: Where, *, as_json: bool) -> None:
    """Lift a stop."""
    with _asking(where) as client:
        lifted = client.resume()
    if as_json:
        print_line(as_line(ResumedView(resumed=lifted)))
        return
    print_line("New jobs are taken in again." if lifted else "New jobs were taken in all along.")


@contextmanager
def _asking(where: Where) -> Iterator[Client]:
    """A client whose trouble ends the command with a sentence."""
    with connected(where, start=False) as link:
        try:
            yield link.client
        except Trouble as trouble:
            give_up(trouble)


def _page(client: Client, view: CostsView) -> str:
    """The page shows the days, and beside them what was asked for, or the models."""
    beside: GroupBy = "model" if view.group_by == "day" else "day"
    other = client.costs(beside, first=date.fromisoformat(view.first), last=date.fromisoformat(view.last))
    return cost_page.render((view, other) if view.group_by == "day" else (other, view))


def _write(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Told(f"The page cannot be written to {path}: {error.strerror}.") from None
    tell(f"Page: {path.resolve()}")


def _show(view: BaseModel, shown: ConsoleRenderable, *, as_json: bool) -> None:
    if as_json:
        print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(shown)


def _print_one(view: BudgetView, *, as_json: bool) -> None:
    _show(view, money_terminal.budgets(BudgetsView(data=(view,), stopped=None)), as_json=as_json)


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Told(f"{option} wants a day, such as 2026-11-01.", code=USAGE) from None
