"""What the command `plan` does: the plan of a file, without running it."""

import sys
from pathlib import Path

from api import plan_terminal, terminal
from api.cli import inputs
from api.cli.errands import give_up, print_line
from api.cli.options import Where, Wishes
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Trouble


def plan(path: Path, wishes: Wishes, where: Where, *, every: bool, as_json: bool) -> None:
    """Print what a job of this file would be and cost. A stack is started for it where none runs."""
    file = inputs.read(path)
    with connected(where, start=True) as link:
        try:
            view = link.client.plan(inputs.request(file, wishes))
        except Trouble as trouble:
            give_up(trouble)
    if as_json:
        print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(plan_terminal.plan(view, every=every))
