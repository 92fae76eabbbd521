"""The command `completion`. What it does is imported when it runs, as in `commands.py`."""

from typing import Annotated

import typer

from api.cli import choices


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", autocompletion=choices.shells)],
) -> None:
    """Print a script by which your shell completes commands, options and their words.

    For bash, in ~/.bashrc: source <(/path/to/meetingmind completion bash)
    """
    from api.cli import completing  # noqa: PLC0415  see the head

    completing.run(shell)
