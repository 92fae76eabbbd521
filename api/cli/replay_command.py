"""The command `replay` and its options. What it does is imported when it runs, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli import choices
from api.cli.options import AllowCalls, DataDir, Json, Key, Url, Where


def replay(  # noqa: PLR0913  typer makes an option of each argument
    job_id: Annotated[str, typer.Argument(metavar="ID", help="A job that has ended, as in job_...")],
    *,
    strategy: Annotated[str, typer.Option(help="single, consensus ...", autocompletion=choices.strategies)],
    seats: Annotated[str | None, typer.Option(help="Only these seats, with commas: 0,2 ...")] = None,
    quorum: Annotated[int | None, typer.Option(help="How many of the seats must have answered.")] = None,
    allow_calls: AllowCalls = False,
    max_cost: Annotated[
        str | None, typer.Option("--max-cost", help="Of these calls: US dollars, such as 0.50.")
    ] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Analyze the stored answers of a job anew, under another strategy or with fewer seats.

    Nobody is asked and nothing is paid, unless calls are allowed. Waits for the end, and prints the analysis.
    """
    from api.cli import replaying  # noqa: PLC0415  see the head

    wish = replaying.Replay(strategy, seats=seats, quorum=quorum, allow_calls=allow_calls, max_cost_usd=max_cost)
    replaying.run(job_id, wish, Where(url, key, data_dir), as_json=json)
