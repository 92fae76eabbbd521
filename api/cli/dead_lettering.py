"""What the command `dead-letters` does."""

import secrets
import sys
from collections.abc import Mapping
from typing import NamedTuple

from api import dead_letter_terminal, terminal
from api.cli.errands import give_up, print_line
from api.cli.exits import FAILED
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Filter, Trouble


class Wanted(NamedTuple):
    """What shall go on: these jobs, or those that the filters mean."""

    jobs: tuple[str, ...]
    filters: dict[str, str]
    limit: int
    dry_run: bool


def page(filters: Mapping[str, Filter], where: Where, *, as_json: bool) -> None:
    """Print a page of jobs that ended badly."""
    with connected(where, start=False) as link:
        try:
            found = link.client.dead_letters(**filters)
        except Trouble as trouble:
            give_up(trouble)
    if not as_json:
        terminal.console(sys.stdout).print(dead_letter_terminal.page(found))
        return
    for letter in found.data:
        print_line(as_line(letter))


def requeue(wanted: Wanted, where: Where, *, as_json: bool) -> None:
    """Have them go on, and print what became of each; with 1 if some were refused."""
    with connected(where, start=False) as link:
        try:
            done = link.client.requeue(
                wanted.jobs or None,
                filter=None if wanted.jobs else dict(wanted.filters),
                limit=wanted.limit,
                dry_run=wanted.dry_run,
                # Of this run alone: it is sent again where no answer comes, and another run means what fails by then.
                idempotency_key=f"requeue-{secrets.token_hex(16)}",
            )
        except Trouble as trouble:
            give_up(trouble)
    if as_json:
        print_line(as_line(done))
    else:
        terminal.console(sys.stdout).print(dead_letter_terminal.requeued(done))
    if done.refused:
        sys.exit(FAILED)
