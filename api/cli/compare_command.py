"""The command `compare` and its options. What it does is imported when it runs, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli import choices
from api.cli.options import AllowCalls, DataDir, Json, Key, Url, Where


def compare(
    job_ids: Annotated[list[str], typer.Argument(metavar="JOB...", help="Jobs that have ended, as in job_...")],
    *,
    strategies: Annotated[
        str,
        typer.Option(
            help="all, or several with commas: single,consensus ...", autocompletion=choices.compared_strategies
        ),
    ] = "all",
    allow_calls: AllowCalls = False,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Replay jobs under other strategies, at no cost, and show in what the results differ.

    The stored answers of their seats are analysed anew; nobody is asked, unless calls are allowed.
    """
    from api.cli import comparing  # noqa: PLC0415  see the head

    comparing.run(job_ids, strategies, Where(url, key, data_dir), allow_calls=allow_calls, as_json=json)
