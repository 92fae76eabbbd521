"""The command `providers` and its options. What it does is imported when it runs, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli import choices
from api.cli.options import DataDir, Json, Key, Url, Where


def providers(
    provider: Annotated[
        str,
        typer.Argument(metavar="[PROVIDER]", help="One of them, with its models.", autocompletion=choices.providers),
    ] = "",
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Close its circuits first; needs admin and ops.")] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show how providers fare, and what one of them offers."""
    from api.cli import providing  # noqa: PLC0415  see the head

    providing.show(provider, Where(url, key, data_dir), reset=reset, as_json=json)
