"""Whether `./meetingmind ...` takes the arguments that a document shows. Commands are parsed, and none is called."""

import sys
from pathlib import Path
from typing import Final

import typer
from typer.core import TyperGroup, TyperOption
from typer.exceptions import Exit, TyperException

from api.cli.commands import app
from tests.house.checkout import ROOT

COMMANDS: Final = typer.main.get_command(app)


def is_subcommand(word: str) -> bool:
    return isinstance(COMMANDS, TyperGroup) and word in COMMANDS.commands


def complaint(arguments: list[str]) -> str | None:
    """What is wrong with a command line; None if it would be taken."""
    match arguments:
        case ["test", *given]:  # pytest's, after which the script looks
            gone = [one for one in given if not one.startswith("-") and not (ROOT / one).exists()]
            return f"no such tests: {gone}" if gone else None
        case ["dev", tool, *_]:
            return None if (Path(sys.executable).parent / tool).exists() else f"no such tool: {tool}"
    try:
        _parse(arguments)
    except TyperException as error:
        said = error.format_message()
        # Prose may name a command, and nothing else of it.
        return None if said.startswith("Missing ") and all(word.isalpha() for word in arguments) else said
    except Exit:  # --help
        return None
    return None


def options(arguments: list[str]) -> set[str]:
    """Those of the command that the arguments begin with."""
    command = COMMANDS
    for word in arguments:
        if isinstance(command, TyperGroup) and word in command.commands:
            command = command.commands[word]
    given = [one for one in command.params if isinstance(one, TyperOption)]
    return {name for one in given for name in (*one.opts, *one.secondary_opts)}


def _parse(arguments: list[str]) -> None:
    context = COMMANDS.make_context("meetingmind", list(arguments))
    while isinstance(context.command, TyperGroup):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, command, rest = context.command.resolve_command(context, rest)
        if command is None:
            return
        context = command.make_context(name, rest, parent=context)
