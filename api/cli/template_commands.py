"""The commands about templates and their options. What they do is imported when they run, as in `commands.py`."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from api.cli import choices
from api.cli.exits import USAGE, Told
from api.cli.options import DataDir, Json, Key, Url, Where

Type: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="TYPE", help="standup, sales ... general, or all.", autocompletion=choices.meeting_types),
]
Text: TypeAlias = Annotated[Path, typer.Argument(metavar="FILE", help="What to look for, as text; - reads it here.")]

templates = typer.Typer(
    help="Show and set what models look for in each type of meeting.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@templates.callback()
def page(
    context: typer.Context, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """List the templates that are in force."""
    if context.invoked_subcommand is None:
        _list(Where(url, key, data_dir), as_json=json)
    elif json or url or key or data_dir:
        # They would be lost, and another service than the one that was named be changed.
        raise Told(f"Put the options behind `templates {context.invoked_subcommand}`.", code=USAGE)


@templates.command("list")
def listed(*, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """List the templates that are in force."""
    _list(Where(url, key, data_dir), as_json=json)


@templates.command()
def show(meeting_type: Type, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None) -> None:
    """Print what is in force for a type of meeting."""
    from api.cli import templating  # noqa: PLC0415  see the head

    templating.show(meeting_type, Where(url, key, data_dir), as_json=json)


@templates.command("set")
def put(
    meeting_type: Type, file: Text, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Set it from a text file, for jobs that are posted from now on."""
    from api.cli import templating  # noqa: PLC0415  see the head

    templating.put(meeting_type, file, Where(url, key, data_dir), as_json=json)


@templates.command()
def reset(
    meeting_type: Type, *, json: Json = False, url: Url = None, key: Key = None, data_dir: DataDir = None
) -> None:
    """Go back to what the house looks for."""
    from api.cli import templating  # noqa: PLC0415  see the head

    templating.reset(meeting_type, Where(url, key, data_dir), as_json=json)


@templates.command()
def preview(
    meeting_type: Type,
    *,
    instruction: Annotated[Path | None, typer.Option(metavar="FILE", help="A text that is not set yet.")] = None,
    transcript: Annotated[Path | None, typer.Option(metavar="FILE", help="A meeting; a small sample if none.")] = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
    data_dir: DataDir = None,
) -> None:
    """Print the messages that a model would be shown. Nobody is asked."""
    from api.cli import templating  # noqa: PLC0415  see the head

    templating.preview(meeting_type, instruction, transcript, Where(url, key, data_dir), as_json=json)


def _list(where: Where, *, as_json: bool) -> None:
    from api.cli import templating  # noqa: PLC0415  see the head

    templating.page(where, as_json=as_json)
