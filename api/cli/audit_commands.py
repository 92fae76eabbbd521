"""The commands about the audit log and their options. What they do is imported when they run, as in `commands.py`."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli.exits import USAGE, Told
from api.cli.options import DataDir, Json, Key, Url, Where

House: TypeAlias = Annotated[
    bool, typer.Option("--house", help="The house's log, of acts that concern all tenants; scope ops.")
]

audit = typer.Typer(
    help="Show who changed what, and check that the log is whole.", invoke_without_command=True, rich_markup_mode=None
)


@audit.callback()
def whole(
    context: typer.Context, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Show the audit log from its first entry."""
    if context.invoked_subcommand is None:
        from api.cli import auditing  # noqa: PLC0415  see the head

        auditing.show(0, None, None, Where(url, key, data_dir), house=False, as_json=json)
    elif json or url or key or data_dir:
        # They would be lost, and another service than the one that was named be asked.
        raise Told(f"Put the options behind `audit {context.invoked_subcommand}`.", code=USAGE)


@audit.command("list")
def listed(
    *,
    after: Annotated[int, typer.Option(min=0, help="Show what came after this entry.")] = 0,
    action: Annotated[str | None, typer.Option(help="Only these acts, such as budget.set.")] = None,
    about: Annotated[str | None, typer.Option("--object", help="Only acts on this, such as templates/sales.")] = None,
    house: House = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show the audit log, one entry a line."""
    from api.cli import auditing  # noqa: PLC0415  see the head

    auditing.show(after, action, about, Where(url, key, data_dir), house=house, as_json=json)


@audit.command()
def verify(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="What `audit list --json` printed; else the service is asked."),
    ] = None,
    *,
    known: Annotated[
        str | None, typer.Option(metavar="N:HASH", help="What an earlier check printed: finds a missing end, too.")
    ] = None,
    house: House = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Check that no entry was changed, moved or taken out; name the first that was, and exit with 1."""
    from api.cli import auditing  # noqa: PLC0415  see the head

    auditing.verify(file, known, Where(url, key, data_dir), house=house, as_json=json)
