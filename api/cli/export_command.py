"""The command `export` and its options. What it does is imported when it runs, as in `commands.py`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import choices
from api.cli.options import DataDir, Key, Url, Where


def export(
    job_id: Annotated[str, typer.Argument(metavar="JOB", help="A job that succeeded, as in job_...")],
    *,
    wanted: Annotated[
        str | None,
        typer.Option("--format", help="md, csv, ics, vtt, json; else as FILE ends.", autocompletion=choices.formats),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here instead of printing it.")
    ] = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Write the items of a job as notes, spreadsheet, calendar or JSON."""
    from api.cli import exporting  # noqa: PLC0415  see the head

    exporting.run(job_id, wanted, output, Where(url, key, data_dir))
