"""What the command `providers` does."""

import sys

from pydantic import BaseModel
from rich.console import ConsoleRenderable

from api import provider_terminal, terminal
from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Client, Trouble


def show(provider: str, where: Where, *, reset: bool, as_json: bool) -> None:
    """Print all providers, one a line, or one with its models."""
    if reset and not provider:
        raise Told("Name the provider whose circuits shall be closed.", code=USAGE)
    with connected(where, start=False) as link:
        try:
            if reset:
                link.client.reset_circuits(provider)
            shown = _one(link.client, provider) if provider else _all(link.client)
        except Trouble as trouble:
            give_up(trouble)
    views, picture = shown
    if as_json:
        for view in views:
            print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(picture)


def _all(client: Client) -> tuple[tuple[BaseModel, ...], ConsoleRenderable]:
    view = client.providers()
    return view.data, provider_terminal.providers(view)


def _one(client: Client, provider: str) -> tuple[tuple[BaseModel, ...], ConsoleRenderable]:
    view, models = client.provider(provider), client.models(provider)
    return (view, models), provider_terminal.provider(view, models)
