"""The commands about API keys and their options. What they do is imported when they run, as in `commands.py`."""

from typing import Annotated, TypeAlias

import typer

from api.cli import choices
from api.cli.options import DataDir, Json, Key, Url, Where

Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as in key_...")]
Scopes: TypeAlias = Annotated[
    list[str], typer.Option("--scope", help="What it may do; several times.", autocompletion=choices.scopes)
]
ExpiresIn: TypeAlias = Annotated[str | None, typer.Option(metavar="SPAN", help="How long it lives, as in 90d or 12h.")]

keys = typer.Typer(help="Make, list, exchange and end API keys.", no_args_is_help=True, rich_markup_mode=None)


@keys.command("list")
def listed(
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """List the keys, the newest first, those that have ended among them."""
    from api.cli import keying  # noqa: PLC0415  see the head

    keying.page(limit, Where(url, key, data_dir), as_json=json)


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="A word for people: who or what has it.")],
    *,
    scope: Scopes,
    expires_in: ExpiresIn = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key with no more scopes than yours; without --expires-in it ends with yours. Prints it, this once."""
    from api.cli import keying  # noqa: PLC0415  see the head

    keying.create(name, scope, expires_in, Where(url, key, data_dir), as_json=json)


@keys.command()
def show(key_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Show one key: what it may do, when it ends, when it was used last, who made it."""
    from api.cli import keying  # noqa: PLC0415  see the head

    keying.show(key_id, Where(url, key, data_dir), as_json=json)


@keys.command()
def rotate(
    key_id: Id,
    *,
    overlap: Annotated[str, typer.Option(metavar="SPAN", help="How long the old key lives on; 0s: no longer.")] = "24h",
    expires_in: ExpiresIn = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Exchange a key for a successor of the same scopes, which without --expires-in ends as it would have.

    Prints the successor, this once.
    """
    from api.cli import keying  # noqa: PLC0415  see the head

    keying.rotate(key_id, overlap, expires_in, Where(url, key, data_dir), as_json=json)


@keys.command()
def revoke(key_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """End a key: within seconds it opens nothing any more."""
    from api.cli import keying  # noqa: PLC0415  see the head

    keying.revoke(key_id, Where(url, key, data_dir), as_json=json)
