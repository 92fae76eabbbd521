"""The command `batch`: hands in a folder or a file, watches, and writes results in order while they come.

It may be stopped at any time: the batch goes on without us, and the same command goes on with the batch.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from api import batch_terminal
from api.batch_schemas import ENDED, BatchView
from api.cli import batch_files, inputs, scheduling
from api.cli.batch_files import Course, Source
from api.cli.errands import give_up, print_line
from api.cli.exits import FAILED, Stopped, Told, tell
from api.cli.options import Where, Wishes
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Client, Trouble
from providers.calls import JsonObject

LOOK_EVERY_S: Final = 1.0
SAY_EVERY_S: Final = 10.0  # where no terminal shows a line that changes


def run(path: Path, wishes: Wishes, where: Where, *, output: Path | None, atomic: bool, as_json: bool) -> None:
    """Do all of it, or what an earlier run left."""
    source = Source(path)
    source.check()
    out = output or Path(f"{path.resolve().stem}.results.ndjson")
    course = batch_files.course(out, batch_files.meant(path, wishes, atomic=atomic))
    if course.done:
        raise Told(f"{out} is whole already. Name another file with -o to analyze them again.", code=0)
    if course.at is None:
        course = course.model_copy(update={"at": scheduling.scheduled(wishes, datetime.now(UTC)).at})
    wishes = replace(wishes, at=course.at, delay=None)
    batch_files.keep(out, course)
    say = _Saying(quiet=as_json)
    try:
        with connected(where, start=True) as link:
            batch_id = _handed_in(link.client, source, wishes, out, course, say, atomic=atomic)
            batch = _followed(link.client, batch_id, out, say)
    except Trouble as trouble:
        say.end()
        give_up(trouble)
    except Stopped:
        say.end()
        tell(f"Stopped; the batch goes on. The same command goes on with {out}.")
        raise
    say.end()
    batch_files.keep(out, course.model_copy(update={"batch_id": batch.id, "done": True}))
    if as_json:
        print_line(as_line(batch))
    else:
        tell(f"{batch_terminal.end(batch)}. Results: {out}")
    if not batch_terminal.succeeded(batch):
        sys.exit(FAILED)


def _handed_in(
    client: Client, source: Source, wishes: Wishes, out: Path, course: Course, say: "_Saying", *, atomic: bool
) -> str:
    """The id of the batch, once all of it is handed in."""
    if course.batch_id is not None:
        return course.batch_id
    batch = client.create_batch(
        say.counted(source.jobs()),
        defaults=inputs.wished(wishes),
        atomic=atomic,
        idempotency_key=course.idempotency_key,
    )
    batch_files.keep(out, course.model_copy(update={"batch_id": batch.id}))
    for error in batch.errors:
        say.aside(f"Line {error.line} ({error.custom_id or 'no custom_id'}): {error.error.get('detail')}")
    return batch.id


def _followed(client: Client, batch_id: str, out: Path, say: "_Saying") -> BatchView:
    """Write results behind those that are there, until the batch has ended and all of them are."""
    after = batch_files.last_line(out)
    with out.open("ab") as file:
        while True:
            batch = client.batch(batch_id)
            after = _written(client, batch_id, after, file)
            say.line(batch_terminal.line(batch))
            if batch.status in ENDED:
                return batch
            time.sleep(LOOK_EVERY_S)


def _written(client: Client, batch_id: str, after: int, file: IO[bytes]) -> int:
    for result in client.batch_results(batch_id, after):
        file.write(as_line(result).encode() + b"\n")
        after = result.line
    file.flush()
    return after


class _Saying:
    """What people see meanwhile: one line that changes, or a line now and then where none can."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._changes = sys.stderr.isatty()
        self._said_at = float("-inf")
        self._width = 0

    def counted(self, jobs: Iterator[JsonObject | bytes]) -> Iterator[JsonObject | bytes]:
        """The same, while it is said how many there were."""
        for number, job in enumerate(jobs, 1):
            yield job
            self.line(f"{number} handed in")

    def line(self, text: str) -> None:
        if self._quiet:
            return
        if self._changes:
            sys.stderr.write("\r" + text.ljust(self._width))
            sys.stderr.flush()
            self._width = len(text)
        elif time.monotonic() - self._said_at >= SAY_EVERY_S:
            self._said_at = time.monotonic()
            tell(text)

    def aside(self, text: str) -> None:
        if not self._quiet:
            self.end()
            tell(text)

    def end(self) -> None:
        """The next thing that is said begins a line."""
        if self._changes and self._width:
            tell("")
        self._width = 0
