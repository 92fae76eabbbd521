"""What the commands about templates do: list, show, set, reset and preview."""

import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel
from rich.console import ConsoleRenderable

from api import template_terminal, terminal
from api.cli import inputs
from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told
from api.cli.options import Where, Wishes
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Trouble
from orchestrator.analysis.templates import TEMPLATES_FOR, TemplateFor
from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.decoding import decode
from providers.calls import JsonObject

STANDARD_INPUT: Final = Path("-")


def page(where: Where, *, as_json: bool) -> None:
    """Print what is in force, one line a type."""
    with connected(where, start=False) as link:
        try:
            view = link.client.templates()
        except Trouble as trouble:
            give_up(trouble)
    _show(view, template_terminal.templates(view), as_json=as_json)


def show(meeting_type: str, where: Where, *, as_json: bool) -> None:
    """Print one with its text."""
    wanted = _type(meeting_type)
    with connected(where, start=False) as link:
        try:
            view = link.client.template(wanted)
        except Trouble as trouble:
            give_up(trouble)
    _show(view, template_terminal.template(view), as_json=as_json)


def put(meeting_type: str, file: Path, where: Where, *, as_json: bool) -> None:
    """Set one from a file and print what is in force then."""
    wanted, text = _type(meeting_type), _text(file)
    with connected(where, start=False) as link:
        try:
            view = link.client.set_template(wanted, text)
        except Trouble as trouble:
            give_up(trouble)
    _show(view, template_terminal.template(view), as_json=as_json)


def reset(meeting_type: str, where: Where, *, as_json: bool) -> None:
    """Take one back and print what is in force then."""
    wanted = _type(meeting_type)
    with connected(where, start=False) as link:
        try:
            view = link.client.reset_template(wanted)
        except Trouble as trouble:
            give_up(trouble)
    _show(view, template_terminal.template(view), as_json=as_json)


def preview(
    meeting_type: str, instruction: Path | None, transcript: Path | None, where: Where, *, as_json: bool
) -> None:
    """Print the messages that a seat would be shown."""
    wish: JsonObject = {"meeting_type": _type(meeting_type)}
    if instruction is not None:
        wish["instruction"] = _text(instruction)
    if transcript is not None:
        wish["transcript"] = inputs.request(inputs.read(transcript), Wishes())["transcript"]
    with connected(where, start=False) as link:
        try:
            view = link.client.preview_template(wish)
        except Trouble as trouble:
            give_up(trouble)
    _show(view, template_terminal.preview(view), as_json=as_json)


def _type(word: str) -> TemplateFor:
    if word not in TEMPLATES_FOR:
        raise Told(f"There is no type {word!r}; there are {', '.join(TEMPLATES_FOR)}.", code=USAGE)
    return word


def _text(file: Path) -> str:
    data = sys.stdin.buffer.read() if file == STANDARD_INPUT else inputs.read(file).data
    try:
        return decode(data)
    except UnparseableTranscript as error:
        raise Told(f"{file} is no text: {error.message}", code=USAGE) from None


def _show(view: BaseModel, shown: ConsoleRenderable, *, as_json: bool) -> None:
    if as_json:
        print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(shown)
