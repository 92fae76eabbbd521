"""The commands about batches and their options. What they do is imported when they run, as in `commands.py`."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli.exits import USAGE, Told
from api.cli.options import DataDir, Json, Key, Url, Where

Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="The batch, as in bat_...")]
Limit: TypeAlias = Annotated[int, typer.Option(min=1, max=100, help="How many at most.")]
Cursor: TypeAlias = Annotated[str | None, typer.Option(help="Where the page before ended.")]

batches = typer.Typer(
    help="List batches, and pause, resume, cancel or retry one.", invoke_without_command=True, rich_markup_mode=None
)


@batches.callback()
def page(
    context: typer.Context, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """List batches, and pause, resume, cancel or retry one. `meetingmind batch` hands one in."""
    if context.invoked_subcommand is None:
        listed(json=json, url=url, key=key, data_dir=data_dir)
    elif json or url or key or data_dir:
        # They would be lost, and another service than the one that was named be changed.
        raise Told(f"Put the options behind `batches {context.invoked_subcommand}`.", code=USAGE)


@batches.command("list")
def listed(
    *,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """List batches, newest first."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.page(limit, cursor, Where(url, key, data_dir), as_json=json)


@batches.command()
def show(batch_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Show how far a batch is, what it has cost, and each line that was refused."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.show(batch_id, Where(url, key, data_dir), as_json=json)


@batches.command()
def pause(batch_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Hold back its jobs that wait; those under way go on."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.steer("pause", batch_id, Where(url, key, data_dir), as_json=json)


@batches.command()
def resume(batch_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Let its jobs wait for their turn again, with as much time left as they had."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.steer("resume", batch_id, Where(url, key, data_dir), as_json=json)


@batches.command()
def cancel(batch_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """End all of its open jobs: no new paid call of it starts after this."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.steer("cancel", batch_id, Where(url, key, data_dir), as_json=json)


@batches.command()
def retry(batch_id: Id, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Have its failed, expired and canceled jobs go on: only the seats without an answer are asked."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.steer("retry", batch_id, Where(url, key, data_dir), as_json=json)


@batches.command()
def results(
    batch_id: Id,
    *,
    after: Annotated[int, typer.Option(min=0, help="Only those behind this line.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write them here instead of printing them.")
    ] = None,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Print its results as NDJSON, in the order of its lines, up to the first that has not ended."""
    from api.cli import steering  # noqa: PLC0415  see the head

    steering.results(batch_id, after, output, Where(url, key, data_dir))
