"""The command `events` and its options. What it does is imported when it runs, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli.options import DataDir, Json, Key, Url, Where


def events(
    *,
    after: Annotated[int, typer.Option(min=0, help="Show what came after this number.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as events come, until Ctrl-C.")] = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Show what has happened: all events of all jobs and budgets, in their order, without gaps."""
    from api.cli import feeding  # noqa: PLC0415  see the head

    feeding.run(after, Where(url, key, data_dir), follow=follow, as_json=json)
