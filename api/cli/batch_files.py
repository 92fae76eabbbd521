"""What `batch` reads and keeps: the jobs of a folder or a file, the results, and how far an earlier run came."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from pydantic import BaseModel, ValidationError

from api.batch_schemas import ResultLine
from api.cli import inputs
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Wishes
from api.client import Problem
from providers.calls import JsonObject

_BLOCK_BYTES: Final = 64 * 1024
_KEY_BYTES: Final = 16  # 128 random bits: two runs never meet under one key


class Course(BaseModel):
    """How far a run came. `meant` is a digest of what was to be done; `batch_id` is known once all was handed in.

    `at` is the moment that the first run meant: to a later one, the same length of time from now would be another.
    """

    idempotency_key: str
    meant: str
    at: str | None = None
    batch_id: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Source:
    """A folder of transcripts, or a file of NDJSON."""

    path: Path

    def check(self) -> None:
        """Raises Told: there is nothing to hand in, a usage error."""
        if self.path.is_dir():
            if not self._files():
                raise Told(f"There is no file in {self.path}.", code=USAGE)
        elif not self.path.exists():
            raise Told(f"There is no file {self.path}.", code=USAGE)
        elif self.path.suffix not in {".ndjson", ".jsonl"}:
            raise Told(f"{self.path} is neither a folder nor NDJSON. Use `analyze` for single files.", code=USAGE)

    def jobs(self) -> Iterator[JsonObject | bytes]:
        """In the order of names, or of lines; the same in each run over the same files."""
        if not self.path.is_dir():
            with self.path.open("rb") as file:
                yield from file
            return
        for path in self._files():
            try:
                yield {"custom_id": path.name[:200], **inputs.request(inputs.read(path), Wishes())}
            except Problem as problem:
                tell(f"{path} is left out: {problem}")

    def _files(self) -> list[Path]:
        return sorted(path for path in self.path.iterdir() if path.is_file() and not path.name.startswith("."))


def meant(source: Path, wishes: Wishes, *, atomic: bool) -> str:
    """A digest of what is to be done, so that a run goes on with nothing else."""
    said = json.dumps([str(source.resolve()), asdict(wishes), atomic], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def course(output: Path, wanted: str) -> Course:
    """How far an earlier run over this output came, or a new course.

    Raises:
        Told: that run was about something else, or the output is not one of ours.
    """
    try:
        found = Course.model_validate_json(_beside(output).read_bytes())
    except FileNotFoundError:
        if output.exists():
            raise Told(f"{output} exists already. Name another file with -o.", code=USAGE) from None
        return Course(idempotency_key=f"batch-{secrets.token_hex(_KEY_BYTES)}", meant=wanted)
    except (OSError, ValidationError):
        raise Told(f"{_beside(output)} cannot be read. Name another file with -o.", code=USAGE) from None
    if found.meant != wanted:
        raise Told(f"{output} was begun with other files or options. Name another file with -o.", code=USAGE)
    return found


def keep(output: Path, now: Course) -> None:
    """Remember it, whole or not at all. Raises Told: the place cannot be written to."""
    fresh = _beside(output).with_suffix(".new")
    try:
        fresh.write_text(now.model_dump_json(), encoding="utf-8")
        fresh.replace(_beside(output))
    except OSError as error:
        raise Told(f"{_beside(output)} cannot be written: {error.strerror}.") from None


def last_line(output: Path) -> int:
    """Of the results that the file holds; 0 without any. A line that was cut off is taken away.

    Raises:
        Told: the file cannot be read, or holds something else.
    """
    if not output.exists():
        return 0
    try:
        with output.open("r+b") as file:
            whole = _behind_line(file, file.seek(0, os.SEEK_END))
            file.truncate(whole)
            begin = _behind_line(file, max(0, whole - 1))
            file.seek(begin)
            last = file.read(whole - begin)
        return ResultLine.model_validate_json(last).line if last else 0
    except (OSError, ValidationError):
        raise Told(f"{output} holds something else than results. Name another file with -o.", code=USAGE) from None


def _behind_line(file: IO[bytes], before: int) -> int:
    """Where the last line's end before that place is over; 0: there is none."""
    while before:
        begin = max(0, before - _BLOCK_BYTES)
        file.seek(begin)
        found = file.read(before - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        before = begin
    return 0


def _beside(output: Path) -> Path:
    return output.with_name(f"{output.name}.course")
