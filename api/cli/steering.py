"""What the commands about batches do: list, show, results, and the four ways to steer one."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

from api import batch_terminal, terminal
from api.batch_schemas import BatchView, ResultLine
from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Client, Trouble

Steer: TypeAlias = Literal["pause", "resume", "cancel", "retry"]

_STEERS: Final[dict[Steer, Callable[[Client, str], BatchView]]] = {
    "pause": lambda client, batch_id: client.pause_batch(batch_id),
    "resume": lambda client, batch_id: client.resume_batch(batch_id),
    "cancel": lambda client, batch_id: client.cancel_batch(batch_id),
    "retry": lambda client, batch_id: client.retry_batch(batch_id),
}


def page(limit: int, cursor: str | None, where: Where, *, as_json: bool) -> None:
    """Print a page of batches, one a line."""
    with _asking(where) as client:
        view = client.batches(limit, cursor)
    if as_json:
        for batch in view.data:
            print_line(as_line(batch))
    else:
        terminal.console(sys.stdout).print(batch_terminal.batches(view))


def show(batch_id: str, where: Where, *, as_json: bool) -> None:
    """Print one batch; for people with all lines that were refused."""
    with _asking(where) as client:
        batch = client.batch(batch_id)
        refused = client.batch_errors(batch_id) if batch.refused and not as_json else ()
        if as_json:
            print_line(as_line(batch))
            return
        out = terminal.console(sys.stdout)
        out.print(terminal.said(batch_terminal.standing(batch)), soft_wrap=True)
        for error in refused:
            out.print(terminal.said(batch_terminal.refusal(error)), soft_wrap=True)


def steer(what: Steer, batch_id: str, where: Where, *, as_json: bool) -> None:
    """Do it, and print how the batch stands then."""
    with _asking(where) as client:
        batch = _STEERS[what](client, batch_id)
    if as_json:
        print_line(as_line(batch))
    else:
        terminal.console(sys.stdout).print(terminal.said(batch_terminal.standing(batch)), soft_wrap=True)


def results(batch_id: str, after: int, output: Path | None, where: Where) -> None:
    """Print what there is behind that line, or write it to a file that is not there yet.

    Raises:
        Told: the file is there, or cannot be written.
    """
    if output is not None and output.exists():
        raise Told(f"{output} exists already. Name another file with -o.", code=USAGE)
    with _asking(where) as client:
        found = client.batch_results(batch_id, after)
        if output is None:
            for line in found:
                print_line(as_line(line))
        else:
            _write(found, output)


def _write(found: Iterator[ResultLine], output: Path) -> None:
    """The file appears with the first answer, so that an unknown batch leaves none."""
    count, last = 0, None
    try:
        first = next(found, None)
        with output.open("xb") as file:
            while first is not None:
                file.write(as_line(first).encode() + b"\n")
                count, last = count + 1, first.line
                first = next(found, None)
    except OSError as error:
        raise Told(f"The results cannot be written to {output}: {error.strerror}.") from None
    tell(f"Results: {count}, the last of line {last}: {output.resolve()}" if count else "No result is there yet.")


@contextmanager
def _asking(where: Where) -> Iterator[Client]:
    """A client whose trouble ends the command with a sentence."""
    with connected(where, start=False) as link:
        try:
            yield link.client
        except Trouble as trouble:
            give_up(trouble)
