"""The commands about money and their options. What they do is imported when they run, as in `commands.py`."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from api.cli.exits import USAGE, Told
from api.cli.options import DataDir, Json, Key, Url, Where

# Written out, since `--help` has no use for the modules that define them.
By: TypeAlias = Literal["day", "model", "provider", "project", "policy"]
Period: TypeAlias = Literal["day", "month"]

Scope: TypeAlias = Annotated[str, typer.Argument(metavar="SCOPE", help="tenant, or project:NAME.")]
OfPeriod: TypeAlias = Annotated[Period, typer.Option(help="What the limit is for.")]

budgets = typer.Typer(
    help="Show the budgets, set one, lift a stop.", invoke_without_command=True, rich_markup_mode=None
)


def costs(
    *,
    by: Annotated[By, typer.Option(help="What to add up by.")] = "day",
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, as 2026-11-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day; today if not given.")] = None,
    json: Json = False,
    html: Annotated[Path | None, typer.Option(metavar="PATH", help="Write a page for people here, too.")] = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show what was spent, on what, and what was saved.

    Without days, those of this month.
    """
    from api.cli import money  # noqa: PLC0415  see the head

    money.costs(by, first, last, Where(url, key, data_dir), html=html, as_json=json)


@budgets.callback()
def show(
    context: typer.Context, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Show how the budgets stand."""
    if context.invoked_subcommand is None:
        from api.cli import money  # noqa: PLC0415  see the head

        money.budgets(Where(url, key, data_dir), as_json=json)
    elif json or url or key or data_dir:
        # They would be lost, and another service than the one that was named be changed.
        raise Told(f"Put the options behind `budgets {context.invoked_subcommand}`.", code=USAGE)


@budgets.command("set")
def put(  # noqa: PLR0913  typer makes an option of each argument
    scope: Scope,
    *,
    limit: Annotated[str, typer.Option(help="US dollars, such as 100.00.")],
    period: OfPeriod = "month",
    override: Annotated[str | None, typer.Option(help="Holds in the limit's place until --until.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="As 2026-12-01, or with a time; in UTC.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Set what a scope may spend in each day or month."""
    from api.cli import money  # noqa: PLC0415  see the head

    money.put(scope, period, limit, override, until, Where(url, key, data_dir), as_json=json)


@budgets.command()
def remove(
    scope: Scope,
    *,
    period: OfPeriod = "month",
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Take a limit away; what is spent is still counted."""
    from api.cli import money  # noqa: PLC0415  see the head

    money.remove(scope, period, Where(url, key, data_dir), as_json=json)


@budgets.command()
def resume(*, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Take new jobs in again after a stop."""
    from api.cli import money  # noqa: PLC0415  see the head

    money.resume(Where(url, key, data_dir), as_json=json)
